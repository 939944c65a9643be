package workflows

import (
	"testing"

	"github.com/scalelaw/scalelaw/sweep"
)

func TestRunTellsWhoeverAsked(t *testing.T) {
	h := newHouse(t)
	told := h.outcomes()
	h.wants(trainTakes/4, Want{Sweep: SweepID("b"), How: sweep.Running, Tell: true})
	h.wants(trainTakes/4, Want{Sweep: SweepID("c"), How: sweep.Running, Tell: true})
	h.wants(trainTakes/2, Want{Sweep: SweepID("c"), How: sweep.Cancelled, Tell: true})
	if _, err := h.runOne("icons-test"); err != nil {
		t.Fatal(err)
	}
	want := Outcome{RunID: "r", RunResult: RunResult{State: sweep.Succeeded, DeviceSeconds: 60}}
	if len(told) != 1 || told[SweepID("b")] != want {
		t.Errorf("told %+v, want b alone: %+v", told, want)
	}
}

// A signal that comes in the workflow task of the last activity's end is the last chance of
// the sweep that sends it: a listener that took it in its hands would never pass it on.
func TestRunTellsWhoAskedAtTheLastMoment(t *testing.T) {
	for _, last := range []string{"Evaluate", "Train"} {
		h := newHouse(t)
		told := h.outcomes()
		h.asLastEnds = func() {
			h.env.SignalWorkflowSkippingWorkflowTask(signalWant, Want{Sweep: SweepID("late"), How: sweep.Running, Tell: true})
		}
		var tasks []string
		if last == "Evaluate" {
			tasks = []string{"icons-test"}
		}
		if _, err := h.runOne(tasks...); err != nil {
			t.Fatal(err)
		}
		if told[SweepID("late")].State != sweep.Succeeded {
			t.Errorf("asked as %s ended: told %+v", last, told)
		}
	}
}

// A sweep that was told and launches the run again at once, before its workflow is over, asks
// a second time and must be told a second time.
func TestRunTellsTwiceWhoAsksTwice(t *testing.T) {
	h := newHouse(t)
	n := 0
	h.outside = func(string, any) error {
		h.mu.Lock()
		defer h.mu.Unlock()
		if n++; n == 1 {
			h.env.SignalWorkflow(signalWant, Want{Sweep: SweepID("b"), How: sweep.Running, Tell: true})
		}
		return nil
	}
	h.wants(trainTakes/4, Want{Sweep: SweepID("b"), How: sweep.Running, Tell: true})
	if _, err := h.runOne("icons-test"); err != nil {
		t.Fatal(err)
	}
	if n != 2 {
		t.Errorf("told %d times, want 2", n)
	}
}
