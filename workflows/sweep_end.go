package workflows

import (
	"strings"

	"go.temporal.io/sdk/workflow"

	"github.com/scalelaw/scalelaw/activities"
	"github.com/scalelaw/scalelaw/sweep"
)

// continueAsNew begins the history anew: child starts are confirmed, updates answered and
// signals heard first, so that nothing is lost.
func (s *sweeping) continueAsNew(ctx, work workflow.Context) error {
	if err := workflow.Await(work, func() bool { return s.starting == 0 && s.updating == 0 }); err != nil {
		return err
	}
	s.drain(workflow.GetSignalChannel(work, signalOutcome))
	in := s.in
	in.Resume = &SweepResume{
		Plan: s.plan, Next: s.upNext(), InFlight: s.inFlight, Counts: s.counts, DeviceSeconds: s.seconds,
		Paused: s.paused, Cancelled: s.cancelled || ctx.Err() != nil, Rescan: s.rescan, Failing: s.failing,
		Skip: s.skip, Seen: s.seen,
	}
	in.Spec = nil // planned already
	return workflow.NewContinueAsNewError(work, SweepWorkflow, in)
}

// finishBatched draws all cells of a batched trainer, in one activity as long as nobody extends
// the sweep meanwhile.
func (s *sweeping) finishBatched(ctx workflow.Context) (SweepResult, error) {
	for {
		if err := workflow.Await(ctx, func() bool { return s.updating == 0 }); err != nil {
			return SweepResult{}, err
		}
		s.rescan = false
		result, err := s.drawBatch(ctx)
		if err != nil || s.ended() {
			return result, err
		}
	}
}

func (s *sweeping) drawBatch(ctx workflow.Context) (SweepResult, error) {
	total := s.plan.Total
	in := activities.BatchInput{Sweep: s.in.Name, Size: batchSize}
	if err := try(ctx, shortTries, func() workflow.Future { return workflow.ExecuteActivity(batch(ctx), a.SurfaceBatch, in) }, nil); err != nil {
		return SweepResult{}, err
	}
	var tally activities.Tally
	if err := try(ctx, shortTries, func() workflow.Future { return workflow.ExecuteActivity(short(ctx), a.CountCells, s.in.Name) }, &tally); err != nil {
		return SweepResult{}, err
	}
	s.counts, s.next = tally.Counts, total
	return s.finish(ctx)
}

// finish fits the laws and records how the sweep ended.
func (s *sweeping) finish(ctx workflow.Context) (SweepResult, error) {
	result := SweepResult{State: s.state(), Counts: s.counts}
	if !s.cancelled && len(s.plan.Fits) > 0 {
		ctx := workflow.WithChildOptions(ctx, workflow.ChildWorkflowOptions{WorkflowID: s.id + "/fit", StaticSummary: "the laws of " + s.in.Name})
		var fits activities.FitResult
		if err := workflow.ExecuteChildWorkflow(ctx, FitWorkflow, FitInput{Sweep: s.in.Name, Asks: s.plan.Fits, Record: true}).Get(ctx, &fits); err != nil {
			return result, err
		}
		s.laws, result.Fits = fits.Fits, fits.Fits
	}
	if !s.ended() {
		return result, nil
	}
	result.State = s.state() // it may have been cancelled meanwhile
	in := activities.StateInput{ID: s.in.Name, State: result.State, Reason: strings.Join(s.failing, "; ")}
	err := try(ctx, shortTries, func() workflow.Future { return workflow.ExecuteActivity(short(ctx), a.SetSweepState, in) }, nil)
	s.recorded = result.State
	s.show(ctx)
	if attributes := workflow.UpsertTypedSearchAttributes(ctx, AttributeState.ValueSet(string(result.State))); attributes != nil && err == nil {
		err = attributes
	}
	return result, err
}

// giveUp records that the sweep itself failed: its state would stay as it was last for ever.
func (s *sweeping) giveUp(ctx workflow.Context, err error) error {
	if err == nil || workflow.IsContinueAsNewError(err) {
		return err
	}
	_, reason, _ := explain(err)
	in := activities.StateInput{ID: s.in.Name, State: sweep.Failed, Reason: reason}
	if err := try(ctx, shortTries, func() workflow.Future { return workflow.ExecuteActivity(short(ctx), a.SetSweepState, in) }, nil); err != nil {
		workflow.GetLogger(ctx).Warn("the sweep's failure was not recorded", "error", err)
	}
	return err
}

// state is where the sweep stands now.
func (s *sweeping) state() sweep.State {
	switch {
	case s.cancelled && !s.ended():
		return sweep.Cancelling
	case s.cancelled:
		return sweep.Cancelled
	case s.ended() && s.counts[sweep.Failed]+s.counts[sweep.Diverged]+s.counts[sweep.Cancelled] > 0:
		return sweep.Failed
	case s.ended():
		return sweep.Succeeded
	case s.paused:
		return sweep.Paused
	case s.overBudget():
		return sweep.BudgetReached
	}
	return sweep.Running
}

// liveFitDue reports whether Temporal's UI shows an old law.
func (s *sweeping) liveFitDue(ctx workflow.Context) bool {
	enough := s.counts[sweep.Succeeded] >= 3 && len(s.plan.Fits) > 0
	return enough && s.dirty && s.updating == 0 && workflow.Now(ctx).Sub(s.fitted) >= liveFitEvery
}

// liveFit fits the laws as things stand, for the details in Temporal's UI; nothing is stored.
func (s *sweeping) liveFit(ctx workflow.Context) {
	if s.fitted.IsZero() {
		s.fitted = workflow.Now(ctx) // not before the first interval is over
	}
	if !s.liveFitDue(ctx) {
		return
	}
	s.fitted, s.dirty = workflow.Now(ctx), false
	workflow.Go(ctx, func(ctx workflow.Context) {
		var fits activities.FitResult
		in := activities.FitInput{Sweep: s.in.Name, Asks: s.plan.Fits}
		if err := workflow.ExecuteActivity(fitting(ctx), a.Fit, in).Get(ctx, &fits); err == nil {
			s.laws = fits.Fits
			s.show(ctx)
		}
	})
}

// progress is how far the sweep has come.
func (s *sweeping) progress() Progress {
	return Progress{
		State: s.state(), Total: s.plan.Total, Counts: s.counts, InFlight: s.inFlight, Concurrency: s.plan.Limits.Concurrency,
		GPUHours: s.seconds / 3600, GPULimit: s.plan.Limits.GPUHours,
	}
}

// show writes progress, failures and the laws so far into Temporal's own UI.
func (s *sweeping) show(ctx workflow.Context) {
	workflow.SetCurrentDetails(ctx, sweepDetails(s.in.Name, s.in.Pages, s.progress(), s.laws, s.failing))
}
