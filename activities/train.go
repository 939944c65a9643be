package activities

import (
	"context"
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
	ctx, cancel := untilDrained(ctx)
	defer cancel(nil)
	s := &sink{a: a, asked: ctx.Done()}
	defer s.heartbeat(ctx)() // from before checkpoints are read through to after the last writes
	done, err := s.prepare(ctx, in)
	if err != nil || done != nil {
		return derefResult(done), fail(stopped(ctx, err))
	}
	result, trainErr := s.train(ctx)
	return s.end(ctx, in, result, trainErr)
}

func derefResult(r *TrainResult) TrainResult {
	if r == nil {
		return TrainResult{}
	}
	return *r
}

// prepare finds where a run stands and opens an attempt at it, or gives the result of one that
// is trained already.
func (s *sink) prepare(ctx context.Context, in TrainInput) (done *TrainResult, err error) {
	if s.run, err = s.a.Store.Run(ctx, in.RunID); err != nil {
		return nil, err
	}
	if done, err = s.a.alreadyTrained(ctx, s.run, in); err != nil || done != nil {
		return done, err
	}
	if s.trainer, err = s.a.trainer(s.run); err != nil {
		return nil, err
	}
	if s.resume, err = s.a.newestSnapshot(ctx, s.run.ID); err != nil {
		return nil, err
	}
	if s.device, s.giveBack, err = s.a.Devices.take(ctx, s.run); err != nil {
		return nil, err
	}
	if err := s.begin(ctx); err != nil {
		s.giveBack(nil)
		return nil, err
	}
	return nil, nil
}

// train hands the run to its trainer.
func (s *sink) train(ctx context.Context) (result trainer.Result, err error) {
	defer func() { s.giveBack(err) }()
	defer recovered(ctx, &err)
	warn := func(text string) {
		activity.GetLogger(ctx).Warn("the run "+text, "run", s.run.ID, "attempt", s.attempt.Number)
	}
	return s.trainer.Train(ctx, trainer.Job{Run: s.run, Keep: s.run.KeepSteps(), Resume: s.resume, Threads: s.a.Threads, Device: s.device, Warn: warn}, s)
}

// begin opens an attempt.
func (s *sink) begin(ctx context.Context) error {
	now := time.Now()
	at := sweep.Attempt{RunID: s.run.ID, Worker: s.a.Worker, Host: s.a.host, StartedAt: now}
	if s.resume != nil {
		at.ResumedFrom = s.resume.Step
	}
	number, err := s.a.Store.BeginAttempt(ctx, at)
	if err != nil {
		return fmt.Errorf("begin an attempt: %w", err)
	}
	at.Number = number
	s.mu.Lock()
	defer s.mu.Unlock()
	s.attempt, s.flushed, s.saved = at, now, now
	s.beat = Beat{Step: at.ResumedFrom, Checkpoint: at.ResumedFrom, Steps: s.run.Steps()}
	return nil
}
