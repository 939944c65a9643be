package sweep

import (
	"encoding/csv"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"testing"
)

func mustParse(t *testing.T, path string) *Spec {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	spec, err := Parse(text, ParseOptions{})
	if err != nil {
		t.Fatalf("%s:\n%v", path, err)
	}
	return spec
}

func mustPlan(t *testing.T, spec *Spec) *PlanResult {
	t.Helper()
	plan, err := Plan(spec, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	return plan
}

func TestExamplesParseAndPlan(t *testing.T) {
	files, err := filepath.Glob("../examples/*.yaml")
	if err != nil || len(files) < 4 {
		t.Fatalf("found %v: %v", files, err)
	}
	for _, file := range files {
		if plan := mustPlan(t, mustParse(t, file)); len(plan.Runs) == 0 {
			t.Errorf("%s plans no run", file)
		}
	}
}

func TestExamplesSurviveJSON(t *testing.T) {
	for _, name := range []string{"quickstart", "icons-ladder", "icons-learning-rate", "openclip-2023", "surface"} {
		spec := mustParse(t, "../examples/"+name+".yaml")
		text, err := json.Marshal(spec)
		if err != nil {
			t.Fatal(err)
		}
		var again Spec
		if err := json.Unmarshal(text, &again); err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(spec, &again) {
			t.Errorf("%s is another sweep after JSON:\n%+v\n%+v", name, spec, again)
		}
	}
}

func TestQuickstartHasTheGridItPromises(t *testing.T) {
	plan := mustPlan(t, mustParse(t, "../examples/quickstart.yaml"))
	models, data, samples := map[string]bool{}, map[string]bool{}, map[int64]bool{}
	for _, r := range plan.Runs {
		models[r.Model.Name], data[r.Data.Name], samples[r.SamplesSeen] = true, true, true
	}
	if len(models) < 4 || len(data) < 2 || len(samples) < 2 || len(plan.Runs) != len(models)*len(data)*len(samples) {
		t.Errorf("%d models x %d data scales x %d amounts of samples, %d runs", len(models), len(data), len(samples), len(plan.Runs))
	}
}

// The plan of the seed study reproduces its published compute run by run.
func TestOpenCLIP2023ReproducesPublishedCompute(t *testing.T) {
	plan := mustPlan(t, mustParse(t, "../examples/openclip-2023.yaml"))
	published := readCSV(t, "testdata/openclip_runs.csv")
	if len(plan.Runs) != 29 || len(published) != 29 {
		t.Fatalf("%d runs planned, %d published, want 29", len(plan.Runs), len(published))
	}
	for i, row := range published {
		want := number(t, row["gmacs_total"])
		if got := plan.Runs[i].GMACsTotal; math.Abs(got/want-1) > 0.005 {
			t.Errorf("%s: %g GMACs planned, %g published", row["run_id"], got, want)
		}
	}
}

func TestModelsMatchTheAnalyticTable(t *testing.T) {
	rows := readCSV(t, "testdata/openclip_arch.csv")
	if len(rows) != len(openCLIP) {
		t.Fatalf("%d rows, %d models", len(rows), len(openCLIP))
	}
	for _, row := range rows {
		m, ok := LookupModel(row["model"])
		if !ok {
			t.Errorf("%s is not in the catalogue", row["model"])
			continue
		}
		g := m.GMACs()
		near(t, m.Name+" image", g.Image, number(t, row["image_gmacs"]), 1e-12)
		near(t, m.Name+" text", g.Text, number(t, row["text_gmacs"]), 1e-12)
		near(t, m.Name+" published", g.Total(), number(t, row["published_gmacs"]), 0.0028)
		near(t, m.Name+" parameters", float64(m.Params())/1e6, number(t, row["params_millions"]), 1e-12)
	}
	if n := tiny.Params(); n != 255_745 {
		t.Errorf("tiny has %d parameters, want 255,745", n)
	}
}

// Multiply-adds of the ladder, counted by hand for w4, w8 and w16.
func TestLadderCompute(t *testing.T) {
	for w, want := range map[int]float64{4: 32256, 8: 63488, 16: 180224} {
		near(t, NewLadder(w).Name, NewLadder(w).GMACs().Total()*1e9, want, 1e-12)
	}
}

func near(t *testing.T, what string, got, want, tolerance float64) {
	t.Helper()
	if math.Abs(got-want) > tolerance*math.Abs(want) {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

func number(t *testing.T, text string) float64 {
	t.Helper()
	x, err := strconv.ParseFloat(text, 64)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func readCSV(t *testing.T, path string) []map[string]string {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var rows []map[string]string
	for _, line := range lines[1:] {
		row := map[string]string{}
		for i, column := range lines[0] {
			row[column] = line[i]
		}
		rows = append(rows, row)
	}
	return rows
}
