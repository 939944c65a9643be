package workflows

import (
	"errors"
	"slices"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/scalelaw/scalelaw/activities"
	"github.com/scalelaw/scalelaw/sweep"
)

// RunWorkflow trains one run, once, whichever sweeps want it: train -> evaluate each kept
// checkpoint -> done. A run that fails or diverges ends the workflow as failed, with the class
// as the error's type and a RunResult as its detail, so that Temporal's UI shows it.
func RunWorkflow(ctx workflow.Context, in RunInput) (RunResult, error) {
	r := &running{in: in, inbox: workflow.GetSignalChannel(ctx, signalWant)}
	if in.Sweep != "" {
		r.wants = []Want{{Sweep: in.Sweep, How: sweep.Running}}
	}
	workflow.Go(ctx, r.listen)
	result, class, err := r.do(ctx)
	if err != nil {
		return RunResult{}, err
	}
	after, _ := workflow.NewDisconnectedContext(ctx)
	r.show(ctx, result.State)
	if result.State != sweep.Succeeded {
		err = r.record(after, result)
	}
	r.tell(after, result)
	if err != nil {
		return RunResult{}, err
	}
	switch result.State {
	case sweep.Failed, sweep.Diverged:
		return result, temporal.NewNonRetryableApplicationError(result.Reason, class, nil, result)
	case sweep.Cancelled:
		return result, temporal.NewCanceledError(result)
	}
	return result, nil
}

// running is a run while it is made.
type running struct {
	in    RunInput
	wants []Want // at most one a sweep, in the order in which they came
	stop  func() // cancels the training attempt; nil when there is none
	inbox workflow.ReceiveChannel

	tries  int    // that failed and counted
	failed string // why the last of them did
}

// show writes where the run stands into Temporal's own UI.
func (r *running) show(ctx workflow.Context, state sweep.State) {
	workflow.SetCurrentDetails(ctx, runDetails(r.in.RunID, r.in.Pages, state, r.tries, r.in.Attempts, r.failed))
}

// listen hears who wants the run and how. It waits without receiving: a signal that comes as
// the run ends must stay in the inbox for tell, not in the hands of a listener that never
// wakes again.
func (r *running) listen(ctx workflow.Context) {
	for workflow.Await(ctx, func() bool { return r.inbox.Len() > 0 }) == nil {
		r.drain()
	}
}

// drain hears every signal that has come.
func (r *running) drain() {
	for w := (Want{}); r.inbox.ReceiveAsync(&w); w = (Want{}) {
		r.hear(w)
	}
}

// hear takes in how a sweep wants the run now.
func (r *running) hear(w Want) {
	i := slices.IndexFunc(r.wants, func(o Want) bool { return o.Sweep == w.Sweep })
	switch {
	case w.How == sweep.Cancelled && i >= 0:
		r.wants = slices.Delete(r.wants, i, i+1)
	case w.How == sweep.Cancelled:
	case i >= 0:
		r.wants[i] = Want{Sweep: w.Sweep, How: w.How, Tell: w.Tell || r.wants[i].Tell}
	default:
		r.wants = append(r.wants, w)
	}
	if r.wanted() != sweep.Running && r.stop != nil {
		r.stop()
	}
}

// wanted is how the run is wanted: running if anyone wants it so, else paused if anyone does,
// else cancelled. A run that was started by hand is always wanted.
func (r *running) wanted() sweep.State {
	how := sweep.Cancelled
	if r.in.Sweep == "" {
		how = sweep.Running
	}
	for _, w := range r.wants {
		if w.How == sweep.Running {
			return sweep.Running
		}
		how = w.How
	}
	return how
}

// do gives how the run ended, and of a failure its class. The error is that of the workflow
// itself.
func (r *running) do(ctx workflow.Context) (RunResult, string, error) {
	trained, class, err := r.train(ctx)
	if err != nil || trained.State != sweep.Succeeded {
		return RunResult{State: trained.State, Reason: trained.Reason, DeviceSeconds: trained.DeviceSeconds}, class, err
	}
	result := RunResult{State: sweep.Succeeded, DeviceSeconds: trained.DeviceSeconds}
	if len(r.in.Tasks) == 0 {
		return result, "", nil
	}
	for i, step := range trained.Steps {
		in := activities.EvaluateInput{RunID: r.in.RunID, Step: step, Tasks: r.in.Tasks, Finish: i == len(trained.Steps)-1}
		err := try(ctx, r.in.Attempts, func() workflow.Future { return workflow.ExecuteActivity(evaluate(ctx), a.Evaluate, in) }, nil)
		if class, reason, cancelled := explain(err); cancelled {
			return RunResult{State: sweep.Cancelled, Reason: reason, DeviceSeconds: trained.DeviceSeconds}, class, nil
		} else if err != nil {
			return RunResult{State: sweep.Failed, Reason: "evaluate: " + reason, DeviceSeconds: trained.DeviceSeconds}, class, nil
		}
	}
	return result, "", nil
}

// train makes attempts until the run is trained, lost or not wanted any more.
func (r *running) train(ctx workflow.Context) (activities.TrainResult, string, error) {
	for {
		r.show(ctx, r.wanted())
		switch how := r.wanted(); {
		case ctx.Err() != nil || how == sweep.Cancelled:
			return activities.TrainResult{State: sweep.Cancelled, Reason: "no sweep wants it any more"}, "", nil
		case how == sweep.Paused:
			if err := r.rest(ctx); err != nil {
				return activities.TrainResult{State: sweep.Cancelled, Reason: "cancelled"}, "", nil
			}
			continue
		}
		result, err := r.attempt(ctx)
		if err == nil {
			return result, activities.ClassDiverged, nil
		}
		if r.stopped(err) {
			continue // paused, not wanted, or the workflow is cancelled: the loop's head knows
		}
		class, reason, _ := explain(err)
		rule := activities.FailureOf(class)
		r.failed = reason
		if r.tries++; !rule.Retry || r.tries >= r.in.Attempts {
			return activities.TrainResult{State: sweep.Failed, Reason: reason}, class, nil
		}
		if err := workflow.Sleep(ctx, rule.Delay); err != nil {
			continue
		}
	}
}

// stopped reports whether an attempt ended because it was asked to. A lost worker cannot
// confirm that; Temporal repeats attempts with a lost heartbeat unless they are to stop.
func (r *running) stopped(err error) bool {
	return temporal.IsCanceledError(err) || temporal.IsTimeoutError(err) && r.wanted() != sweep.Running
}

// attempt is one Train activity, which pause and cancel can stop.
func (r *running) attempt(ctx workflow.Context) (activities.TrainResult, error) {
	ctx, stop := workflow.WithCancel(ctx)
	defer stop()
	r.stop = stop
	defer func() { r.stop = nil }()
	var result activities.TrainResult
	err := workflow.ExecuteActivity(train(ctx), a.Train, activities.TrainInput{RunID: r.in.RunID, Finish: len(r.in.Tasks) == 0}).Get(ctx, &result)
	return result, err
}

// rest waits, as paused, until someone wants the run or nobody does.
func (r *running) rest(ctx workflow.Context) error {
	if err := r.record(ctx, RunResult{State: sweep.Paused, Reason: "paused"}); err != nil {
		return err
	}
	return workflow.Await(ctx, func() bool { return r.wanted() != sweep.Paused })
}

// record moves the run in Postgres.
func (r *running) record(ctx workflow.Context, result RunResult) error {
	in := activities.StateInput{ID: r.in.RunID, State: result.State, Reason: result.Reason}
	return try(ctx, shortTries, func() workflow.Future { return workflow.ExecuteActivity(short(ctx), a.SetRunState, in) }, nil)
}

// tell signals the outcome to every sweep that asked to be told; one that is gone needs no
// word. Sweeps that ask meanwhile are told too, also one that was told and asks again.
func (r *running) tell(ctx workflow.Context, result RunResult) {
	for {
		r.drain()
		i := slices.IndexFunc(r.wants, func(w Want) bool { return w.Tell })
		if i < 0 {
			return
		}
		to := r.wants[i].Sweep
		r.wants = slices.Delete(r.wants, i, i+1)
		if err := workflow.SignalExternalWorkflow(ctx, to, "", signalOutcome, Outcome{RunID: r.in.RunID, RunResult: result}).Get(ctx, nil); err != nil {
			workflow.GetLogger(ctx).Info("a sweep that wanted the run is gone", "sweep", to, "error", err)
		}
	}
}

// explain gives an activity's failure its class and reason, and tells cancellation apart.
func explain(err error) (class, reason string, cancelled bool) {
	if err == nil {
		return "", "", false
	}
	if temporal.IsCanceledError(err) {
		return "", "cancelled", true
	}
	var failure *temporal.ApplicationError
	if errors.As(err, &failure) {
		return failure.Type(), failure.Message(), false
	}
	return activities.ClassTransient, err.Error(), false
}
