package activities

import (
	"context"
	"io"
	"slices"

	"go.temporal.io/sdk/activity"

	"github.com/scalelaw/scalelaw/sweep"
	"github.com/scalelaw/scalelaw/trainer"
)

// newestSnapshot is the newest checkpoint of a run whose weights and state are both there and
// undamaged; nil when there is none, so that the run starts anew. Postgres knows every durable
// checkpoint, also those later than the last heartbeat that arrived.
func (a *Activities) newestSnapshot(ctx context.Context, runID string) *trainer.Snapshot {
	checkpoints, err := a.Store.Checkpoints(ctx, runID)
	if err != nil {
		activity.GetLogger(ctx).Warn("cannot list checkpoints to resume from", "run", runID, "error", err)
		return nil
	}
	for _, c := range slices.Backward(checkpoints) {
		if c.State == nil {
			continue
		}
		if err := a.verify(ctx, c.Weights, *c.State); err != nil {
			activity.GetLogger(ctx).Warn("a checkpoint cannot be resumed from", "run", runID, "step", c.Step, "error", err)
			continue
		}
		return &trainer.Snapshot{Step: c.Step, Weights: a.opener(ctx, c.Weights), State: a.opener(ctx, *c.State)}
	}
	return nil
}

// verify reads artifacts to their end, which compares their hashes.
func (a *Activities) verify(ctx context.Context, artifacts ...sweep.Artifact) error {
	for _, want := range artifacts {
		r, err := a.Artifacts.Get(ctx, want)
		if err != nil {
			return err
		}
		_, err = io.Copy(io.Discard, r)
		r.Close()
		if err != nil {
			return err
		}
	}
	return nil
}

func (a *Activities) opener(ctx context.Context, of sweep.Artifact) func() (io.ReadCloser, error) {
	return func() (io.ReadCloser, error) { return a.Artifacts.Get(context.WithoutCancel(ctx), of) }
}
