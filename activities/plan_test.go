package activities

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/scalelaw/scalelaw/sweep"
)

const surfaceFile = `
name: s
trainer: surface
surface: {alpha: -0.12, beta: 6, floor: 0.05, noise: 0.03}
grid:
  model: [ViT-S-32, ViT-B-32, ViT-L-14]
  data: [LAION-80M, LAION-400M]
  samples_seen: [100M, 1600M]
  seed: [0, 1]
limits: {concurrency: 7, attempts: 2}
`

// specOf is a sweep file as it travels to the activity.
func specOf(t *testing.T, file string) []byte {
	t.Helper()
	spec, err := sweep.Parse([]byte(file), sweep.ParseOptions{})
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(spec)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestPlanSweep(t *testing.T) {
	w, got := surfaceSweep(t)
	if got.Total != 24 || got.Reused != 0 || !got.Batched || got.Trainer != "surface" || got.Tasks != nil || got.Checkpoints != 1 {
		t.Errorf("%+v", got)
	}
	if got.Limits.Concurrency != 7 || got.Limits.Attempts != 2 || len(got.Fits) != 1 || got.Fits[0].Metric != "surface/top1_error" {
		t.Errorf("%+v", got)
	}
	record := w.store.sweeps["s"].record
	if record.CodeVersion != "v1" || len(record.SpecSHA256) != 64 || string(record.Spec) != string(specOf(t, surfaceFile)) {
		t.Errorf("stored %+v", record)
	}
}

// A sweep that evaluates has its tasks as a stage of each run.
func TestPlanOfATrainedSweep(t *testing.T) {
	w := newWorld(t)
	file := "name: c\ntrainer: clip\ngrid: {model: [icons-w8], data: [icons-160k], samples_seen: [64K]}\nevaluate: [icons-test]\ncheckpoints: 3\n"
	got, err := call[PlanResult](w, w.do.PlanSweep, PlanInput{Name: "c", Spec: specOf(t, file)})
	if err != nil || got.Batched || !slices.Equal(got.Tasks, []string{"icons-test"}) || got.Checkpoints != 3 || got.Total != 1 {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestPlanAgainAndExtended(t *testing.T) {
	w, first := surfaceSweep(t)
	again, err := call[PlanResult](w, w.do.PlanSweep, PlanInput{Name: "s", Spec: specOf(t, surfaceFile)})
	if err != nil || again.Total != first.Total || again.Reused != 0 {
		t.Errorf("again: %+v, %v", again, err)
	}
	if _, err := w.drawAll(); err != nil {
		t.Fatal(err)
	}
	more := strings.Replace(surfaceFile, "[0, 1]", "[0, 1, 2]", 1)
	if again, err = call[PlanResult](w, w.do.PlanSweep, PlanInput{Name: "s", Spec: specOf(t, more)}); err != nil || again.Total != 36 || again.Reused != 0 {
		t.Errorf("extended: %+v, %v", again, err)
	}
	other := strings.Replace(more, "name: s\n", "name: s2\n", 1)
	if again, err = call[PlanResult](w, w.do.PlanSweep, PlanInput{Name: "s2", Spec: specOf(t, other)}); err != nil || again.Total != 36 || again.Reused != 24 {
		t.Errorf("another sweep: %+v, %v", again, err)
	}
}

func TestPlanRefuses(t *testing.T) {
	w := newWorld(t)
	unavailable := strings.Replace(string(specOf(t, surfaceFile)), `"trainer":"surface"`, `"trainer":"rocket"`, 1)
	for name, spec := range map[string]string{"no JSON": "name: s", "no such trainer": unavailable} {
		_, err := call[PlanResult](w, w.do.PlanSweep, PlanInput{Name: "s", Spec: []byte(spec)})
		if got := failureOf(t, err); got.Type() != ClassBadInput || !got.NonRetryable() || w.store.sweeps["s"] != nil {
			t.Errorf("%s: %s: %v", name, got.Type(), got)
		}
	}
}

func TestNextCells(t *testing.T) {
	w, _ := surfaceSweep(t)
	all, err := call[[]Cell](w, w.do.NextCells, CellsInput{Sweep: "s", Limit: 100})
	if err != nil || len(all) != 24 {
		t.Fatalf("%d cells, %v", len(all), err)
	}
	if c := all[23]; c.Ordinal != 23 || c.RunID == "" || c.State != sweep.Planned || c.Model != "ViT-L-14" || c.Data != "LAION-400M" || c.SamplesSeen != 1_600_000_000 {
		t.Errorf("the last cell: %+v", c)
	}
	page, err := call[[]Cell](w, w.do.NextCells, CellsInput{Sweep: "s", From: 22, Limit: 100})
	if err != nil || !slices.Equal(page, all[22:]) {
		t.Errorf("the last page: %+v, %v", page, err)
	}
}

// Ordinals may have gaps, and pages end anywhere: each cell counts once.
func TestCountCells(t *testing.T) {
	w := newWorld(t)
	s := &fakeSweep{}
	for i := range 4500 {
		s.cells = append(s.cells, sweep.Cell{Ordinal: 3 * i, RunID: runID})
	}
	w.store.sweeps["s"] = s
	if got := w.counts(); got.Total != 4500 || got.Counts[sweep.Planned] != 4500 {
		t.Errorf("%+v", got)
	}
}

func TestStates(t *testing.T) {
	w, _ := surfaceSweep(t)
	if _, err := call[any](w, w.do.SetRunState, StateInput{ID: runID, State: sweep.Diverged, Reason: "the loss is NaN at step 3"}); err != nil {
		t.Fatal(err)
	}
	if got, err := call[RunOutcome](w, w.do.ReadRun, runID); err != nil || got != (RunOutcome{State: sweep.Diverged, Reason: "the loss is NaN at step 3"}) {
		t.Errorf("%+v, %v", got, err)
	}
	if _, err := call[any](w, w.do.SetSweepState, StateInput{ID: "s", State: sweep.Paused, Reason: "lunch"}); err != nil {
		t.Fatal(err)
	}
	if got := w.store.sweeps["s"].record; got.State != sweep.Paused || got.Reason != "lunch" {
		t.Errorf("%+v", got)
	}
	_, err := call[any](w, w.do.SetSweepState, StateInput{ID: "none", State: sweep.Paused})
	if got := failureOf(t, err); got.Type() != ClassBadInput {
		t.Errorf("no such sweep: %s", got.Type())
	}
}
