package cli

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/scalelaw/scalelaw/store"
	"github.com/scalelaw/scalelaw/sweep"
)

func (a *app) listCommand() *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "Sweeps", Example: "  scalelaw list", Args: exactly(),
		RunE: func(c *cobra.Command, _ []string) error {
			return a.withStore(c.Context(), "list", func(s *session) error {
				all, err := s.store.Sweeps(c.Context())
				if err != nil {
					return err
				}
				t := &table{header: []string{"sweep", "state", "cells", "GMACs", "device time", "created"}}
				for _, r := range all {
					t.add(r.Name, r.State, states(r), r.GMACsTotal, duration(r.DeviceSeconds), at(r.CreatedAt))
				}
				if all == nil {
					all = []sweep.SweepSummary{}
				}
				return a.print(all, t)
			})
		},
	}
}

func (a *app) statusCommand() *cobra.Command {
	return &cobra.Command{
		Use: "status SWEEP", Short: "Where a sweep stands, and its laws so far", Example: "  scalelaw status quickstart", Args: exactly("a sweep"),
		RunE: func(c *cobra.Command, args []string) error {
			return a.withStore(c.Context(), "status", func(s *session) error {
				r, err := s.store.SweepSummary(c.Context(), args[0])
				if err != nil {
					return err
				}
				t := &table{header: []string{"sweep", "state", "cells", "GMACs done", "of", "device time", "reason"}}
				t.add(r.Name, r.State, states(r), r.GMACsDone, r.GMACsTotal, duration(r.DeviceSeconds), r.Reason)
				if err := a.print(r, t); err != nil || a.config.Output != "table" {
					return err
				}
				fits, err := s.store.Fits(c.Context(), store.FitFilter{Sweep: args[0]})
				if err != nil {
					return err
				}
				return a.printFits(fits)
			})
		},
	}
}

func (a *app) runsCommand() *cobra.Command {
	return &cobra.Command{
		Use: "runs SWEEP", Short: "The runs of a sweep with their scores", Example: "  scalelaw runs quickstart\n  scalelaw runs quickstart -o csv", Args: exactly("a sweep"),
		RunE: func(c *cobra.Command, args []string) error {
			return a.withStore(c.Context(), "runs", func(s *session) error {
				runs, err := s.store.SweepRuns(c.Context(), args[0])
				if err != nil {
					return err
				}
				return a.print(runs, runTable(runs))
			})
		},
	}
}

// runTable has a column for each metric that any run was scored on.
func runTable(runs []sweep.RunSummary) *table {
	var metrics []string
	for _, r := range runs {
		for _, e := range r.Scores {
			if name := e.Task + "/" + e.Metric; !slices.Contains(metrics, name) && len(metrics) < 8 {
				metrics = append(metrics, name)
			}
		}
	}
	t := &table{header: append([]string{"run", "model", "data", "samples seen", "seed", "GMACs", "state", "step", "loss", "device time"}, metrics...)}
	for _, r := range runs {
		row := []any{shortID(r.ID), r.Model.Name, r.Data.Name, count(r.SamplesSeen), r.Seed, r.GMACsTotal, r.State, fmt.Sprintf("%d/%d", r.Step, r.Steps()), r.Loss, duration(r.DeviceSeconds)}
		for _, m := range metrics {
			i := slices.IndexFunc(r.Scores, func(e sweep.Evaluation) bool { return e.Task+"/"+e.Metric == m })
			if i < 0 {
				row = append(row, "-")
			} else {
				row = append(row, r.Scores[i].Value)
			}
		}
		t.add(row...)
	}
	return t
}

// runView is everything about one run.
type runView struct {
	sweep.RunSummary
	Sweeps      []string           `json:"sweeps"`
	Tries       []sweep.Attempt    `json:"attempt_list"`
	Checkpoints []sweep.Checkpoint `json:"checkpoint_list"`
	Evaluations []sweep.Evaluation `json:"evaluations"`
}

func (s *session) view(ctx context.Context, prefix string) (v runView, err error) {
	if v.RunSummary, err = s.store.FindRun(ctx, prefix); err != nil {
		return v, err
	}
	if v.Sweeps, err = s.store.RunSweeps(ctx, v.ID); err != nil {
		return v, err
	}
	if v.Tries, err = s.store.Attempts(ctx, v.ID); err != nil {
		return v, err
	}
	if v.Checkpoints, err = s.store.Checkpoints(ctx, v.ID); err != nil {
		return v, err
	}
	v.Evaluations, err = s.store.Evaluations(ctx, v.ID)
	return v, err
}

func (a *app) showCommand() *cobra.Command {
	return &cobra.Command{
		Use: "show RUN", Short: "One run: recipe, attempts, checkpoints, evaluations", Example: "  scalelaw show 3f9a12", Args: exactly("a run's id or its beginning"),
		RunE: func(c *cobra.Command, args []string) error {
			return a.withStore(c.Context(), "show", func(s *session) error {
				v, err := s.view(c.Context(), args[0])
				if err != nil {
					return err
				}
				if a.config.Output == "json" {
					return writeJSON(a.stdout, v)
				}
				return a.showRun(v)
			})
		},
	}
}

func (a *app) showRun(v runView) error {
	facts := &table{header: []string{"run", v.ID}}
	facts.add("state", v.State)
	facts.add("reason", v.Reason)
	facts.add("model", fmt.Sprintf("%s, %d parameters", v.Model.Name, v.Model.Params()))
	facts.add("data", fmt.Sprintf("%s, %d pairs", v.Data.Name, v.Data.Pairs))
	facts.add("samples seen", fmt.Sprintf("%d (asked for %d)", v.ActualSamplesSeen, v.SamplesSeen))
	facts.add("compute", fmt.Sprintf("%.6g GMACs", v.GMACsTotal))
	facts.add("recipe", fmt.Sprintf("%+v", v.Recipe))
	facts.add("trainer", v.TrainerRevision)
	facts.add("sweeps", v.Sweeps)
	attempts := &table{header: []string{"attempt", "worker", "device", "from step", "started", "seconds", "outcome", "error"}}
	for _, t := range v.Tries {
		attempts.add(t.Number, t.Worker, t.Device, t.ResumedFrom, at(t.StartedAt), t.DeviceSeconds, t.Outcome, t.Error)
	}
	checkpoints := &table{header: []string{"checkpoint at step", "samples seen", "kept", "sha256", "where"}}
	for _, c := range v.Checkpoints {
		checkpoints.add(c.Step, c.SamplesSeen, c.Kept, shortID(c.Weights.SHA256), c.Weights.URI)
	}
	scores := &table{header: []string{"metric", "step", "value", "samples", "revision", "evaluator"}}
	for _, e := range v.Evaluations {
		scores.add(e.Task+"/"+e.Metric, e.Step, e.Value, e.Samples, e.Revision, e.Evaluator)
	}
	for _, t := range []*table{facts, attempts, checkpoints, scores} {
		if err := t.write(a.stdout); err != nil {
			return err
		}
		fmt.Fprintln(a.stdout)
	}
	return nil
}

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
