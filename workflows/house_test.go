package workflows

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/workflow"

	"github.com/scalelaw/scalelaw/activities"
	"github.com/scalelaw/scalelaw/sweep"
)

// anything is testify's mock.Anything, without that module among the direct ones.
const anything = "mock.Anything"

// trainTakes is how long a run trains, on the environment's own clock.
const trainTakes = time.Minute

// house is Temporal's test environment with a Postgres and a trainer of its own. Runs are real
// RunWorkflows; only the activities are played.
type house struct {
	t   *testing.T
	env *testsuite.TestWorkflowEnvironment

	began time.Time

	mu    sync.Mutex // activities run beside the workflows
	plan  activities.PlanResult
	cells map[string][]string    // by sweep: run ids by ordinal
	state map[string]sweep.State // of runs, as Postgres has it

	// fate is how a try of a run ends, counted from 1; nil: all succeed.
	fate func(id string, try int) (activities.TrainResult, error)
	// outside answers a signal to a workflow that this environment does not run.
	outside func(workflowID string, arg any) error

	tries       map[string]int
	evaluated   []activities.EvaluateInput
	recorded    []activities.StateInput // of sweeps
	runRecorded []activities.StateInput
	fitted      []activities.FitInput
	batches     int
	sent        int    // updates
	fitErr      error  // of every fit
	evaluateErr error  // of every evaluation
	asLastEnds  func() // within the last activity of a run
	fitBegins   func() // as the first FitWorkflow begins

	launched map[string]int // RunWorkflows by run id
	open     int            // of them now
	most     int            // at once
}

func newHouse(t *testing.T, cells ...string) *house {
	var suite testsuite.WorkflowTestSuite
	suite.SetLogger(log.NewStructuredLogger(slog.New(slog.DiscardHandler)))
	h := &house{
		t: t, env: suite.NewTestWorkflowEnvironment(),
		plan:  activities.PlanResult{Trainer: "clip", Tasks: []string{"icons-test"}, Limits: sweep.Limits{Concurrency: 2, Attempts: 3}},
		cells: map[string][]string{"s": cells}, state: map[string]sweep.State{}, tries: map[string]int{}, launched: map[string]int{},
	}
	h.began = h.env.Now()
	h.env.SetTestTimeout(20 * time.Second)
	h.env.RegisterWorkflow(SweepWorkflow)
	h.env.RegisterWorkflow(RunWorkflow)
	h.env.RegisterWorkflow(FitWorkflow)
	h.env.RegisterWorkflow(EvaluateWorkflow)
	h.env.RegisterWorkflow(street)
	h.env.RegisterActivity(activities.New(activities.Deps{}))
	h.play()
	h.count()
	return h
}

// play gives every activity its part.
func (h *house) play() {
	on := func(activity, part any) { h.env.OnActivity(activity, anything, anything).Return(part) }
	on(a.PlanSweep, h.doPlan)
	on(a.NextCells, h.doCells)
	on(a.ReadRun, h.doRead)
	on(a.CountCells, h.doTally)
	on(a.SurfaceBatch, h.doBatch)
	on(a.Evaluate, h.doEvaluate)
	on(a.SetRunState, h.doSetRun)
	on(a.SetSweepState, h.doSetSweep)
	h.env.OnActivity(a.Fit, anything, anything).After(time.Second).Return(h.doFit)
	h.env.OnActivity(a.Train, anything, anything).After(trainTakes).Return(h.doTrain)
	h.env.OnSignalExternalWorkflow(anything, anything, anything, anything, anything).Return(
		func(_, workflowID, _, _ string, arg any) error {
			if h.outside == nil {
				return temporal.NewApplicationError("no such workflow", "not found")
			}
			return h.outside(workflowID, arg)
		})
}

// count watches how many runs there are.
func (h *house) count() {
	isRun := func(info *workflow.Info) bool { return info.WorkflowType.Name == "RunWorkflow" }
	h.env.SetOnChildWorkflowStartedListener(func(info *workflow.Info, _ workflow.Context, _ converter.EncodedValues) {
		if begins := h.fitBegins; !isRun(info) && begins != nil {
			h.fitBegins = nil
			begins()
		}
		if !isRun(info) {
			return
		}
		h.mu.Lock()
		defer h.mu.Unlock()
		h.launched[info.WorkflowExecution.ID[len("run/"):]]++
		h.open++
		h.most = max(h.most, h.open)
	})
	h.env.SetOnChildWorkflowCompletedListener(func(info *workflow.Info, _ converter.EncodedValue, _ error) {
		if isRun(info) {
			h.mu.Lock()
			defer h.mu.Unlock()
			h.open--
		}
	})
}

func spec(name string) []byte {
	b, err := json.Marshal(sweep.Spec{Name: name, Trainer: "clip"})
	if err != nil {
		panic(err)
	}
	return b
}

// run runs the sweep s to its end.
func (h *house) run(in SweepInput) (result SweepResult, err error) {
	h.t.Helper()
	in.Name = "s"
	if in.Spec == nil && in.Resume == nil {
		in.Spec = spec("s")
	}
	h.env.SetStartWorkflowOptions(client.StartWorkflowOptions{ID: SweepID("s"), TaskQueue: TaskQueue})
	h.env.ExecuteWorkflow(SweepWorkflow, in)
	if !h.env.IsWorkflowCompleted() {
		h.t.Fatal("the sweep did not end")
	}
	if err = h.env.GetWorkflowError(); err == nil {
		err = h.env.GetWorkflowResult(&result)
	}
	return result, err
}

// must is run of a sweep whose workflow succeeds.
func (h *house) must(in SweepInput) SweepResult {
	h.t.Helper()
	result, err := h.run(in)
	if err != nil {
		h.t.Fatalf("the sweep: %v", err)
	}
	return result
}

// at does something at a time of the environment's clock.
func (h *house) at(when time.Duration, do func()) { h.env.RegisterDelayedCallback(do, when) }

// answer is what an update was answered.
type answer struct {
	Progress
	refused, failed error
	done            bool
}

// update sends one to a sweep; the answer is there when the sweep has ended.
func (h *house) update(when time.Duration, name string, args ...any) *answer {
	return h.updateOf("", when, name, args...)
}

// updateOf sends an update to one of several sweeps.
func (h *house) updateOf(of string, when time.Duration, name string, args ...any) *answer {
	got := &answer{}
	h.at(when, func() { h.send(got, of, name, args...) })
	return got
}

// send sends an update now.
func (h *house) send(got *answer, of, name string, args ...any) {
	callbacks := &testsuite.TestUpdateCallback{
		OnAccept: func() {},
		OnReject: func(err error) { got.refused, got.done = err, true },
		OnComplete: func(result any, err error) {
			got.failed, got.done = err, true
			if p, ok := result.(Progress); ok {
				got.Progress = p
			}
		},
	}
	h.sent++
	id := fmt.Sprint(h.sent)
	if of == "" {
		h.env.UpdateWorkflow(name, id, callbacks, args...)
	} else if err := h.env.UpdateWorkflowByID(SweepID(of), name, id, callbacks, args...); err != nil {
		h.t.Errorf("update %s of %s: %v", name, of, err)
	}
}

// accepted fails the test unless an update was answered without error.
func (h *house) accepted(answers ...*answer) {
	h.t.Helper()
	for i, a := range answers {
		if !a.done || a.refused != nil || a.failed != nil {
			h.t.Errorf("update %d: done %v, refused %v, failed %v", i, a.done, a.refused, a.failed)
		}
	}
}

func (h *house) progress() (p Progress) {
	h.t.Helper()
	v, err := h.env.QueryWorkflow(QueryProgress)
	if err == nil {
		err = v.Get(&p)
	}
	if err != nil {
		h.t.Errorf("query progress: %v", err)
	}
	return p
}

// failure is an activity's error of a class, as package activities makes it.
func failure(class string) error {
	rule := activities.FailureOf(class)
	return temporal.NewApplicationErrorWithOptions("it went wrong", class, temporal.ApplicationErrorOptions{
		NonRetryable: !rule.Free, NextRetryDelay: rule.Delay,
	})
}
