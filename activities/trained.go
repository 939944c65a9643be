package activities

import (
	"context"
	"slices"

	"github.com/scalelaw/scalelaw/sweep"
)

// alreadyTrained is the result of a run that an earlier try, or an earlier sweep, finished.
func (a *Activities) alreadyTrained(ctx context.Context, run sweep.Run, in TrainInput) (*TrainResult, error) {
	state, reason, err := a.Store.RunState(ctx, run.ID)
	if err != nil {
		return nil, err
	}
	kept, err := a.kept(ctx, run.ID)
	if err != nil {
		return nil, err
	}
	if state != sweep.Succeeded {
		if whole, err := a.allThere(ctx, run, kept); err != nil || !whole {
			return nil, err
		}
	}
	if in.Finish && state != sweep.Succeeded {
		if err := a.Store.SetRunState(ctx, run.ID, sweep.Succeeded, ""); err != nil {
			return nil, err
		}
	}
	return &TrainResult{State: sweep.Succeeded, Reason: reason, Steps: stepsOf(kept)}, nil
}

// allThere reports whether a run reached its last step and its kept weights are undamaged.
// When some are lost the run is trained again, or its evaluation could never succeed.
func (a *Activities) allThere(ctx context.Context, run sweep.Run, kept []sweep.Checkpoint) (bool, error) {
	if len(kept) == 0 || kept[len(kept)-1].Step != run.Steps() {
		return false, nil
	}
	for _, c := range kept {
		if usable, err := a.usable(ctx, c, c.Weights); err != nil || !usable {
			return false, err
		}
	}
	return true, nil
}

// kept are a run's kept checkpoints, by step.
func (a *Activities) kept(ctx context.Context, runID string) ([]sweep.Checkpoint, error) {
	checkpoints, err := a.Store.Checkpoints(ctx, runID)
	return slices.DeleteFunc(checkpoints, func(c sweep.Checkpoint) bool { return !c.Kept }), err
}

func stepsOf(checkpoints []sweep.Checkpoint) []int64 {
	var steps []int64
	for _, c := range checkpoints {
		steps = append(steps, c.Step)
	}
	return steps
}
