package cli

import (
	"testing"

	"github.com/scalelaw/scalelaw/store"
	"github.com/scalelaw/scalelaw/sweep"
)

// A sweep goes with its rows and its files; one that runs is kept.
func TestDelete(t *testing.T) {
	w := newWorld(t)
	w.fit(t)
	files := w.checkpoints(t)
	equal(t, "files before", w.stored(t, files), 14)
	must(t, w.store.SetSweepState(ctx, "quickstart", sweep.Running, ""))
	fails(t, w.getenv, exitBadInput, []string{"it is running", "cancel it first"}, "delete", "quickstart", "--yes")
	equal(t, "files of a sweep that runs", w.stored(t, files), 14)
	must(t, w.store.SetSweepState(ctx, "quickstart", sweep.Cancelled, ""))
	o := succeeds(t, w.getenv, "delete", "quickstart", "-o", "json")
	has(t, "what would go", o.err, "this removes 1 sweeps, 16 runs that nothing else uses, 1 fits, 14 files")
	gone := decode[store.Removal](t, o.out)
	if len(gone.Sweeps) != 1 || len(gone.Runs) != 16 || len(gone.Fits) != 1 || len(gone.Artifacts) != 14 {
		t.Errorf("%+v", gone)
	}
	equal(t, "files afterwards", w.stored(t, files), 0)
	fails(t, w.getenv, exitBadInput, []string{"not found"}, "status", "quickstart")
}

// Runs that another sweep has stay, with their files.
func TestDeleteKeepsWhatOthersUse(t *testing.T) {
	w := newWorld(t)
	_, _, err := w.store.CreateSweep(ctx, sweep.SweepRecord{Name: "half", Spec: w.spec, SpecSHA256: "sha"}, w.runs[8:])
	must(t, err)
	files := w.checkpoints(t)
	gone := decode[store.Removal](t, succeeds(t, w.getenv, "delete", "quickstart", "--yes", "-o", "json").out)
	equal(t, "runs that went", len(gone.Runs), 8)
	equal(t, "files that stayed", w.stored(t, files), 8)
	has(t, "the other sweep", succeeds(t, w.getenv, "status", "half").out, "8 of 8 done", "8 reused")
	has(t, "prune finds nothing", succeeds(t, w.getenv, "prune", "--yes").err, "this removes 0 sweeps, 0 runs")
}
