package activities

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"go.temporal.io/sdk/activity"

	"github.com/scalelaw/scalelaw/sweep"
	"github.com/scalelaw/scalelaw/trainer"
)

// newestSnapshot is the newest checkpoint of a run whose weights and state are both there and
// undamaged; nil when there is none, so that the run starts anew. Postgres knows every durable
// checkpoint, also those later than the last heartbeat that arrived. A checkpoint is passed over
// only when it is known to be lost: what comes after the one that is taken is deleted, and a
// server or disk that is away for a moment must not cost a run its progress.
func (a *Activities) newestSnapshot(ctx context.Context, runID string) (*trainer.Snapshot, error) {
	checkpoints, err := a.Store.Checkpoints(ctx, runID)
	if err != nil {
		return nil, fmt.Errorf("list checkpoints to resume from: %w", err)
	}
	for _, c := range slices.Backward(checkpoints) {
		if c.State == nil {
			continue
		}
		usable, err := a.usable(ctx, c, c.Weights, *c.State)
		if err != nil {
			return nil, err
		}
		if usable {
			return &trainer.Snapshot{Step: c.Step, Weights: a.opener(ctx, c.Weights), State: a.opener(ctx, *c.State)}, nil
		}
	}
	return nil, nil
}

// usable reports whether the artifacts of a checkpoint are there and undamaged. The error is
// that of not knowing.
func (a *Activities) usable(ctx context.Context, c sweep.Checkpoint, artifacts ...sweep.Artifact) (bool, error) {
	err := a.verify(ctx, artifacts...)
	if errors.Is(err, sweep.ErrDataMissing) {
		activity.GetLogger(ctx).Warn("a checkpoint is lost", "run", c.RunID, "step", c.Step, "error", err)
		return false, nil
	}
	return err == nil, err
}

// verify reads artifacts to their end, which compares their hashes.
func (a *Activities) verify(ctx context.Context, artifacts ...sweep.Artifact) error {
	for _, want := range artifacts {
		if err := ctx.Err(); err != nil {
			return context.Cause(ctx)
		}
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
