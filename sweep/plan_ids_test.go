package sweep

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func idsOf(p *PlanResult) []string {
	var ids []string
	for _, r := range p.Runs {
		ids = append(ids, r.ID)
	}
	return ids
}

// Run ids are in databases and on disks: they must not change between versions, unless the
// numerics do.
func TestRunIDsStay(t *testing.T) {
	want := map[int]string{
		0:  "41bf81029edfe49dae36399242646d36",
		7:  "06ef845f2023d8582287c7ad85aec6ed",
		24: "b23e6be2765f43d8ed60acad146dd700",
		43: "723269ee669f7973ee4c80f39bffb9de",
	}
	ids := idsOf(mustPlan(t, mustParse(t, "../examples/quickstart.yaml")))
	for i, id := range want {
		if ids[i] != id {
			t.Errorf("cell %d of the quickstart is %s, was %s", i, ids[i], id)
		}
	}
	if id := mustPlan(t, mustParse(t, "../examples/icons-ladder.yaml")).Runs[0].ID; id != want[0] {
		t.Errorf("the ladder study does not share its first cell with the quickstart: %s", id)
	}
	if id := mustPlan(t, mustParse(t, "../examples/openclip-2023.yaml")).Runs[28].ID; id != "167b8dc228cf2624cb6a0aed3910afce" {
		t.Errorf("ViT-H-14 of 2023 is %s", id)
	}
	if id := mustPlan(t, mustParse(t, "../examples/surface.yaml")).Runs[0].ID; id != "99d17681d322ea2a885823b839d3faf3" {
		t.Errorf("the first cell of the surface is %s", id)
	}
}

// A run id can be computed by anyone from what decides the weights.
func TestRunIDIsTheHashOfThisJSON(t *testing.T) {
	text := `{"trainer":"clip","revision":"clip-2",` +
		`"ladder":{"width":4,"text_width":32,"depth":1,"embed_dim":64,"vocabulary":6000,"context":8},` +
		`"data":"icons-6k","data_revision":"icons32-1","samples_seen":128000,"seed":0,` +
		`"recipe":{"batch_size":128,"learning_rate":0.002,"warmup_steps":100,"weight_decay":0.1,"beta1":0.9,"beta2":0.98,` +
		`"eps":1e-8,"schedule":"cosine","precision":"fp32"}}`
	sum := sha256.Sum256([]byte(text))
	if got, want := planOf(t, small).Runs[0].ID, hex.EncodeToString(sum[:16]); got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// How a file is written does not enter the ids.
func TestRunIDsDoNotDependOnTheWriting(t *testing.T) {
	want := idsOf(planOf(t, small))
	for name, text := range map[string]string{
		"comments":           "# a study\n" + strings.ReplaceAll(small, "\n", " # so\n\n"),
		"order of the keys":  "grid:\n  model: [icons-w4, icons-w8]\n  data: [icons-6k]\n  samples_seen: [128K]\ntrainer: clip\nname: s\n",
		"order of the axes":  instead("  model: [icons-w4, icons-w8]\n  data: [icons-6k]\n", "  data: [icons-6k]\n  model: [icons-w4, icons-w8]\n"),
		"another name":       instead("name: s", "name: t"),
		"plain number":       instead("128K", "128000"),
		"0.128M":             instead("128K", "0.128M"),
		"1.28e5":             instead("128K", "1.28e5"),
		"underscores":        instead("128K", "128_000"),
		"quotes":             instead("128K", `"128K"`),
		"JSON":               `{"name": "s", "trainer": "clip", "grid": {"model": ["icons-w4", "icons-w8"], "data": ["icons-6k"], "samples_seen": [128000]}}`,
		"stated defaults":    with("recipe: {learning_rate: 0.002, weight_decay: 1e-1, warmup: 10%, batch_size: 128, beta2: .98, precision: fp32}\n"),
		"default on an axis": with("  seed: [0]\n  learning_rate: [2.0e-3]\n"),
		"default by a rule":  with("rules: [{when: {data: icons-6k}, set: {warmup: 100}}]\n"),
		"other asks":         with("checkpoints: 5\nevaluate: [icons-test]\nfits: []\nlimits: {concurrency: 9}\n"),
	} {
		if d := cmp.Diff(want, idsOf(planOf(t, text))); d != "" {
			t.Errorf("%s changes the ids:\n%s", name, d)
		}
	}
}

// All that decides the weights enters the id; what does not, does not.
func TestRunIDDependsOnWhatDecidesTheWeights(t *testing.T) {
	run := planOf(t, small).Runs[0].Run
	seen := map[string]string{run.ID: "the run itself"}
	for name, change := range map[string]func(*Run){
		"trainer":       func(r *Run) { r.Trainer = "openclip" },
		"revision":      func(r *Run) { r.TrainerRevision = "clip-0" },
		"model":         func(r *Run) { r.Model = NewLadder(6) },
		"architecture":  func(r *Run) { r.Model = tiny },
		"data":          func(r *Run) { r.Data.Name = "icons-32k" },
		"data revision": func(r *Run) { r.Data.Revision = "icons32-2" },
		"samples":       func(r *Run) { r.ActualSamplesSeen += 128 },
		"seed":          func(r *Run) { r.Seed = 1 },
		"batch":         func(r *Run) { r.Recipe.BatchSize = 64 },
		"learning rate": func(r *Run) { r.Recipe.LearningRate = 1e-3 },
		"warm-up":       func(r *Run) { r.Recipe.WarmupSteps = 99 },
		"weight decay":  func(r *Run) { r.Recipe.WeightDecay = 0.2 },
		"beta1":         func(r *Run) { r.Recipe.Beta1 = 0.8 },
		"beta2":         func(r *Run) { r.Recipe.Beta2 = 0.99 },
		"eps":           func(r *Run) { r.Recipe.Eps = 1e-6 },
		"schedule":      func(r *Run) { r.Recipe.Schedule = "constant" },
		"precision":     func(r *Run) { r.Recipe.Precision = "amp" },
		"surface":       func(r *Run) { r.Surface = &Surface{} },
	} {
		other := run
		change(&other)
		id := mustID(t, other)
		if seen[id] != "" {
			t.Errorf("another %s is the id of %s", name, seen[id])
		}
		seen[id] = name
	}
	same := run
	same.SamplesSeen, same.Checkpoints, same.Model.Name, same.Data.Pairs = 127_999, 7, "another name", 1
	if id := mustID(t, same); id != run.ID {
		t.Errorf("a name, the samples asked for or the checkpoints change the id")
	}
}

func mustID(t *testing.T, r Run) string {
	t.Helper()
	id, err := RunID(r)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// A wider grid has every run of the narrower one: extending trains only what is new.
func TestPlanOfAWiderGridReuses(t *testing.T) {
	text, err := os.ReadFile("../examples/quickstart.yaml")
	if err != nil {
		t.Fatal(err)
	}
	narrow := planOf(t, string(text))
	known := Known{}
	for _, id := range idsOf(narrow) {
		known[id] = KnownRun{State: Succeeded, Checkpoints: 1}
	}
	known[narrow.Runs[0].ID] = KnownRun{State: Failed}
	wider := strings.Replace(string(text), "icons-w24]", "icons-w24, icons-w32]", 1) + "checkpoints: 3\n"
	spec, err := Parse([]byte(wider), ParseOptions{})
	if err != nil {
		t.Fatal(err)
	}
	second := func(Run) Estimate { return Estimate{Seconds: 1, Source: "a table"} }
	plan, err := Plan(spec, known, second)
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range idsOf(narrow) {
		if !slices.Contains(idsOf(plan), id) {
			t.Errorf("run %s is not in the wider plan", id)
		}
	}
	// 54 runs are there, one of them failed; 9 are new.
	if got := plan.Totals; got.Runs != 63 || got.Reused != 53 || got.Seconds != 10 || got.SecondsSource != "a table" || got.GMACsToTrain >= got.GMACs {
		t.Errorf("totals %+v", got)
	}
	if *plan.Runs[0].Reused || !*plan.Runs[1].Reused || narrow.Runs[1].Reused != nil {
		t.Error("only a run that succeeded is reused, and without a database nobody knows")
	}
	if got := codes(plan); !slices.Equal(got, []string{"fewer_checkpoints"}) {
		t.Errorf("warnings %v", got)
	}
}

func TestPlanIsPure(t *testing.T) {
	spec := mustParse(t, "../examples/icons-ladder.yaml")
	before := mustParse(t, "../examples/icons-ladder.yaml")
	first, second := mustPlan(t, spec), mustPlan(t, spec)
	if d := cmp.Diff(first, second); d != "" {
		t.Errorf("planned again, it is another plan:\n%s", d)
	}
	if d := cmp.Diff(before, spec); d != "" {
		t.Errorf("planning changed the spec:\n%s", d)
	}
}

// A run on files is known by their content: not by the folder they lie in, nor by the pattern.
func TestFilesAreKnownByTheirRevision(t *testing.T) {
	ids := map[string]bool{}
	for _, d := range []Dataset{
		{Name: "a/{0..3}.tar", Source: SourceFiles, Revision: "files-1", Pairs: 9, Files: &DataFiles{Pattern: "/a/{0..3}.tar"}},
		{Name: "/b/*.tar", Source: SourceFiles, Revision: "files-1", Pairs: 9, Files: &DataFiles{Pattern: "/b/*.tar"}},
		{Name: "a/{0..3}.tar", Source: SourceFiles, Revision: "files-2", Pairs: 9},
		{Name: "icons-6k", Source: "icons-32", Revision: "files-1"},
	} {
		id, err := RunID(Run{Data: d})
		if err != nil {
			t.Fatal(err)
		}
		ids[id] = true
	}
	if len(ids) != 3 {
		t.Errorf("%d ids", len(ids))
	}
}
