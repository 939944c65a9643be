package workflows

import (
	"errors"
	"maps"
	"reflect"
	"slices"
	"testing"
	"time"

	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/scalelaw/scalelaw/activities"
	"github.com/scalelaw/scalelaw/sweep"
)

// continued runs the sweep s until it continues as new, and gives with what.
func (h *house) continued(in SweepInput) SweepInput {
	h.t.Helper()
	_, err := h.run(in)
	var again *workflow.ContinueAsNewError
	if !errors.As(err, &again) {
		h.t.Fatalf("ended with %v, want to continue as new", err)
	}
	var next SweepInput
	if err := converter.GetDefaultDataConverter().FromPayloads(again.Input, &next); err != nil {
		h.t.Fatal(err)
	}
	if again.WorkflowType.Name != "SweepWorkflow" || next.Resume == nil || next.Spec != nil {
		h.t.Errorf("continues as %s with %+v", again.WorkflowType.Name, next)
	}
	return next
}

// long makes the history long at a time; the outcome of a stranger wakes the workflow.
func (h *house) long(when time.Duration) {
	h.at(when, func() {
		h.env.SetCurrentHistoryLength(eventsPerRun + 1)
		h.env.SignalWorkflow(signalOutcome, Outcome{RunID: "stranger"})
	})
}

// next is a house in which the workflow goes on: the same Postgres, and runs that go on
// outside; they are told of by signal a while after they are asked for.
func (h *house) next(t *testing.T) (then *house, asked map[string][]Want) {
	then = newHouse(t, h.cells["s"]...)
	then.state, then.plan, then.launched = maps.Clone(h.state), h.plan, maps.Clone(h.launched)
	asked = map[string][]Want{}
	then.outside = func(id string, arg any) error {
		then.mu.Lock()
		defer then.mu.Unlock()
		asked[id] = append(asked[id], arg.(Want))
		run := id[len("run/"):]
		then.state[run] = sweep.Succeeded
		then.env.SignalWorkflow(signalOutcome, Outcome{RunID: run, RunResult: RunResult{State: sweep.Succeeded, DeviceSeconds: 60}})
		return nil
	}
	return then, asked
}

func TestContinueAsNew(t *testing.T) {
	h := newHouse(t, ids(7)...)
	h.plan.Limits.Concurrency, h.plan.Fits = 3, []sweep.FitAsk{{Metric: "m"}}
	h.update(trainTakes+trainTakes/4, UpdateSetGPUHours, 7.)
	h.long(trainTakes + trainTakes/2) // three have landed, three train
	in := h.continued(SweepInput{RetryDiverged: true})
	want := h.plan
	want.Total, want.Limits.GPUHours = 7, 7
	r := in.Resume
	if !in.RetryDiverged || !reflect.DeepEqual(r.Plan, want) || r.Next != 6 || !slices.Equal(r.InFlight, ids(7)[3:6]) ||
		r.Counts[sweep.Succeeded] != 3 || r.DeviceSeconds != 180 || r.Paused || r.Cancelled || r.Rescan {
		t.Errorf("carried %+v", *r)
	}

	then, asked := h.next(t)
	got := then.must(in)
	then.ended(got, sweep.Succeeded, map[sweep.State]int{sweep.Succeeded: 7})
	then.launchedOnce(ids(7)...)
	for _, id := range ids(7)[3:6] {
		if w := asked[RunID(id)]; !slices.Equal(w, []Want{{Sweep: SweepID("s"), How: sweep.Running, Tell: true}}) {
			t.Errorf("%s was asked for as %+v", id, w)
		}
	}
	if len(asked) != 3 || then.records() != 1 {
		t.Errorf("asked for %v, fits recorded %d times", asked, then.records())
	}
}

// The history is found long as a landing makes room: the cell launched into it must have
// begun, or the next history would find a run that does not exist.
func TestContinueAsNewWaitsForStarts(t *testing.T) {
	h := newHouse(t, ids(6)...)
	h.at(trainTakes/2, func() { h.env.SetCurrentHistoryLength(eventsPerRun + 1) }) // nothing wakes it but a landing
	in := h.continued(SweepInput{})
	for _, id := range in.Resume.InFlight {
		if h.launched[id] != 1 {
			t.Errorf("%s is carried as in flight and was launched %d times", id, h.launched[id])
		}
	}
	if n := len(in.Resume.InFlight); n == 0 {
		t.Error("nothing was in flight")
	}
}

func TestContinueAsNewCarriesPause(t *testing.T) {
	h := newHouse(t, ids(4)...)
	h.env.SetDetachedChildWait(false) // they rest until the sweep goes on
	h.update(trainTakes/2, UpdatePause)
	h.update(time.Hour, UpdateSetConcurrency, 1)
	h.long(2 * time.Hour)
	in := h.continued(SweepInput{})
	if !in.Resume.Paused || in.Resume.Plan.Limits.Concurrency != 1 || len(in.Resume.InFlight) != 2 {
		t.Errorf("carried %+v", *in.Resume)
	}
	then, asked := h.next(t)
	resume := then.update(time.Hour, UpdateResume)
	then.ended(then.must(in), sweep.Succeeded, map[sweep.State]int{sweep.Succeeded: 4})
	then.accepted(resume)
	if first := asked[RunID("run000")][0]; first.How != sweep.Paused {
		t.Errorf("first asked for as %+v, want at rest", first)
	}
	if resume.Concurrency != 1 {
		t.Errorf("resumed as %+v", resume.Progress)
	}
}

// Runs that are over, or gone, when a continued sweep asks for them.
func TestRejoin(t *testing.T) {
	gone := func(string, any) error { return temporal.NewApplicationError("no such workflow", "not found") }
	for _, c := range []struct {
		name     string
		state    sweep.State
		again    int // launches
		counts   map[sweep.State]int
		launches int
	}{
		{"it has succeeded", sweep.Succeeded, 0, map[sweep.State]int{sweep.Succeeded: 2, sweep.Failed: 1}, 0},
		{"it has failed", sweep.Failed, 0, map[sweep.State]int{sweep.Succeeded: 1, sweep.Failed: 2}, 0},
		{"its workflow was terminated", sweep.Running, 1, map[sweep.State]int{sweep.Succeeded: 2, sweep.Failed: 1}, 1},
		{"it never began", sweep.Planned, 1, map[sweep.State]int{sweep.Succeeded: 2, sweep.Failed: 1}, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := newHouse(t, ids(3)...)
			h.outside = gone
			h.state["run000"], h.state["run001"], h.state["run002"] = c.state, sweep.Failed, sweep.Succeeded
			plan := h.plan
			plan.Total = 3
			got := h.must(SweepInput{Resume: &SweepResume{
				Plan: plan, Next: 3, InFlight: []string{"run000"}, Counts: map[sweep.State]int{sweep.Failed: 1, sweep.Succeeded: 1},
			}})
			h.ended(got, sweep.Failed, c.counts)
			if h.launched["run000"] != c.launches || len(h.launched) != c.launches {
				t.Errorf("launched %v, want run000 %d times", h.launched, c.launches)
			}
		})
	}
}

// A run that was joined and then terminated tells nobody; retry makes sure of it.
func TestRetryFindsALostRun(t *testing.T) {
	h := newHouse(t, ids(1)...)
	h.outside = func(string, any) error {
		if h.env.Now().Sub(h.began) < time.Hour {
			return nil
		}
		return temporal.NewApplicationError("no such workflow", "not found")
	}
	h.state["run000"] = sweep.Running
	retry := h.update(2*time.Hour, UpdateRetry, RetryInput{})
	plan := h.plan
	plan.Total = 1
	got := h.must(SweepInput{Resume: &SweepResume{Plan: plan, Next: 1, InFlight: ids(1)}})
	h.accepted(retry)
	h.ended(got, sweep.Succeeded, map[sweep.State]int{sweep.Succeeded: 1})
	h.launchedOnce("run000")
}

func TestContinuedSweepIsCancelled(t *testing.T) {
	h := newHouse(t, ids(2)...)
	h.outside = func(string, any) error { return nil }
	h.state["run000"] = sweep.Running
	cancel := h.update(time.Hour, UpdateCancel)
	h.at(time.Hour+time.Second, func() { h.doSetRun(h.t.Context(), activities.StateInput{ID: "run000", State: sweep.Cancelled}) })
	plan := h.plan
	plan.Total, plan.Limits.Concurrency = 2, 1
	got := h.must(SweepInput{Resume: &SweepResume{Plan: plan, Next: 1, InFlight: ids(1)}})
	h.accepted(cancel)
	// its run is told not to be wanted, and so tells nobody: Postgres knows how it ended
	h.ended(got, sweep.Cancelled, map[sweep.State]int{sweep.Cancelled: 1})
}
