package activities

import (
	"context"
	"errors"
	"time"

	"go.temporal.io/sdk/activity"

	"github.com/scalelaw/scalelaw/sweep"
	"github.com/scalelaw/scalelaw/trainer"
)

// end closes the attempt, however it ended. Its writes are made although ctx may be over.
func (s *sink) end(ctx context.Context, in TrainInput, result trainer.Result, trainErr error) (TrainResult, error) {
	after, cancel := context.WithTimeout(context.WithoutCancel(ctx), 20*time.Second)
	defer cancel()
	flushErr := s.flush(after)
	err := errors.Join(trainErr, flushErr)
	at := s.closed(ctx, result, err)
	if err == nil {
		err = s.record(after, in, at, result)
	}
	endErr := s.a.Store.EndAttempt(after, at)
	if err == nil {
		err = endErr
	}
	if err != nil {
		return TrainResult{}, s.failure(ctx, err)
	}
	kept, err := s.a.kept(after, s.run.ID)
	return TrainResult{State: at.Outcome, Reason: at.Error, DeviceSeconds: at.DeviceSeconds, Steps: stepsOf(kept)}, fail(err)
}

// closed is the attempt as it ended.
func (s *sink) closed(ctx context.Context, result trainer.Result, err error) sweep.Attempt {
	at := s.attempt
	at.EndedAt, at.Device = time.Now(), result.Device
	at.DeviceSeconds = at.EndedAt.Sub(at.StartedAt).Seconds()
	switch {
	case err == nil && result.Diverged != nil:
		at.Outcome, at.Error = sweep.Diverged, result.Diverged.Reason
	case err == nil:
		at.Outcome = sweep.Succeeded
	case isStop(ctx, err):
		at.Outcome, at.Error = sweep.Paused, "asked to stop"
	default:
		at.Outcome, at.Error = sweep.Failed, err.Error()
	}
	return at
}

// record stores what a run without an evaluation stage has to say.
func (s *sink) record(ctx context.Context, in TrainInput, at sweep.Attempt, result trainer.Result) error {
	if len(result.Scores) > 0 {
		if err := s.a.Store.AddEvaluations(ctx, result.Scores); err != nil {
			return err
		}
	}
	if in.Finish && at.Outcome == sweep.Succeeded {
		return s.a.Store.SetRunState(ctx, s.run.ID, sweep.Succeeded, "")
	}
	return nil
}

// failure is what Temporal is told. Whatever went wrong while its worker stops, the run is
// handed over.
func (s *sink) failure(ctx context.Context, err error) error {
	if errors.Is(context.Cause(ctx), errDraining) {
		return fail(errDraining)
	}
	if isStop(ctx, err) {
		return fail(stopped(ctx, err))
	}
	activity.GetLogger(ctx).Warn("training failed", "run", s.run.ID, "attempt", s.attempt.Number, "error", err)
	return fail(err)
}
