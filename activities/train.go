package activities

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.temporal.io/sdk/activity"

	"github.com/scalelaw/scalelaw/sweep"
	"github.com/scalelaw/scalelaw/trainer"
)

// TrainInput asks for a run to be trained, from its newest usable checkpoint on.
type TrainInput struct {
	RunID string `json:"run"`
	// Finish marks the run as succeeded when it needs no evaluation stage.
	Finish bool `json:"finish,omitempty"`
}

// TrainResult is how training ended when it did not fail.
type TrainResult struct {
	State         sweep.State `json:"state"` // succeeded or diverged
	Reason        string      `json:"reason,omitempty"`
	DeviceSeconds float64     `json:"device_seconds"`
	Steps         []int64     `json:"steps,omitempty"` // of kept checkpoints, to be evaluated
}

// Train trains a run. The heartbeat carries its progress and last durable checkpoint.
func (a *Activities) Train(ctx context.Context, in TrainInput) (TrainResult, error) {
	run, err := a.Store.Run(ctx, in.RunID)
	if err != nil {
		return TrainResult{}, fail(err)
	}
	if done, err := a.alreadyTrained(ctx, run, in); err != nil || done != nil {
		return derefResult(done), fail(err)
	}
	t, err := a.trainer(run)
	if err != nil {
		return TrainResult{}, fail(err)
	}
	ctx, cancel := untilDrained(ctx)
	defer cancel(nil)
	resume := a.newestSnapshot(ctx, run.ID)
	s, err := a.begin(ctx, run, resume)
	if err != nil {
		return TrainResult{}, fail(err)
	}
	stop := s.heartbeat(ctx)
	result, trainErr := t.Train(ctx, trainer.Job{Run: run, Keep: run.KeepSteps(), Resume: resume, Threads: a.Threads}, s)
	stop()
	return s.end(ctx, in, result, trainErr)
}

func derefResult(r *TrainResult) TrainResult {
	if r == nil {
		return TrainResult{}
	}
	return *r
}

// alreadyTrained is the result of a run that an earlier try, or an earlier sweep, finished.
func (a *Activities) alreadyTrained(ctx context.Context, run sweep.Run, in TrainInput) (*TrainResult, error) {
	state, reason, err := a.Store.RunState(ctx, run.ID)
	if err != nil {
		return nil, err
	}
	steps, err := a.keptSteps(ctx, run.ID)
	if err != nil {
		return nil, err
	}
	trained := state == sweep.Succeeded || len(steps) > 0 && steps[len(steps)-1] == run.Steps()
	if !trained {
		return nil, nil
	}
	if in.Finish && state != sweep.Succeeded {
		if err := a.Store.SetRunState(ctx, run.ID, sweep.Succeeded, ""); err != nil {
			return nil, err
		}
	}
	return &TrainResult{State: sweep.Succeeded, Reason: reason, Steps: steps}, nil
}

func (a *Activities) keptSteps(ctx context.Context, runID string) ([]int64, error) {
	checkpoints, err := a.Store.Checkpoints(ctx, runID)
	var steps []int64
	for _, c := range checkpoints {
		if c.Kept {
			steps = append(steps, c.Step)
		}
	}
	return steps, err
}

// begin opens an attempt.
func (a *Activities) begin(ctx context.Context, run sweep.Run, resume *trainer.Snapshot) (*sink, error) {
	at := sweep.Attempt{RunID: run.ID, Worker: a.Worker, Host: a.host, StartedAt: time.Now()}
	if resume != nil {
		at.ResumedFrom = resume.Step
	}
	number, err := a.Store.BeginAttempt(ctx, at)
	if err != nil {
		return nil, fmt.Errorf("begin an attempt: %w", err)
	}
	at.Number = number
	return newSink(a, run, at), nil
}

// end closes the attempt, however it ended. Its writes are made although ctx may be over.
func (s *sink) end(ctx context.Context, in TrainInput, result trainer.Result, trainErr error) (TrainResult, error) {
	after, cancel := context.WithTimeout(context.WithoutCancel(ctx), 20*time.Second)
	defer cancel()
	flushErr := s.flush(after)
	at := s.attempt
	at.EndedAt, at.Device = time.Now(), result.Device
	at.DeviceSeconds = at.EndedAt.Sub(at.StartedAt).Seconds()
	err := errors.Join(trainErr, flushErr)
	switch {
	case err == nil && result.Diverged != nil:
		at.Outcome, at.Error = sweep.Diverged, result.Diverged.Reason
	case err == nil:
		at.Outcome = sweep.Succeeded
	case errors.Is(err, errDraining), errors.Is(context.Cause(ctx), context.Canceled):
		at.Outcome, at.Error = sweep.Paused, "asked to stop"
	default:
		at.Outcome, at.Error = sweep.Failed, err.Error()
	}
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
	steps, err := s.a.keptSteps(after, s.run.ID)
	return TrainResult{State: at.Outcome, Reason: at.Error, DeviceSeconds: at.DeviceSeconds, Steps: steps}, fail(err)
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

// failure is what Temporal is told. A run whose own context was cancelled by the workflow
// reports that; one whose worker stops is handed over.
func (s *sink) failure(ctx context.Context, err error) error {
	if errors.Is(context.Cause(ctx), errDraining) {
		return fail(errDraining)
	}
	if ctx.Err() != nil && errors.Is(err, context.Canceled) {
		return ctx.Err()
	}
	activity.GetLogger(ctx).Warn("training failed", "run", s.run.ID, "attempt", s.attempt.Number, "error", err)
	return fail(err)
}
