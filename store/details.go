package store

import (
	"context"

	"github.com/scalelaw/scalelaw/sweep"
)

// RunDetail is everything about one run but its metrics.
type RunDetail struct {
	sweep.RunSummary
	Sweeps      []string           `json:"sweeps"`
	Tries       []sweep.Attempt    `json:"attempt_list"`
	Checkpoints []sweep.Checkpoint `json:"checkpoint_list"`
	Evaluations []sweep.Evaluation `json:"evaluations"`
	Exclusions  []Exclusion        `json:"exclusions"` // withdrawn ones too
	Fits        []string           `json:"fits"`       // those that have it among their inputs, used or not
}

// RunDetail reads the run whose id begins with prefix.
func (s *Store) RunDetail(ctx context.Context, prefix string) (d RunDetail, err error) {
	if d.RunSummary, err = s.FindRun(ctx, prefix); err != nil {
		return d, err
	}
	if d.Sweeps, err = s.RunSweeps(ctx, d.ID); err != nil {
		return d, err
	}
	if d.Tries, err = s.Attempts(ctx, d.ID); err != nil {
		return d, err
	}
	if d.Checkpoints, err = s.Checkpoints(ctx, d.ID); err != nil {
		return d, err
	}
	if d.Evaluations, err = s.Evaluations(ctx, d.ID); err != nil {
		return d, err
	}
	if d.Exclusions, err = s.Exclusions(ctx, ExclusionFilter{Run: d.ID}); err != nil {
		return d, err
	}
	d.Fits, err = s.FitsOf(ctx, d.ID)
	return d, err
}
