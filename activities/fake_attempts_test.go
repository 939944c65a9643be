package activities

import (
	"context"
	"fmt"
	"slices"

	"github.com/scalelaw/scalelaw/sweep"
)

func (s *fakeStore) BeginAttempt(ctx context.Context, a sweep.Attempt) (int, error) {
	r, done, err := s.open(ctx, "BeginAttempt", a.RunID)
	if err != nil {
		return 0, err
	}
	defer done()
	for i := range r.attempts {
		if r.attempts[i].Outcome == sweep.Running {
			r.attempts[i].Outcome = "lost"
		}
	}
	r.state, r.reason = sweep.Running, ""
	r.metrics = slices.DeleteFunc(r.metrics, func(m sweep.Metric) bool { return m.Step > a.ResumedFrom })
	r.checkpoints = slices.DeleteFunc(r.checkpoints, func(c sweep.Checkpoint) bool { return c.Step > a.ResumedFrom })
	a.Number, a.Outcome = len(r.attempts)+1, sweep.Running
	r.attempts = append(r.attempts, a)
	return a.Number, nil
}

func (s *fakeStore) EndAttempt(ctx context.Context, a sweep.Attempt) error {
	r, done, err := s.open(ctx, "EndAttempt", a.RunID)
	if err != nil {
		return err
	}
	defer done()
	if r.attempts[a.Number-1].Outcome == sweep.Running {
		r.attempts[a.Number-1] = a
	}
	return nil
}

// latest refuses what an attempt writes when a later one has begun.
func (r *fakeRun) latest(attempt int) error {
	if len(r.attempts) != attempt {
		return fmt.Errorf("attempt %d: %w (%d)", attempt, sweep.ErrSuperseded, len(r.attempts))
	}
	return nil
}

func (s *fakeStore) AddMetrics(ctx context.Context, id string, attempt int, rows []sweep.Metric) error {
	if len(rows) == 0 {
		return nil
	}
	r, done, err := s.open(ctx, "AddMetrics", id)
	if err != nil {
		return err
	}
	defer done()
	if err := r.latest(attempt); err != nil {
		return err
	}
	for _, m := range rows {
		r.writes++
		r.metrics = slices.DeleteFunc(r.metrics, func(o sweep.Metric) bool { return o.Name == m.Name && o.Step == m.Step })
		r.metrics = append(r.metrics, m)
	}
	return nil
}

func (s *fakeStore) AddCheckpoint(ctx context.Context, c sweep.Checkpoint) error {
	r, done, err := s.open(ctx, "AddCheckpoint", c.RunID)
	if err != nil {
		return err
	}
	defer done()
	if err := r.latest(c.Attempt); err != nil {
		return err
	}
	if i := slices.IndexFunc(r.checkpoints, func(o sweep.Checkpoint) bool { return o.Step == c.Step }); i >= 0 {
		c.Kept = c.Kept || r.checkpoints[i].Kept
		r.checkpoints = slices.Delete(r.checkpoints, i, i+1)
	}
	r.checkpoints = append(r.checkpoints, c)
	slices.SortFunc(r.checkpoints, func(a, b sweep.Checkpoint) int { return int(a.Step - b.Step) })
	return nil
}

func (s *fakeStore) Checkpoints(ctx context.Context, id string) ([]sweep.Checkpoint, error) {
	r, done, err := s.open(ctx, "Checkpoints", id)
	if err != nil {
		return nil, err
	}
	defer done()
	return slices.Clone(r.checkpoints), nil
}

// flaky is a store that lists checkpoints once and is away from then on.
type flaky struct {
	*fakeStore
	listed bool
}

func (f *flaky) Checkpoints(ctx context.Context, id string) ([]sweep.Checkpoint, error) {
	if f.listed {
		return nil, sweep.ErrUnreachable
	}
	f.listed = true
	return f.fakeStore.Checkpoints(ctx, id)
}

func (s *fakeStore) DropStates(ctx context.Context, id string, before int64) ([]sweep.Artifact, error) {
	r, done, err := s.open(ctx, "DropStates", id)
	if err != nil {
		return nil, err
	}
	defer done()
	var free []sweep.Artifact
	var left []sweep.Checkpoint
	for _, c := range r.checkpoints {
		if c.Step < before && c.State != nil {
			free, c.State = append(free, *c.State), nil
		}
		if c.Step < before && !c.Kept {
			free = append(free, c.Weights)
			continue
		}
		left = append(left, c)
	}
	r.checkpoints = left
	return free, nil
}
