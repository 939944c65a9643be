package workflows

import (
	"strings"
	"testing"
	"time"

	"github.com/scalelaw/scalelaw/activities"
	"github.com/scalelaw/scalelaw/sweep"
)

func TestPauseAndResume(t *testing.T) {
	h := newHouse(t, ids(5)...)
	pause := h.update(trainTakes/2, UpdatePause)
	var resting Progress
	h.at(time.Hour, func() { resting = h.progress() })
	resume := h.update(2*time.Hour, UpdateResume)
	got := h.must(SweepInput{})
	h.accepted(pause, resume)
	if pause.State != sweep.Paused || resting.State != sweep.Paused || len(resting.InFlight) != 2 || len(resting.Counts) != 0 {
		t.Errorf("paused: %+v, an hour later %+v", pause.Progress, resting)
	}
	if h.runRecorded[0].State != sweep.Paused || h.runRecorded[1].State != sweep.Paused {
		t.Errorf("runs recorded %+v, want both at rest", h.runRecorded)
	}
	h.ended(got, sweep.Succeeded, map[sweep.State]int{sweep.Succeeded: 5})
	h.launchedOnce(ids(5)...)
	h.recordedStates(sweep.Running, sweep.Paused, sweep.Running, sweep.Succeeded)
}

// recordedStates compares what the dashboards were shown, in order.
func (h *house) recordedStates(want ...sweep.State) {
	h.t.Helper()
	var got []sweep.State
	for _, r := range h.recorded {
		got = append(got, r.State)
	}
	if len(got) != len(want) {
		h.t.Fatalf("recorded %v, want %v", got, want)
	}
	for i := range want {
		if got[i] != want[i] {
			h.t.Fatalf("recorded %v, want %v", got, want)
		}
	}
}

func TestCancel(t *testing.T) {
	for name, cancel := range map[string]func(h *house){
		"update":          func(h *house) { h.update(trainTakes/2, UpdateCancel) },
		"of the workflow": func(h *house) { h.at(trainTakes/2, h.env.CancelWorkflow) },
		"while paused": func(h *house) {
			h.update(trainTakes/2, UpdatePause)
			h.update(time.Hour, UpdateCancel)
		},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t, ids(5)...)
			h.plan.Fits = []sweep.FitAsk{{Metric: "m"}}
			cancel(h)
			h.ended(h.must(SweepInput{}), sweep.Cancelled, map[sweep.State]int{sweep.Cancelled: 2})
			h.launchedOnce("run000", "run001")
			if n := len(h.recorded); n < 2 || h.recorded[n-2].State != sweep.Cancelling || h.recorded[n-1].State != sweep.Cancelled {
				t.Errorf("recorded %v, want it to say that it is cancelling before it is cancelled", h.recorded)
			}
			if len(h.fitted) != 0 {
				t.Errorf("a cancelled sweep asked for fits: %v", h.fitted)
			}
		})
	}
}

func TestRetry(t *testing.T) {
	for _, c := range []struct {
		name     string
		diverged bool
		counts   map[sweep.State]int
		again    map[string]int
	}{
		{"failed only", false, map[sweep.State]int{sweep.Succeeded: 4, sweep.Diverged: 1}, map[string]int{"run000": 2, "run001": 1}},
		{"diverged too", true, map[sweep.State]int{sweep.Succeeded: 5}, map[string]int{"run000": 2, "run001": 2}},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := newHouse(t, ids(5)...)
			h.fate = failFirst
			retry := h.update(trainTakes+trainTakes/2, UpdateRetry, RetryInput{Diverged: c.diverged})
			got := h.must(SweepInput{})
			h.accepted(retry)
			if retry.Counts[sweep.Failed] != 1 || retry.Counts[sweep.Diverged] != 1 || len(retry.InFlight) != 2 {
				t.Errorf("asked when %+v", retry.Progress)
			}
			want := sweep.Failed
			if c.diverged {
				want = sweep.Succeeded
			}
			h.ended(got, want, c.counts)
			for _, id := range ids(5) {
				if n := max(c.again[id], 1); h.launched[id] != n {
					t.Errorf("%s was launched %d times, want %d", id, h.launched[id], n)
				}
			}
		})
	}
}

// failFirst is the fate of run000, which fails at first, and run001, which diverges at first.
func failFirst(id string, try int) (activities.TrainResult, error) {
	switch {
	case id == "run000" && try == 1:
		return activities.TrainResult{}, failure(activities.ClassBadInput)
	case id == "run001" && try == 1:
		return diverged()
	}
	return trained()
}

// A page that was read before the cells in flight landed is stale: they count once all the same.
func TestRetryCountsCellsInFlightOnce(t *testing.T) {
	h := newHouse(t, ids(3)...)
	h.plan.Limits.Concurrency = 2
	retry := h.update(trainTakes/2, UpdateRetry, RetryInput{})
	got := h.must(SweepInput{})
	h.accepted(retry)
	h.ended(got, sweep.Succeeded, map[sweep.State]int{sweep.Succeeded: 3})
	h.launchedOnce(ids(3)...)
}

func TestConcurrencyIsSet(t *testing.T) {
	h := newHouse(t, ids(8)...)
	set := h.update(trainTakes/2, UpdateSetConcurrency, 4)
	got := h.must(SweepInput{})
	h.accepted(set)
	h.ended(got, sweep.Succeeded, map[sweep.State]int{sweep.Succeeded: 8})
	if set.Concurrency != 4 || h.most != 4 {
		t.Errorf("set to %d, most %d, want 4", set.Concurrency, h.most)
	}
}

func TestBudget(t *testing.T) {
	h := newHouse(t, ids(6)...)
	h.plan.Limits.GPUHours = 2. / 60 // each run takes a minute
	var waiting Progress
	h.at(time.Hour, func() { waiting = h.progress() })
	lift := h.update(2*time.Hour, UpdateSetGPUHours, 0.)
	got := h.must(SweepInput{})
	h.accepted(lift)
	if waiting.State != sweep.BudgetReached || waiting.Counts[sweep.Succeeded] != 3 || len(waiting.InFlight) != 0 || waiting.GPUHours != 3./60 {
		// two landed within a moment, and the first made room for a third
		t.Errorf("an hour in: %+v", waiting)
	}
	h.ended(got, sweep.Succeeded, map[sweep.State]int{sweep.Succeeded: 6})
	h.launchedOnce(ids(6)...)
	h.recordedStates(sweep.Running, sweep.BudgetReached, sweep.Running, sweep.Succeeded)
}

func TestValidators(t *testing.T) {
	other := func(name, trainer string) ExtendInput {
		return ExtendInput{Spec: []byte(`{"name":"` + name + `","trainer":"` + trainer + `"}`)}
	}
	for _, c := range []struct {
		name, update, why string
		arg               any
		before            string // an update made first
	}{
		{"resume", UpdateResume, "it is not paused", nil, ""},
		{"pause twice", UpdatePause, "it is paused already", nil, UpdatePause},
		{"no concurrency", UpdateSetConcurrency, "concurrency 0 is outside 1 to 500", 0, ""},
		{"much concurrency", UpdateSetConcurrency, "concurrency 501 is outside 1 to 500", 501, ""},
		{"negative hours", UpdateSetGPUHours, "gpu_hours -1 is negative", -1., ""},
		{"no spec", UpdateExtend, "the new spec cannot be read", ExtendInput{Spec: []byte("{")}, ""},
		{"another name", UpdateExtend, `the new spec is named "other"`, other("other", "clip"), ""},
		{"another trainer", UpdateExtend, "the new spec is for the trainer surface", other("s", "surface"), ""},
		{"pause when cancelled", UpdatePause, "is cancelled", nil, UpdateCancel},
		{"retry when cancelled", UpdateRetry, "is cancelled", RetryInput{}, UpdateCancel},
		{"cancel when cancelled", UpdateCancel, "is cancelled", nil, UpdateCancel},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := newHouse(t, ids(2)...)
			var args []any
			if c.arg != nil {
				args = []any{c.arg}
			}
			got := &answer{}
			h.at(trainTakes/4, func() {
				if c.before != "" {
					h.send(&answer{}, "", c.before)
				}
				h.send(got, "", c.update, args...)
			})
			if c.before == UpdatePause {
				h.update(trainTakes, UpdateResume)
			}
			h.must(SweepInput{})
			if got.refused == nil || !strings.Contains(got.refused.Error(), c.why) {
				t.Errorf("refused with %v, want %q", got.refused, c.why)
			}
		})
	}
}
