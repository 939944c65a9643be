package workflows

import (
	"reflect"
	"testing"

	"github.com/scalelaw/scalelaw/activities"
	"github.com/scalelaw/scalelaw/sweep"
)

// widen makes the next plan of the sweep s one of n cells.
func (h *house) widen(n int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.cells["s"] = ids(n)
}

func TestExtendWhileRunning(t *testing.T) {
	h := newHouse(t, ids(3)...)
	h.plan.Fits = []sweep.FitAsk{{Metric: "m", GroupBy: "data"}}
	h.at(trainTakes/4, func() {
		h.widen(5)
		h.mu.Lock()
		h.plan.Fits = []sweep.FitAsk{{Metric: "m"}}
		h.mu.Unlock()
	})
	extend := h.update(trainTakes/2, UpdateExtend, ExtendInput{Spec: spec("s")})
	got := h.must(SweepInput{})
	h.accepted(extend)
	if extend.Total != 5 {
		t.Errorf("extended to %d cells, want 5", extend.Total)
	}
	h.ended(got, sweep.Succeeded, map[sweep.State]int{sweep.Succeeded: 5})
	h.launchedOnce(ids(5)...)
	if asks := h.fitted[len(h.fitted)-1].Asks; !reflect.DeepEqual(asks, h.plan.Fits) {
		t.Errorf("fitted %+v, want the new plan's %+v", asks, h.plan.Fits)
	}
}

// A sweep that is extended while its laws are fitted goes on, and fits again.
func TestExtendWhileFitting(t *testing.T) {
	for _, batched := range []bool{false, true} {
		h := newHouse(t, ids(2)...)
		h.plan.Fits, h.plan.Batched = []sweep.FitAsk{{Metric: "m"}}, batched
		var extend *answer
		h.onFirstFit(func() {
			h.widen(4)
			extend = h.update(0, UpdateExtend, ExtendInput{Spec: spec("s")})
		})
		got := h.must(SweepInput{})
		h.accepted(extend)
		h.ended(got, sweep.Succeeded, map[sweep.State]int{sweep.Succeeded: 4})
		if n := h.records(); n != 2 {
			t.Errorf("batched %v: fits were recorded %d times, want 2", batched, n)
		}
		if batched && h.batches != 2 {
			t.Errorf("drawn in %d batches, want 2", h.batches)
		}
	}
}

// records is how often fits were made to be stored.
func (h *house) records() (n int) {
	for _, f := range h.fitted {
		if f.Record {
			n++
		}
	}
	return n
}

func TestCancelWhileFitting(t *testing.T) {
	h := newHouse(t, ids(2)...)
	h.plan.Fits = []sweep.FitAsk{{Metric: "m"}}
	var cancel *answer
	h.onFirstFit(func() { cancel = h.update(0, UpdateCancel) })
	got := h.must(SweepInput{})
	h.accepted(cancel)
	h.ended(got, sweep.Cancelled, map[sweep.State]int{sweep.Succeeded: 2})
}

// onFirstFit does something as the first FitWorkflow begins.
func (h *house) onFirstFit(do func()) { h.fitBegins = do }

func TestBatched(t *testing.T) {
	for _, noBatch := range []bool{false, true} {
		h := newHouse(t, ids(3)...)
		h.plan.Batched, h.plan.Tasks = true, nil
		got := h.must(SweepInput{NoBatch: noBatch})
		h.ended(got, sweep.Succeeded, map[sweep.State]int{sweep.Succeeded: 3})
		if want := map[bool]int{false: 1, true: 0}[noBatch]; h.batches != want {
			t.Errorf("no_batch %v: %d batches, want %d", noBatch, h.batches, want)
		}
		if !noBatch && len(h.launched) != 0 {
			t.Errorf("a batched sweep launched %v", h.launched)
		}
	}
}

func TestLiveFit(t *testing.T) {
	h := newHouse(t, ids(12)...)
	h.plan.Fits = []sweep.FitAsk{{Metric: "m"}}
	h.must(SweepInput{})
	// The last look and the final fit may run side by side, in either order.
	looks := 0
	var final []activities.FitInput
	for _, f := range h.fitted {
		if f.Record {
			final = append(final, f)
		} else {
			looks++
		}
	}
	// 12 cells in pairs take 6 minutes: the first look needs three landed, and no two are
	// within a minute.
	if looks < 2 || looks > 5 {
		t.Errorf("%d looks in 6 minutes", looks)
	}
	if len(final) != 1 || final[0].Sweep != "s" {
		t.Errorf("recorded: %+v", final)
	}
}

// A sweep whose own work fails says so where dashboards look.
func TestSweepItselfFails(t *testing.T) {
	h := newHouse(t, ids(2)...)
	h.plan.Fits = []sweep.FitAsk{{Metric: "m"}}
	h.fitErr = failure(activities.ClassBadInput)
	if _, err := h.run(SweepInput{}); err == nil {
		t.Fatal("the sweep succeeded without its fits")
	}
	if last := h.recorded[len(h.recorded)-1]; last.State != sweep.Failed || last.Reason != "it went wrong" {
		t.Errorf("recorded at last: %+v", last)
	}
}
