package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/scalelaw/scalelaw/sweep"
	"github.com/scalelaw/scalelaw/web"
	"github.com/scalelaw/scalelaw/workflows"
)

// Plan plans a spec against what the database holds.
func (b *backend) Plan(ctx context.Context, spec *sweep.Spec) (*sweep.PlanResult, error) {
	plan, err := b.session.planWith(ctx, spec)
	return plan, forPages(err)
}

// Standing says what there is of a spec's name, and whether it can be started.
func (b *backend) Standing(ctx context.Context, spec *sweep.Spec) (s web.Standing, err error) {
	if err := available(spec); err != nil {
		s.Cannot = err.Error()
	}
	record, err := b.Sweep(ctx, spec.Name)
	if errors.Is(err, sweep.ErrNotFound) {
		return s, nil
	}
	if err != nil {
		return s, err
	}
	s.State = record.State
	s.Same, err = sameSpec(record, spec)
	return s, err
}

// Submit starts a sweep, or adds cells to one.
func (b *backend) Submit(ctx context.Context, spec *sweep.Spec, extend bool) error {
	ctx, cancel := context.WithTimeout(ctx, answerWithin)
	defer cancel()
	return forPages(b.submit(ctx, spec, extend))
}

func (b *backend) submit(ctx context.Context, spec *sweep.Spec, extend bool) error {
	if err := available(spec); err != nil {
		return err
	}
	asJSON, err := specJSON(spec)
	if err != nil {
		return err
	}
	if extend {
		_, err := b.session.askExtend(ctx, spec.Name, asJSON)
		return err
	}
	standing, err := b.Standing(ctx, spec)
	if err != nil {
		return err
	}
	if standing.State != "" && !standing.Same {
		return fmt.Errorf("a study named %s with another grid: %w: give this one a new name, or extend that one", spec.Name, sweep.ErrExists)
	}
	_, err = b.session.startSweep(ctx, workflows.SweepInput{Name: spec.Name, Spec: asJSON}, spec.Trainer)
	return err
}
