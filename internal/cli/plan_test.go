package cli

import (
	"encoding/csv"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// runIDs are replaced in golden files: they change with a trainer's numerics, tables do not.
var runIDs = regexp.MustCompile(`(?m)(^|")[0-9a-f]{12}([0-9a-f]{20})?\b`)

func withoutIDs(text string) string { return runIDs.ReplaceAllString(text, "${1}(an id)     ") }

func TestPlanForPeople(t *testing.T) {
	for _, name := range []string{"quickstart", "openclip-2023"} {
		o := succeeds(t, environ(t), "plan", "../../examples/"+name+".yaml")
		golden(t, "plan-"+name+".txt", withoutIDs(o.out)+"--- stderr\n"+o.err)
	}
}

const twoCells = `
name: two
trainer: clip
grid:
  model: [icons-w4]
  data: [icons-6k]
  samples_seen: [128K, 1000]
`

func TestPlanAsJSON(t *testing.T) {
	o := invoke(environ(t), twoCells, "plan", "-", "-o", "json")
	if o.code != exitDone {
		t.Fatal(o.err)
	}
	golden(t, "plan-two.json", withoutIDs(o.out))
}

// A cell's memory is that of its model and batch size, and goes into every output.
func TestPlanOfMemory(t *testing.T) {
	plan := func(batch string) []plannedView {
		o := invoke(environ(t), twoCells+"recipe: {batch_size: "+batch+"}\n", "plan", "-", "-o", "json")
		return decode[planView](t, o.out).Runs
	}
	small, large := plan("50"), plan("100")
	if small[0].MemoryBytes == nil || *small[0].MemoryBytes != *small[1].MemoryBytes {
		t.Fatalf("%+v", small)
	}
	m := small[0]
	if grown := *large[0].MemoryBytes - *m.MemoryBytes; grown%50 != 0 || grown < 50*4*1024 {
		t.Errorf("50 samples more take %d bytes: an icon alone has 4096", grown)
	}
	has(t, "as csv", invoke(environ(t), twoCells, "plan", "-", "-o", "csv").out, ",memory,reused")
	other := decode[planView](t, succeeds(t, environ(t), "plan", "../../examples/openclip-2023.yaml", "-o", "json").out)
	if other.Runs[0].MemoryBytes != nil {
		t.Errorf("the memory of another trainer: %d", *other.Runs[0].MemoryBytes)
	}
}

// published reads the samples and compute of the published runs, which the plan did not make.
func published(t *testing.T) [][]float64 {
	t.Helper()
	f, err := os.Open("../../sweep/testdata/openclip_runs.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var numbers [][]float64
	for _, row := range rows[1:] {
		var line []float64
		for _, text := range row[1:] {
			x, err := strconv.ParseFloat(text, 64)
			if err != nil {
				t.Fatal(err)
			}
			line = append(line, x)
		}
		numbers = append(numbers, line)
	}
	return numbers
}

// The published grid comes out run by run: samples exactly, compute within the 0.2 % by which the
// study's own count of multiply-adds differs.
func TestPlanOfThePublishedStudy(t *testing.T) {
	plan := decode[planView](t, succeeds(t, environ(t), "plan", "../../examples/openclip-2023.yaml", "-o", "json").out)
	want := published(t)
	if len(want) != 29 || len(plan.Runs) != len(want) || plan.Totals.Runs != len(want) {
		t.Fatalf("%d published runs, %d planned, total %d: want 29", len(want), len(plan.Runs), plan.Totals.Runs)
	}
	seen, gmacs := map[string]bool{}, 0.0
	for i, r := range plan.Runs {
		if float64(r.SamplesSeen) != want[i][0] || math.Abs(r.GMACsPerSample/want[i][1]-1) > 0.002 {
			t.Errorf("run %d: %d samples of %g GMACs, want %g of %g", i, r.SamplesSeen, r.GMACsPerSample, want[i][0], want[i][1])
		}
		if r.Seconds != nil || r.Reused != nil {
			t.Errorf("run %d: seconds %v, reused %v: nothing is known of them", i, r.Seconds, r.Reused)
		}
		seen[r.ID] = true
		gmacs += r.GMACsTotal
	}
	if len(seen) != 29 || math.Abs(gmacs-plan.Totals.GMACs) > 1e-6*gmacs {
		t.Errorf("%d ids, %g GMACs, of a total of %g", len(seen), gmacs, plan.Totals.GMACs)
	}
}

// CSV has whole ids and every digit of what people see rounded.
func TestPlanAsCSV(t *testing.T) {
	o := succeeds(t, environ(t), "plan", "testdata/quickstart.yaml", "-o", "csv")
	rows, err := csv.NewReader(strings.NewReader(o.out)).ReadAll()
	if err != nil || len(rows) != 17 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	plan := decode[planView](t, succeeds(t, environ(t), "plan", "testdata/quickstart.yaml", "-o", "json").out)
	for i, r := range plan.Runs {
		row := rows[i+1]
		samples, err := strconv.ParseInt(row[3], 10, 64)
		if err != nil || samples != r.SamplesSeen || row[0] != r.ID {
			t.Errorf("row %v, want run %s with %d samples", row, r.ID, r.SamplesSeen)
		}
		gmacs, err := strconv.ParseFloat(row[7], 64)
		if err != nil || gmacs != r.GMACsTotal {
			t.Errorf("GMACs %q, want %v", row[7], r.GMACsTotal)
		}
		took, err := strconv.ParseFloat(row[8], 64)
		if err != nil || took != *r.Seconds {
			t.Errorf("seconds %q, want %v", row[8], *r.Seconds)
		}
	}
}

// A plan touches nothing: the data folder that it was told stays away.
func TestPlanMakesNoFolder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "none")
	succeeds(t, environ(t), "--data-dir", dir, "plan", "testdata/quickstart.yaml")
	if _, err := os.Stat(dir); !os.IsNotExist(err) {
		t.Errorf("%s: %v", dir, err)
	}
}

// A price gives the table a column, JSON its costs, and goes before that of the file.
func TestPlanWithAPrice(t *testing.T) {
	file := filepath.Join(t.TempDir(), "s.yaml")
	text := "name: s\ntrainer: clip\ngrid: {model: [icons-w4], data: [icons-6k], samples_seen: [128K]}\nlimits: {price_per_device_hour: 1}\n"
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	one := decode[planView](t, succeeds(t, environ(t), "plan", file, "-o", "json").out)
	four := decode[planView](t, succeeds(t, environ(t), "plan", file, "--price", "4", "-o", "json").out)
	if want := *one.Runs[0].Seconds / 3600; *one.Runs[0].Cost != want || *one.Totals.Cost != want || *four.Totals.Cost != 4*want || one.Price != 1 || four.Price != 4 {
		t.Errorf("%+v, %+v", one, four)
	}
	shown := succeeds(t, environ(t), "plan", file)
	if !strings.Contains(shown.out, "COST") || !strings.Contains(shown.err, "costs about") {
		t.Errorf("%s%s", shown.out, shown.err)
	}
	fails(t, environ(t), exitBadInput, []string{"--price is 0"}, "plan", file, "--price", "0")
}
