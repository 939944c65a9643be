package activities

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/temporal"

	"github.com/scalelaw/scalelaw/sweep"
	"github.com/scalelaw/scalelaw/trainer"
)

// before calls do once, before a step, and waits until it has reached the trainer.
func before(step int64, do func()) func(context.Context, int64, trainer.Sink) error {
	return func(ctx context.Context, at int64, _ trainer.Sink) error {
		if at == step {
			do()
			<-ctx.Done()
		}
		return nil
	}
}

// Cancelled by its workflow (pause too), by a worker that stops, or because heartbeats do not
// get through: in each case the run keeps where it stood, and none costs a try.
func TestStopping(t *testing.T) {
	for name, test := range map[string]struct {
		stop      func(w *world)
		cancelled bool
		delay     time.Duration
	}{
		"by the workflow":        {func(w *world) { w.cancel(temporal.NewCanceledError()) }, true, 0},
		"with the worker":        {func(w *world) { close(w.stop) }, false, 100 * time.Millisecond},
		"the worker is gone":     {func(w *world) { w.cancel(errors.New("worker is now shutdown")) }, false, time.Second},
		"Temporal is away":       {func(w *world) { w.cancel(serviceerror.NewUnavailable("no connection")) }, false, time.Second},
		"Temporal gave it up":    {func(w *world) { w.cancel(serviceerror.NewNotFound("activity timed out")) }, false, time.Second},
		"the context just ended": {func(w *world) { w.cancel(nil) }, false, time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.trainer.at = before(7, func() { test.stop(w) })
			_, err := w.train()
			if got := temporal.IsCanceledError(err); got != test.cancelled {
				t.Errorf("cancelled %t: %v", got, err)
			}
			if !test.cancelled {
				got := failureOf(t, err)
				if got.Type() != ClassLostContact || got.NonRetryable() || got.NextRetryDelay() != test.delay {
					t.Errorf("%s, non-retryable %t, delay %s: %v", got.Type(), got.NonRetryable(), got.NextRetryDelay(), got)
				}
			}
			if got := stepsIn(w.run.checkpoints); got != "[5+state 7+state]" || len(w.run.metrics) != 7 {
				t.Errorf("checkpoints %s, %d metrics", got, len(w.run.metrics))
			}
			if at := w.last(); at.Outcome != sweep.Paused || at.Error != "asked to stop" || at.EndedAt.IsZero() {
				t.Errorf("attempt %+v", at)
			}
			resumes(t, w, 7)
		})
	}
}

// resumes trains on with a worker that runs.
func resumes(t *testing.T, w *world, from int64) {
	t.Helper()
	w.ctx, w.cancel = context.WithCancelCause(context.Background())
	w.stop, w.trainer.at = make(chan struct{}), nil
	w.mustTrain()
	if at := w.last(); at.ResumedFrom != from || len(w.run.metrics) != 10 {
		t.Errorf("resumed from %d with %d metrics at the end", at.ResumedFrom, len(w.run.metrics))
	}
}

// A stop before the first step leaves a run that begins anew.
func TestStoppingAtOnce(t *testing.T) {
	w := newWorld(t)
	w.trainer.at = before(0, func() { close(w.stop) })
	if _, err := w.train(); err == nil || len(w.run.checkpoints) != 0 {
		t.Errorf("%v with checkpoints %s", err, stepsIn(w.run.checkpoints))
	}
	resumes(t, w, 0)
}

// Evaluating has nothing to save; it ends for the same reasons.
func TestStoppingAnEvaluation(t *testing.T) {
	for name, test := range map[string]struct {
		cause     error
		cancelled bool
	}{
		"by the workflow":  {temporal.NewCanceledError(), true},
		"Temporal is away": {serviceerror.NewUnavailable("no connection"), false},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.mustTrain()
			w.trainer.scores = func(trainer.EvalJob) ([]sweep.Score, error) {
				w.cancel(test.cause)
				return nil, context.Canceled
			}
			_, err := w.evaluate(10, "easy")
			if got := temporal.IsCanceledError(err); got != test.cancelled {
				t.Errorf("cancelled %t: %v", got, err)
			}
			if !test.cancelled && failureOf(t, err).Type() != ClassLostContact {
				t.Errorf("%v", err)
			}
		})
	}
}

// While a run saves on the way out it must not look dead: Temporal would give it to another
// worker, and what is being saved would be refused.
func TestHeartbeatsGoOnWhileARunIsSaved(t *testing.T) {
	for name, stop := range map[string]func(w *world){
		"by the workflow": func(w *world) { w.cancel(temporal.NewCanceledError()) },
		"with the worker": func(w *world) { close(w.stop) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				w.trainer.at = before(7, func() {
					stop(w)
					time.Sleep(20 * time.Second) // saving takes that long
				})
				began := len(w.beats)
				if _, err := w.train(); err == nil {
					t.Error("it was not stopped")
				}
				if n := len(w.beats) - began; n < 9 {
					t.Errorf("%d heartbeats in 20 s", n)
				}
			})
		})
	}
}
