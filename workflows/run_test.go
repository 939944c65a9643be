package workflows

import (
	"errors"
	"reflect"
	"testing"
	"time"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"github.com/scalelaw/scalelaw/activities"
	"github.com/scalelaw/scalelaw/sweep"
)

// runOne runs the run r, wanted by the sweep s, to its end.
func (h *house) runOne(tasks ...string) (result RunResult, err error) {
	h.t.Helper()
	h.env.SetStartWorkflowOptions(client.StartWorkflowOptions{ID: RunID("r"), TaskQueue: TaskQueue})
	h.env.ExecuteWorkflow(RunWorkflow, RunInput{RunID: "r", Sweep: SweepID("s"), Tasks: tasks, Attempts: 3})
	if !h.env.IsWorkflowCompleted() {
		h.t.Fatal("the run did not end")
	}
	if err = h.env.GetWorkflowError(); err == nil {
		err = h.env.GetWorkflowResult(&result)
	}
	return result, err
}

// wants sends a signal at a time.
func (h *house) wants(when time.Duration, w Want) {
	h.at(when, func() { h.env.SignalWorkflow(signalWant, w) })
}

// outcomes collects what sweeps are told.
func (h *house) outcomes() map[string]Outcome {
	told := map[string]Outcome{}
	h.outside = func(id string, arg any) error {
		h.mu.Lock()
		defer h.mu.Unlock()
		told[id] = arg.(Outcome)
		return nil
	}
	return told
}

func TestRunTrainsThenEvaluates(t *testing.T) {
	h := newHouse(t)
	result, err := h.runOne("icons-test", "icons-shift")
	if want := (RunResult{State: sweep.Succeeded, DeviceSeconds: 60}); err != nil || result != want {
		t.Fatalf("got %+v, %v, want %+v", result, err, want)
	}
	tasks := []string{"icons-test", "icons-shift"}
	want := []activities.EvaluateInput{{RunID: "r", Step: 10, Tasks: tasks}, {RunID: "r", Step: 20, Tasks: tasks, Finish: true}}
	if !reflect.DeepEqual(h.evaluated, want) || h.tries["r"] != 1 {
		t.Errorf("trained %d times, evaluated %+v, want %+v", h.tries["r"], h.evaluated, want)
	}
}

func TestRunWithoutTasksFinishesByTraining(t *testing.T) {
	h := newHouse(t)
	if _, err := h.runOne(); err != nil || len(h.evaluated) != 0 || h.state["r"] != sweep.Succeeded {
		t.Errorf("error %v, evaluated %v, state %s", err, h.evaluated, h.state["r"])
	}
}

// Each class of failure, met at every try before `heals`.
func TestRunRetries(t *testing.T) {
	for _, c := range []struct {
		class string
		heals int // the try that succeeds
		tries int
		state sweep.State
	}{
		{activities.ClassTransient, 3, 3, sweep.Succeeded},
		{activities.ClassTransient, 4, 3, sweep.Failed},
		{activities.ClassOutOfMemory, 2, 2, sweep.Succeeded},
		{activities.ClassNoSpace, 4, 3, sweep.Failed},
		{activities.ClassDataMissing, 3, 3, sweep.Succeeded},
		{activities.ClassBadInput, 2, 1, sweep.Failed},
		{activities.ClassSuperseded, 2, 1, sweep.Failed},
		{activities.ClassLostContact, 20, 20, sweep.Succeeded}, // free: it never counts
	} {
		h := newHouse(t)
		h.fate = func(_ string, try int) (activities.TrainResult, error) {
			if try < c.heals {
				return activities.TrainResult{}, failure(c.class)
			}
			return trained()
		}
		result, err := h.runOne("icons-test")
		if h.tries["r"] != c.tries {
			t.Errorf("%s, healed at try %d: %d tries, want %d", c.class, c.heals, h.tries["r"], c.tries)
		}
		if c.state == sweep.Succeeded {
			if err != nil || result.State != sweep.Succeeded {
				t.Errorf("%s: %+v, %v", c.class, result, err)
			}
			continue
		}
		endedAs(t, err, c.class, RunResult{State: sweep.Failed, Reason: "it went wrong"})
		if h.state["r"] != sweep.Failed {
			t.Errorf("%s: recorded as %s", c.class, h.state["r"])
		}
	}
}

// endedAs compares a run's failure: class, and result as its detail.
func endedAs(t *testing.T, err error, class string, want RunResult) {
	t.Helper()
	var failure *temporal.ApplicationError
	var got RunResult
	if !errors.As(err, &failure) || failure.Type() != class || failure.Details(&got) != nil || got != want {
		t.Errorf("ended with %v and %+v, want class %s and %+v", err, got, class, want)
	}
}

func TestRunDivergesOnce(t *testing.T) {
	h := newHouse(t)
	h.fate = func(string, int) (activities.TrainResult, error) { return diverged() }
	_, err := h.runOne("icons-test")
	endedAs(t, err, activities.ClassDiverged, RunResult{State: sweep.Diverged, Reason: "the loss is NaN", DeviceSeconds: 30})
	if h.tries["r"] != 1 || len(h.evaluated) != 0 || h.state["r"] != sweep.Diverged {
		t.Errorf("%d tries, evaluated %v, recorded %s", h.tries["r"], h.evaluated, h.state["r"])
	}
}

func TestRunEvaluationFails(t *testing.T) {
	h := newHouse(t)
	h.evaluateErr = failure(activities.ClassTransient)
	_, err := h.runOne("icons-test")
	endedAs(t, err, activities.ClassTransient, RunResult{State: sweep.Failed, Reason: "evaluate: it went wrong", DeviceSeconds: 60})
	if len(h.evaluated) != 3 {
		t.Errorf("%d evaluations, want as many as attempts", len(h.evaluated))
	}
}

func TestRunPausesAndGoesOn(t *testing.T) {
	h := newHouse(t)
	h.wants(trainTakes/2, Want{Sweep: SweepID("s"), How: sweep.Paused})
	h.at(time.Hour, func() {
		if h.state["r"] != sweep.Paused {
			t.Errorf("an hour later the run is %s", h.state["r"])
		}
	})
	h.wants(2*time.Hour, Want{Sweep: SweepID("s"), How: sweep.Running})
	result, err := h.runOne("icons-test")
	if err != nil || result.State != sweep.Succeeded {
		t.Errorf("got %+v, %v", result, err)
	}
	if elapsed := h.env.Now().Sub(h.began); elapsed < 2*time.Hour {
		t.Errorf("it went on after %v", elapsed)
	}
}

// A lost worker cannot confirm that it stopped: that costs no try.
func TestRunPausesAsItsWorkerIsLost(t *testing.T) {
	r := &running{in: RunInput{RunID: "r", Sweep: SweepID("s"), Attempts: 1}, wants: []Want{{Sweep: SweepID("s"), How: sweep.Paused}}}
	lost := temporal.NewHeartbeatTimeoutError()
	if !r.stopped(lost) || !r.stopped(temporal.NewCanceledError()) || r.stopped(failure(activities.ClassTransient)) {
		t.Error("a pause is confirmed by cancellation or a lost heartbeat, not by a failure")
	}
	r.wants[0].How = sweep.Running
	if r.stopped(lost) {
		t.Error("a lost heartbeat of a run that is wanted is no pause")
	}
}

func TestRunIsCancelled(t *testing.T) {
	for name, cancel := range map[string]func(h *house){
		"unwanted":             func(h *house) { h.wants(trainTakes/2, Want{Sweep: SweepID("s"), How: sweep.Cancelled}) },
		"workflow":             func(h *house) { h.at(trainTakes/2, h.env.CancelWorkflow) },
		"unwanted at rest":     func(h *house) { h.rest(); h.wants(time.Hour, Want{Sweep: SweepID("s"), How: sweep.Cancelled}) },
		"workflow at rest":     func(h *house) { h.rest(); h.at(time.Hour, h.env.CancelWorkflow) },
		"between two attempts": func(h *house) { h.fate = failAlways; h.at(trainTakes+time.Second, h.env.CancelWorkflow) },
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			cancel(h)
			_, err := h.runOne("icons-test")
			var cancelled *temporal.CanceledError
			var got RunResult
			if !errors.As(err, &cancelled) || cancelled.Details(&got) != nil || got.State != sweep.Cancelled {
				t.Errorf("ended with %v and %+v", err, got)
			}
			if h.state["r"] != sweep.Cancelled {
				t.Errorf("recorded as %s", h.state["r"])
			}
		})
	}
}

func (h *house) rest() { h.wants(trainTakes/2, Want{Sweep: SweepID("s"), How: sweep.Paused}) }

func failAlways(string, int) (activities.TrainResult, error) {
	return activities.TrainResult{}, failure(activities.ClassTransient)
}

// How a run is wanted, after signals.
func TestWanted(t *testing.T) {
	const on, paused, cancelled = sweep.Running, sweep.Paused, sweep.Cancelled
	for _, c := range []struct {
		name string
		hear []Want
		how  sweep.State
	}{
		{"as it was started", nil, on},
		{"paused by its only sweep", []Want{{"a", paused, true}}, paused},
		{"paused by one of two", []Want{{"b", on, true}, {"a", paused, true}}, on},
		{"paused by both", []Want{{"b", paused, true}, {"a", paused, true}}, paused},
		{"cancelled by its only sweep", []Want{{"a", cancelled, true}}, cancelled},
		{"cancelled by one of two", []Want{{"b", on, true}, {"a", cancelled, true}}, on},
		{"cancelled by one, paused by the other", []Want{{"b", paused, true}, {"a", cancelled, true}}, paused},
		{"cancelled by both", []Want{{"b", on, true}, {"a", cancelled, true}, {"b", cancelled, true}}, cancelled},
		{"cancelled by a stranger", []Want{{"c", cancelled, true}}, on},
		{"cancelled, then wanted again", []Want{{"a", cancelled, true}, {"a", on, true}}, on},
	} {
		r := &running{in: RunInput{Sweep: "a"}, wants: []Want{{Sweep: "a", How: on}}}
		for _, w := range c.hear {
			r.hear(w)
		}
		if got := r.wanted(); got != c.how {
			t.Errorf("%s: wanted %s, want %s", c.name, got, c.how)
		}
	}
	byHand := &running{}
	if got := byHand.wanted(); got != on {
		t.Errorf("by hand: wanted %s", got)
	}
}
