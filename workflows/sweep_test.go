package workflows

import (
	"fmt"
	"maps"
	"testing"

	"github.com/scalelaw/scalelaw/activities"
	"github.com/scalelaw/scalelaw/sweep"
)

// ids are n run ids.
func ids(n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = fmt.Sprintf("run%03d", i)
	}
	return out
}

// ended compares how a sweep ended.
func (h *house) ended(got SweepResult, state sweep.State, counts map[sweep.State]int) {
	h.t.Helper()
	if got.State != state || !maps.Equal(got.Counts, counts) {
		h.t.Errorf("the sweep ended %s with %v, want %s with %v", got.State, got.Counts, state, counts)
	}
	if last := h.recorded[len(h.recorded)-1]; last.ID != "s" || last.State != state {
		h.t.Errorf("recorded at last: %+v, want %s", last, state)
	}
}

// launchedOnce compares which runs were launched, each once.
func (h *house) launchedOnce(want ...string) {
	h.t.Helper()
	once := map[string]int{}
	for _, id := range want {
		once[id] = 1
	}
	if !maps.Equal(h.launched, once) {
		h.t.Errorf("launched %v, want each of %v once", h.launched, want)
	}
}

func TestWindow(t *testing.T) {
	for _, c := range []struct{ cells, concurrency, most int }{
		{1, 4, 1}, {7, 1, 1}, {7, 3, 3}, {pageSize + 10, 30, 30},
	} {
		t.Run(fmt.Sprint(c), func(t *testing.T) {
			h := newHouse(t, ids(c.cells)...)
			h.plan.Limits.Concurrency = c.concurrency
			h.ended(h.must(SweepInput{}), sweep.Succeeded, map[sweep.State]int{sweep.Succeeded: c.cells})
			h.launchedOnce(ids(c.cells)...)
			if h.most != c.most {
				t.Errorf("%d runs at once, want %d", h.most, c.most)
			}
		})
	}
}

// The test environment cannot hold as many children as Temporal can, so the bound is asked for
// without one.
func TestWindowIsBounded(t *testing.T) {
	s := &sweeping{inFlight: ids(sweep.MaxConcurrency - 1)}
	s.plan.Total, s.plan.Limits.Concurrency = 5000, 5000
	if !s.mayLaunch() {
		t.Errorf("nothing is launched with %d in flight", len(s.inFlight))
	}
	s.inFlight = ids(sweep.MaxConcurrency)
	if s.mayLaunch() {
		t.Errorf("more is launched with %d in flight", len(s.inFlight))
	}
}

func TestReuse(t *testing.T) {
	h := newHouse(t, ids(4)...)
	h.state["run001"], h.state["run002"], h.state["run003"] = sweep.Succeeded, sweep.Failed, sweep.Diverged
	got := h.must(SweepInput{})
	h.ended(got, sweep.Failed, map[sweep.State]int{sweep.Succeeded: 3, sweep.Diverged: 1})
	h.launchedOnce("run000", "run002")
}

func TestOneFails(t *testing.T) {
	h := newHouse(t, ids(5)...)
	h.plan.Fits = []sweep.FitAsk{{Metric: "icons-test/top1_error"}}
	h.fate = func(id string, _ int) (activities.TrainResult, error) {
		if id == "run001" {
			return diverged()
		}
		return trained()
	}
	got := h.must(SweepInput{})
	h.ended(got, sweep.Failed, map[sweep.State]int{sweep.Succeeded: 4, sweep.Diverged: 1})
	h.launchedOnce(ids(5)...)
	if len(got.Fits) != 1 || len(h.fitted) == 0 || !h.fitted[len(h.fitted)-1].Record {
		t.Errorf("fits %v, asked %v", got.Fits, h.fitted)
	}
	if reason := h.recorded[len(h.recorded)-1].Reason; reason != "run001 diverged: the loss is NaN" {
		t.Errorf("reason %q", reason)
	}
}
