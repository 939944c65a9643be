package activities

import (
	"context"
	"fmt"
	"io"
	"testing"
	"testing/synctest"
	"time"

	"go.temporal.io/sdk/temporal"

	"github.com/scalelaw/scalelaw/sweep"
	"github.com/scalelaw/scalelaw/trainer"
	"github.com/scalelaw/scalelaw/trainer/artifact"
)

// full is an artifact store whose disk has no room until a time.
type full struct {
	artifact.Store
	until time.Time
}

func (f full) Put(ctx context.Context, write func(io.Writer) error) (sweep.Artifact, error) {
	if time.Now().Before(f.until) {
		return sweep.Artifact{}, fmt.Errorf("write a checkpoint: %w", sweep.ErrNoSpace)
	}
	return f.Store.Put(ctx, write)
}

// Somebody makes room while a checkpoint waits: nothing is trained twice.
func TestACheckpointWaitsForRoom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.do.Artifacts = full{w.do.Artifacts, time.Now().Add(roomWithin / 2)}
		w.mustTrain()
		if len(w.run.attempts) != 1 || stepsIn(w.run.checkpoints) != "[5 10]" {
			t.Errorf("%d attempts, checkpoints %s", len(w.run.attempts), stepsIn(w.run.checkpoints))
		}
	})
}

func TestACheckpointWaitsForRoomNoLonger(t *testing.T) {
	for name, test := range map[string]struct {
		at   func(w *world) func(context.Context, int64, trainer.Sink) error
		most time.Duration
	}{
		"than it may":            {func(*world) func(context.Context, int64, trainer.Sink) error { return nil }, roomWithin + roomEvery},
		"than its run is wanted": {func(w *world) func(context.Context, int64, trainer.Sink) error { return stopSoon(w) }, 2 * roomEvery},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				began := time.Now()
				w.do.Artifacts, w.trainer.at = full{w.do.Artifacts, began.Add(time.Hour)}, test.at(w)
				_, err := w.train()
				if got := failureOf(t, err); got.Type() != ClassNoSpace || time.Since(began) > test.most {
					t.Errorf("after %s: %s", time.Since(began), got.Type())
				}
			})
		})
	}
}

// stopSoon lets the workflow cancel the run a moment after its first step.
func stopSoon(w *world) func(context.Context, int64, trainer.Sink) error {
	return func(_ context.Context, step int64, _ trainer.Sink) error {
		if step == 1 {
			time.AfterFunc(roomEvery/2, func() { w.cancel(temporal.NewCanceledError()) })
		}
		return nil
	}
}
