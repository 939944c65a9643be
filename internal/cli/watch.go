package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"go.temporal.io/api/serviceerror"

	"github.com/scalelaw/scalelaw/store"
	"github.com/scalelaw/scalelaw/sweep"
	"github.com/scalelaw/scalelaw/workflows"
)

func (a *app) watchCommand() *cobra.Command {
	return &cobra.Command{
		Use: "watch SWEEP", Short: "Follow a sweep to its end and print its laws",
		Example: "  scalelaw watch quickstart",
		Args:    exactly("a sweep"),
		RunE: func(c *cobra.Command, args []string) error {
			return a.withTemporal(c.Context(), "watch", func(s *session) error {
				if _, err := s.temporal.DescribeWorkflowExecution(c.Context(), workflows.SweepID(args[0]), ""); err != nil {
					if _, err := s.store.Sweep(c.Context(), args[0]); err != nil {
						return err
					}
				}
				return s.watch(c.Context(), args[0])
			})
		},
	}
}

// pollEvery is how often Postgres is asked how far a sweep is.
const pollEvery = 500 * time.Millisecond

// watch follows a sweep to its end, prints its laws, and gives the error that the exit code
// is made from.
func (s *session) watch(ctx context.Context, name string) error {
	ended := make(chan error, 1)
	go func() { ended <- s.await(ctx, name) }()
	p := s.app.newProgress(name)
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	for {
		select {
		case err := <-ended:
			p.show(s.standing(ctx, name))
			p.close()
			if err != nil {
				return err
			}
			return s.conclude(ctx, name)
		case <-tick.C:
			p.show(s.standing(ctx, name))
		}
	}
}

// await waits for the sweep's workflow. Failures of the workflow itself are errors; that runs
// failed is told by Postgres. Servers that are away for a while are waited for.
func (s *session) await(ctx context.Context, name string) error {
	var away time.Time
	for {
		var result workflows.SweepResult
		err := s.temporal.GetWorkflow(ctx, workflows.SweepID(name), "").Get(ctx, &result)
		var gone *serviceerror.NotFound
		var unavailable *serviceerror.Unavailable
		var late *serviceerror.DeadlineExceeded
		switch {
		case err == nil:
			return nil
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.As(err, &gone):
			return nil // past Temporal's retention: Postgres knows
		case !errors.As(err, &unavailable) && !errors.As(err, &late):
			return fmt.Errorf("sweep %s: %w", name, err)
		}
		if away.IsZero() {
			away = time.Now()
		}
		if time.Since(away) > time.Minute {
			return fmt.Errorf("sweep %s: Temporal %w: %w", name, sweep.ErrUnreachable, err)
		}
		time.Sleep(time.Second)
	}
}

// conclude prints the laws of a sweep that ended and says, as an error, how it ended.
func (s *session) conclude(ctx context.Context, name string) error {
	summary, err := s.store.SweepSummary(ctx, name)
	if err != nil {
		return err
	}
	fits, err := s.store.Fits(ctx, store.FitFilter{Sweep: name})
	if err != nil {
		return err
	}
	if err := s.printFits(ctx, fits); err != nil {
		return err
	}
	refused := s.app.refusals(fits)
	if summary.State == sweep.Cancelled {
		return fmt.Errorf("the sweep %s was cancelled", name)
	}
	if bad := summary.Counts[sweep.Failed] + summary.Counts[sweep.Diverged]; bad > 0 {
		why, err := s.why(ctx, summary)
		if err != nil {
			return err
		}
		s.app.say("%d of %d runs did not make it: %s", bad, summary.Total, why)
		return silently(errRunsFailed)
	}
	return refused
}

// why is the reason that the sweep gives, or those of its runs: a sweep that went on tells only
// of what failed since.
func (s *session) why(ctx context.Context, summary sweep.SweepSummary) (string, error) {
	if summary.Reason != "" {
		return summary.Reason, nil
	}
	runs, err := s.store.SweepRuns(ctx, summary.Name)
	if err != nil {
		return "", err
	}
	var why []string
	for _, r := range runs {
		if r.State == sweep.Failed || r.State == sweep.Diverged {
			why = append(why, fmt.Sprintf("%s %s: %s", shortID(r.ID), r.State, r.Reason))
		}
	}
	const few = 5
	return strings.Join(why[:min(few, len(why))], "; "), nil
}
