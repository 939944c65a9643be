package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"time"

	"github.com/spf13/cobra"

	"github.com/scalelaw/scalelaw/sweep"
)

func (a *app) logsCommand() *cobra.Command {
	var follow bool
	c := &cobra.Command{
		Use: "logs RUN", Short: "Attempts and losses of a run, in order", Example: "  scalelaw logs 3f9a12 -f\n  scalelaw logs 3f9a12 -o json",
		Long: "Attempts and losses of a run, in order. With -o json a line of JSON each: an attempt, a step as in metrics.jsonl, and at the end the state.",
		Args: exactly("a run's id or its beginning"),
		RunE: func(c *cobra.Command, args []string) error {
			if a.config.Output == "csv" {
				return usage("logs are lines of text or, with -o json, of JSON")
			}
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
	l := &runLog{session: s, run: run.ID, step: -1}
	for {
		state, reason, err := s.store.RunState(ctx, run.ID) // before the rest, so that nothing comes after the end
		if err != nil {
			return err
		}
		if err := l.more(ctx); err != nil {
			return err
		}
		if !follow || state.Final() {
			return l.line(map[string]any{"state": state, "reason": reason}, fmt.Sprintf("%s %s", state, reason))
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(time.Second):
		}
	}
}

// runLog is how far the log of a run was written.
type runLog struct {
	*session
	run      string
	attempts int
	step     int64
}

// more writes what is new.
func (l *runLog) more(ctx context.Context) error {
	tries, err := l.store.Attempts(ctx, l.run)
	if err != nil {
		return err
	}
	for _, t := range tries[min(l.attempts, len(tries)):] {
		text := fmt.Sprintf("%s attempt %d on %s from step %d: %s %s", at(t.StartedAt), t.Number, t.Worker, t.ResumedFrom, t.Outcome, cell(t.Error))
		if err := l.line(t, text); err != nil {
			return err
		}
	}
	l.attempts = max(l.attempts, len(tries))
	rows, err := l.store.Metrics(ctx, l.run, nil, l.step)
	if err != nil {
		return err
	}
	return l.metrics(rows)
}

// metrics writes a line a step.
func (l *runLog) metrics(rows []sweep.Metric) error {
	for len(rows) > 0 {
		step := rows[0]
		text, fields := fmt.Sprintf("step %d, %d samples:", step.Step, step.SamplesSeen), map[string]any{"step": step.Step, "samples_seen": step.SamplesSeen}
		for len(rows) > 0 && rows[0].Step == step.Step {
			text += fmt.Sprintf(" %s %.5g", rows[0].Name, rows[0].Value)
			fields[rows[0].Name] = finite(rows[0].Value)
			rows = rows[1:]
		}
		if err := l.line(fields, text); err != nil {
			return err
		}
		l.step = step.Step
	}
	return nil
}

// line writes one line as JSON or as text.
func (l *runLog) line(v any, text string) error {
	if l.app.config.Output == "json" {
		return json.NewEncoder(l.app.stdout).Encode(v)
	}
	_, err := fmt.Fprintln(l.app.stdout, text)
	return err
}

// finite is what JSON can say of a number: the last loss of a diverged run may be none.
func finite(x float64) *float64 {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return nil
	}
	return &x
}
