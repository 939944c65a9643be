package cli

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/scalelaw/scalelaw/sweep"
)

func (a *app) logsCommand() *cobra.Command {
	var follow bool
	c := &cobra.Command{
		Use: "logs RUN", Short: "Attempts and losses of a run, in order", Example: "  scalelaw logs 3f9a12 -f", Args: exactly("a run's id or its beginning"),
		RunE: func(c *cobra.Command, args []string) error {
			return a.withStore(c.Context(), "logs", func(s *session) error { return s.logs(c.Context(), args[0], follow) })
		},
	}
	c.Flags().BoolVarP(&follow, "follow", "f", false, "wait for more until the run ends")
	return c
}

func (s *session) logs(ctx context.Context, prefix string, follow bool) error {
	run, err := s.store.FindRun(ctx, prefix)
	if err != nil {
		return err
	}
	attempts, step := 0, int64(-1)
	for {
		tries, err := s.store.Attempts(ctx, run.ID)
		if err != nil {
			return err
		}
		for _, t := range tries[min(attempts, len(tries)):] {
			fmt.Fprintf(s.app.stdout, "%s attempt %d on %s from step %d: %s %s\n", at(t.StartedAt), t.Number, t.Worker, t.ResumedFrom, t.Outcome, t.Error)
		}
		attempts = max(attempts, len(tries))
		rows, err := s.store.Metrics(ctx, run.ID, nil, step)
		if err != nil {
			return err
		}
		step = s.writeMetrics(rows, step)
		state, reason, err := s.store.RunState(ctx, run.ID)
		if err != nil {
			return err
		}
		if !follow || state.Final() {
			fmt.Fprintf(s.app.stdout, "%s %s\n", state, reason)
			return nil
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(time.Second):
		}
	}
}

// writeMetrics writes a line a step and gives the last step.
func (s *session) writeMetrics(rows []sweep.Metric, last int64) int64 {
	for i, m := range rows {
		if i == 0 || m.Step != rows[i-1].Step {
			fmt.Fprintf(s.app.stdout, "step %d, %d samples:", m.Step, m.SamplesSeen)
		}
		fmt.Fprintf(s.app.stdout, " %s %.5g", m.Name, m.Value)
		if i == len(rows)-1 || rows[i+1].Step != m.Step {
			fmt.Fprintln(s.app.stdout)
		}
		last = m.Step
	}
	return last
}
