// Package activities does what workflows decide: it calls trainers, the fit and the store.
// Its inputs and results are written into workflow histories, so they may only grow.
package activities

import (
	"context"
	"os"

	"go.temporal.io/sdk/activity"

	"github.com/scalelaw/scalelaw/sweep"
	"github.com/scalelaw/scalelaw/trainer"
	"github.com/scalelaw/scalelaw/trainer/artifact"
)

// Deps is what the activities work with.
type Deps struct {
	Store     Store
	Trainers  map[string]trainer.Trainer // by name
	Artifacts artifact.Store
	Worker    string   // identity of this worker process
	Threads   int      // per run; 0: all cores
	Devices   *Devices // that runs take; nil: they compute wherever the trainer can
	Version   string   // of the program, for the records of fits
}

// Activities are registered with a worker; workflows name its methods.
type Activities struct {
	Deps
	host string
}

// New makes the activities of one worker process.
func New(d Deps) *Activities {
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	return &Activities{Deps: d, host: host}
}

// trainer finds the implementation that a run names.
func (a *Activities) trainer(run sweep.Run) (trainer.Trainer, error) {
	t, ok := a.Trainers[run.Trainer]
	if !ok {
		return nil, failf(sweep.ErrUnsupported, "the trainer %s is not part of this worker", run.Trainer)
	}
	return t, nil
}

// untilDrained gives a context that ends, with errDraining as its cause, when the worker is
// asked to stop: a training run then saves where it stands, and another worker can take it.
func untilDrained(ctx context.Context) (context.Context, context.CancelCauseFunc) {
	stopping := activity.GetWorkerStopChannel(ctx)
	ctx, cancel := context.WithCancelCause(ctx)
	go func() {
		select {
		case <-stopping:
			cancel(errDraining)
		case <-ctx.Done():
		}
	}()
	return ctx, cancel
}
