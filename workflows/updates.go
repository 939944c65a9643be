package workflows

import (
	"encoding/json"
	"fmt"
	"slices"

	"go.temporal.io/sdk/workflow"

	"github.com/scalelaw/scalelaw/activities"
	"github.com/scalelaw/scalelaw/sweep"
)

// setUpdates registers what people may ask of a running sweep. Each answers with the progress
// afterwards; a validator refuses what makes no sense before it enters the history.
func (s *sweeping) setUpdates(ctx workflow.Context) error {
	live := func() error {
		if s.cancelled {
			return fmt.Errorf("the sweep %s is cancelled; submit it again to continue it", s.in.Name)
		}
		return nil
	}
	simple := func(name string, refuse func() error, do func(ctx workflow.Context)) error {
		return workflow.SetUpdateHandlerWithOptions(ctx, name, func(ctx workflow.Context) (Progress, error) {
			do(ctx)
			s.show(ctx)
			return s.progress(), nil
		}, workflow.UpdateHandlerOptions{Validator: func(workflow.Context) error { return refuse() }})
	}
	if err := simple(UpdatePause, func() error { return first(live(), unless(!s.paused, "it is paused already")) }, s.pause); err != nil {
		return err
	}
	if err := simple(UpdateResume, func() error { return first(live(), unless(s.paused, "it is not paused")) }, s.resume); err != nil {
		return err
	}
	if err := simple(UpdateCancel, live, s.cancel); err != nil {
		return err
	}
	if err := s.setNumbers(ctx, live); err != nil {
		return err
	}
	return s.setGrowth(ctx, live)
}

// first is the first error of several.
func first(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func unless(ok bool, format string, args ...any) error {
	if ok {
		return nil
	}
	return fmt.Errorf(format, args...)
}

// setNumbers registers the limits.
func (s *sweeping) setNumbers(ctx workflow.Context, live func() error) error {
	err := workflow.SetUpdateHandlerWithOptions(ctx, UpdateSetConcurrency, func(ctx workflow.Context, n int) (Progress, error) {
		s.plan.Limits.Concurrency = n
		return s.progress(), nil
	}, workflow.UpdateHandlerOptions{Validator: func(_ workflow.Context, n int) error {
		return first(live(), unless(n >= 1 && n <= sweep.MaxConcurrency, "concurrency %d is outside 1 to %d", n, sweep.MaxConcurrency))
	}})
	if err != nil {
		return err
	}
	return workflow.SetUpdateHandlerWithOptions(ctx, UpdateSetGPUHours, func(ctx workflow.Context, hours float64) (Progress, error) {
		s.plan.Limits.GPUHours = hours
		s.show(ctx)
		return s.progress(), nil
	}, workflow.UpdateHandlerOptions{Validator: func(_ workflow.Context, hours float64) error {
		return first(live(), unless(hours >= 0, "gpu_hours %g is negative; 0 lifts the limit", hours))
	}})
}

// setGrowth registers retry and extend.
func (s *sweeping) setGrowth(ctx workflow.Context, live func() error) error {
	err := workflow.SetUpdateHandlerWithOptions(ctx, UpdateRetry, func(ctx workflow.Context, in RetryInput) (Progress, error) {
		s.in.RetryDiverged, s.rescan, s.seen, s.failing = in.Diverged, true, 0, nil
		s.askAgain(ctx)
		return s.progress(), nil
	}, workflow.UpdateHandlerOptions{Validator: func(workflow.Context, RetryInput) error { return live() }})
	if err != nil {
		return err
	}
	return workflow.SetUpdateHandlerWithOptions(ctx, UpdateExtend, func(ctx workflow.Context, in ExtendInput) (Progress, error) {
		s.updating++
		defer func() { s.updating-- }()
		err := s.planIt(ctx, in.Spec)
		s.show(ctx)
		return s.progress(), err
	}, workflow.UpdateHandlerOptions{Validator: func(_ workflow.Context, in ExtendInput) error {
		var spec sweep.Spec
		if err := json.Unmarshal(in.Spec, &spec); err != nil {
			return fmt.Errorf("the new spec cannot be read: %w", err)
		}
		return first(live(), unless(spec.Name == s.in.Name, "the new spec is named %q, not %q", spec.Name, s.in.Name),
			unless(spec.Trainer == s.plan.Trainer, "the new spec is for the trainer %s, the sweep's is %s", spec.Trainer, s.plan.Trainer))
	}})
}

func (s *sweeping) pause(ctx workflow.Context) {
	s.paused = true
	s.tellRuns(ctx)
}

func (s *sweeping) resume(ctx workflow.Context) {
	s.paused = false
	s.tellRuns(ctx)
}

func (s *sweeping) cancel(ctx workflow.Context) {
	s.cancelled = true
	s.tellRuns(ctx)
	shared := slices.Clone(s.inFlight)
	workflow.Go(ctx, func(ctx workflow.Context) { s.leave(ctx, shared) })
}

// askAgain makes sure of the runs that this workflow is no parent of: it would never hear that
// one of them was terminated.
func (s *sweeping) askAgain(ctx workflow.Context) {
	joined := slices.DeleteFunc(slices.Clone(s.inFlight), func(id string) bool { return !s.joined[id] })
	s.rejoinAll(ctx, joined)
}

// tellRuns says to every run in flight how it is wanted; one that is over needs no word. It
// says what holds when it is said: a pause and a resume may be under way at once.
func (s *sweeping) tellRuns(ctx workflow.Context) {
	s.updating++
	defer func() { s.updating-- }()
	for _, id := range slices.Clone(s.inFlight) {
		if err := s.want(ctx, id, s.how()); err != nil {
			workflow.GetLogger(ctx).Info("a run in flight is over already", "run", id, "error", err)
		}
	}
}

// record writes the sweep's state, when it has changed, where the dashboards read it.
func (s *sweeping) record(ctx workflow.Context) {
	if !s.unrecorded() {
		return
	}
	state := s.state()
	s.recorded = state
	// Histories from before this change have no such activity.
	if state == sweep.Cancelling && workflow.GetVersion(ctx, "cancelling is told", workflow.DefaultVersion, 1) == workflow.DefaultVersion {
		return
	}
	in := activities.StateInput{ID: s.in.Name, State: state}
	if err := try(ctx, shortTries, func() workflow.Future { return workflow.ExecuteActivity(short(ctx), a.SetSweepState, in) }, nil); err != nil {
		workflow.GetLogger(ctx).Warn("the sweep's state was not recorded", "state", state, "error", err)
	}
	// Histories from before this change have no such event.
	if workflow.GetVersion(ctx, "state as it changes", workflow.DefaultVersion, 1) == workflow.DefaultVersion {
		return
	}
	if err := workflow.UpsertTypedSearchAttributes(ctx, AttributeState.ValueSet(string(state))); err != nil {
		workflow.GetLogger(ctx).Warn("the sweep's state is not searchable", "state", state, "error", err)
	}
}

// unrecorded reports whether the dashboards show another state. A final one is recorded when
// the sweep ends.
func (s *sweeping) unrecorded() bool {
	state := s.state()
	return state != s.recorded && !state.Final()
}

// leaveAfter is how long a cancelled sweep waits for its runs to stop. Those that still go on
// then are wanted by another sweep.
const leaveAfter = 2 * heartbeatTimeout

// leave stops waiting for runs that go on for other sweeps.
func (s *sweeping) leave(ctx workflow.Context, runs []string) {
	if err := workflow.Sleep(ctx, leaveAfter); err != nil {
		return
	}
	for _, id := range runs {
		if !slices.Contains(s.inFlight, id) {
			continue
		}
		var found activities.RunOutcome
		if err := workflow.ExecuteActivity(short(ctx), a.ReadRun, id).Get(ctx, &found); err != nil {
			found.State = sweep.Running
		}
		s.land(id, RunResult{State: found.State, Reason: found.Reason})
	}
}
