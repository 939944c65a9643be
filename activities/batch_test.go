package activities

import (
	"context"
	"slices"
	"testing"

	"github.com/scalelaw/scalelaw/sweep"
	"github.com/scalelaw/scalelaw/trainer/surface"
)

// surfaceSweep is a world with a planned sweep of 24 surface cells.
func surfaceSweep(t *testing.T) (*world, PlanResult) {
	w := newWorld(t)
	planned, err := call[PlanResult](w, w.do.PlanSweep, PlanInput{Name: "s", Spec: specOf(t, surfaceFile), CodeVersion: "v1"})
	if err != nil {
		t.Fatal(err)
	}
	return w, planned
}

func (w *world) drawAll() (BatchResult, error) {
	return call[BatchResult](w, w.do.SurfaceBatch, BatchInput{Sweep: "s", Size: 5})
}

// counts are the sweep's cells by state, as the activity tells them.
func (w *world) counts() Tally {
	w.t.Helper()
	tally, err := call[Tally](w, w.do.CountCells, "s")
	if err != nil {
		w.t.Fatal(err)
	}
	return tally
}

// scoresOf are all scores of the sweep, in the order of its cells.
func (w *world) scoresOf(name string) (all []sweep.Evaluation) {
	for _, c := range w.store.sweeps[name].cells {
		all = append(all, w.store.runs[c.RunID].scores...)
	}
	return all
}

func TestBatch(t *testing.T) {
	w, _ := surfaceSweep(t)
	result, err := w.drawAll()
	if err != nil || result.Runs != 24 || w.counts().Counts[sweep.Succeeded] != 24 {
		t.Fatalf("%+v, %v: %+v", result, err, w.counts())
	}
	var want []sweep.Evaluation
	for _, c := range w.store.sweeps["s"].cells {
		drawn, err := surface.Scores(w.store.runs[c.RunID].Run)
		if err != nil {
			t.Fatal(err)
		}
		want = append(want, drawn...)
	}
	if got := w.scoresOf("s"); !slices.Equal(got, want) || len(got) != 24 {
		t.Errorf("%d scores, not those drawn from the law", len(got))
	}
}

func TestBatchAgain(t *testing.T) {
	w, _ := surfaceSweep(t)
	for i, want := range []int{24, 0} {
		if result, err := w.drawAll(); err != nil || result.Runs != want || len(w.scoresOf("s")) != 24 {
			t.Errorf("call %d: %+v, %v, %d scores", i+1, result, err, len(w.scoresOf("s")))
		}
	}
}

// A batch whose worker died is taken up by the next, and draws the same numbers.
func TestBatchThatDied(t *testing.T) {
	w, _ := surfaceSweep(t)
	if _, err := w.store.ClaimBatch(context.Background(), "s", 7); err != nil { // and no more was heard of it
		t.Fatal(err)
	}
	w.store.refuse["FinishBatch"] = sweep.ErrUnreachable
	_, err := w.drawAll()
	if got := failureOf(t, err); got.Type() != ClassLostContact || got.NonRetryable() || len(w.scoresOf("s")) != 0 {
		t.Errorf("%s with %d scores", got.Type(), len(w.scoresOf("s")))
	}
	delete(w.store.refuse, "FinishBatch")
	result, err := w.drawAll()
	other, _ := surfaceSweep(t)
	if _, err := other.drawAll(); err != nil {
		t.Fatal(err)
	}
	if err != nil || result.Runs != 24 || !slices.Equal(w.scoresOf("s"), other.scoresOf("s")) {
		t.Errorf("%+v, %v: the scores differ from those of a batch that did not die", result, err)
	}
}

func TestBatchWithoutALaw(t *testing.T) {
	w, _ := surfaceSweep(t)
	w.store.runs[w.store.sweeps["s"].cells[3].RunID].Surface = nil
	_, err := w.drawAll()
	if got := failureOf(t, err); got.Type() != ClassBadInput || !got.NonRetryable() {
		t.Errorf("%s: %v", got.Type(), got)
	}
}
