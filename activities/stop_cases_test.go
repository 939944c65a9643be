package activities

import (
	"context"
	"testing"
	"time"

	"go.temporal.io/sdk/temporal"

	"github.com/scalelaw/scalelaw/sweep"
	"github.com/scalelaw/scalelaw/trainer"
)

// A run that fails while it is asked to stop has failed: the reason must not be lost.
func TestFailingWhileStopping(t *testing.T) {
	w := newWorld(t)
	w.trainer.at = func(ctx context.Context, _ int64, _ trainer.Sink) error {
		w.cancel(temporal.NewCanceledError())
		<-ctx.Done()
		return sweep.ErrNoSpace
	}
	_, err := w.train()
	if got := failureOf(t, err); got.Type() != ClassNoSpace {
		t.Errorf("%s", got.Type())
	}
	if at := w.last(); at.Outcome != sweep.Failed || at.Error != "no space left" {
		t.Errorf("attempt %+v", at)
	}
}

// The disk that a stopping worker saves to may be why it stops: another worker goes on.
func TestFailingWhileTheWorkerStops(t *testing.T) {
	w := newWorld(t)
	w.trainer.at = func(ctx context.Context, _ int64, _ trainer.Sink) error {
		close(w.stop)
		<-ctx.Done()
		return sweep.ErrNoSpace
	}
	_, err := w.train()
	if got := failureOf(t, err); got.Type() != ClassLostContact || got.NonRetryable() || w.last().Error != "no space left" {
		t.Errorf("%s: %v, recorded %+v", got.Type(), got, w.last())
	}
}

// Reading checkpoints through takes a while, in which the worker may be asked to stop.
func TestStoppingBeforeAnAttempt(t *testing.T) {
	w := fellAt8(t)
	files := w.do.Artifacts
	w.do.Artifacts = stopping{files, w.stop}
	_, err := w.train()
	if got := failureOf(t, err); got.Type() != ClassLostContact || got.NextRetryDelay() != 100*time.Millisecond || len(w.run.attempts) != 1 {
		t.Errorf("%s: %v after %d attempts", got.Type(), got, len(w.run.attempts))
	}
	w.do.Artifacts = files
	resumes(t, w, 8)
}

// A run that is stopped just after it was saved saves the same step again; the checkpoint
// before it is still there to fall back to.
func TestStoppingJustAfterACheckpoint(t *testing.T) {
	w := newWorld(t)
	w.trainer.every = 1
	w.trainer.at = before(7, func() { w.cancel(temporal.NewCanceledError()) })
	if _, err := w.train(); !temporal.IsCanceledError(err) {
		t.Error(err)
	}
	if got := stepsIn(w.run.checkpoints); got != "[5 6+state 7+state]" {
		t.Errorf("checkpoints %s", got)
	}
}

// Another worker has begun a later attempt: whatever this one still wants to write is refused,
// by the store, and the attempt stops at its next write.
func TestSuperseded(t *testing.T) {
	w := newWorld(t)
	w.trainer.every = 1
	w.trainer.at = func(ctx context.Context, step int64, _ trainer.Sink) error {
		if step == 6 {
			_, err := w.store.BeginAttempt(ctx, sweep.Attempt{RunID: runID, ResumedFrom: 5, Worker: "w2"})
			return err
		}
		if step > 6 {
			t.Error("it trains on")
		}
		return nil
	}
	_, err := call[TrainResult](w, w.do.Train, TrainInput{RunID: runID, Finish: true})
	if got := failureOf(t, err); got.Type() != ClassSuperseded || !got.NonRetryable() {
		t.Errorf("%s: %v", got.Type(), got)
	}
	if len(w.run.metrics) != 5 || stepsIn(w.run.checkpoints) != "[5+state]" || w.run.state != sweep.Running {
		t.Errorf("%d metrics, checkpoints %s, %s", len(w.run.metrics), stepsIn(w.run.checkpoints), w.run.state)
	}
	if w.run.attempts[0].Outcome != "lost" || w.run.attempts[1].Outcome != sweep.Running || w.run.attempts[1].Worker != "w2" {
		t.Errorf("attempts %+v", w.run.attempts)
	}
}
