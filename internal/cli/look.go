package cli

import (
	"fmt"
	"slices"

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
