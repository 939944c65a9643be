package activities

import (
	"context"

	"go.temporal.io/sdk/activity"

	"github.com/scalelaw/scalelaw/sweep"
	"github.com/scalelaw/scalelaw/trainer/surface"
)

// BatchInput asks for the surface cells of a sweep, many at a time.
type BatchInput struct {
	Sweep string `json:"sweep"`
	Size  int    `json:"size"` // runs a transaction
}

// BatchResult counts them.
type BatchResult struct {
	Runs int `json:"runs"`
}

// SurfaceBatch claims planned runs in Postgres, draws their errors and stores them, until none
// is left. A batch that died is claimed again.
func (a *Activities) SurfaceBatch(ctx context.Context, in BatchInput) (BatchResult, error) {
	var total BatchResult
	for {
		runs, err := a.Store.ClaimBatch(ctx, in.Sweep, in.Size)
		if err != nil || len(runs) == 0 {
			return total, fail(err)
		}
		var scores []sweep.Evaluation
		for _, r := range runs {
			drawn, err := surface.Scores(r)
			if err != nil {
				return total, fail(err)
			}
			scores = append(scores, drawn...)
		}
		if err := a.Store.FinishBatch(ctx, runs, scores); err != nil {
			return total, fail(err)
		}
		total.Runs += len(runs)
		activity.RecordHeartbeat(ctx, total)
	}
}
