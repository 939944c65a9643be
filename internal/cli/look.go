package cli

import (
	"cmp"
	"encoding/json"
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
					t.add(r.Name, r.State, states(r), r.GMACsTotal, seconds(r.DeviceSeconds), r.CreatedAt)
				}
				return a.print(sweepViews(all), t)
			})
		},
	}
}

// sweepView is the JSON of a sweep: its spec as JSON, no end while there is none.
type sweepView struct {
	sweep.SweepSummary
	Spec    json.RawMessage `json:"spec"`
	EndedAt *time.Time      `json:"ended_at"`
}

func sweepViewOf(s sweep.SweepSummary) sweepView {
	v := sweepView{SweepSummary: s, Spec: s.Spec}
	if !s.EndedAt.IsZero() {
		v.EndedAt = &s.EndedAt
	}
	return v
}

func sweepViews(all []sweep.SweepSummary) []sweepView {
	views := make([]sweepView, len(all))
	for i, s := range all {
		views[i] = sweepViewOf(s)
	}
	return views
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
				t.add(r.Name, r.State, states(r), r.GMACsDone, r.GMACsTotal, seconds(r.DeviceSeconds), r.Reason)
				if err := a.print(sweepViewOf(r), t); err != nil || a.config.Output != "table" {
					return err
				}
				fits, err := s.store.Fits(c.Context(), store.FitFilter{Sweep: args[0]})
				if err != nil {
					return err
				}
				return s.printFits(c.Context(), fits)
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
				return a.print(runs, a.runTable(runs))
			})
		},
	}
}

// widest is how many metrics a table for people has room for; CSV and JSON have all.
const widest = 4

// runTable has a column for each metric that any run was scored on.
func (a *app) runTable(runs []sweep.RunSummary) *table {
	metrics := scoredMetrics(runs)
	if n := len(metrics); n > widest && a.config.Output == "table" {
		metrics = metrics[:widest]
		a.say("%d more metrics are left out here: -o csv and -o json have them", n-widest)
	}
	t := &table{header: append([]string{"run", "model", "data", "samples seen", "seed", "GMACs", "state", "step", "of", "loss", "device time"}, metrics...)}
	for _, r := range runs {
		row := []any{id(r.ID), r.Model.Name, r.Data.Name, samples(r.SamplesSeen), r.Seed, r.GMACsTotal, r.State, r.Step, r.Steps(), r.Loss, seconds(r.DeviceSeconds)}
		for _, m := range metrics {
			row = append(row, scoreOn(r, m))
		}
		t.add(row...)
	}
	return t
}

// scoredMetrics are TASK/METRIC names: those of the catalogue first, in its order, which begins
// with what is mostly asked for.
func scoredMetrics(runs []sweep.RunSummary) []string {
	var scored, known []string
	for _, r := range runs {
		for _, e := range r.Scores {
			scored = append(scored, e.Task+"/"+e.Metric)
		}
	}
	for _, t := range sweep.Trainers() {
		for _, task := range t.Tasks {
			known = append(known, sweep.Metrics(task)...)
		}
	}
	slices.Sort(scored)
	scored = slices.Compact(scored)
	place := func(m string) int { return cmp.Or(slices.Index(known, m)+1, len(known)+1) }
	slices.SortStableFunc(scored, func(a, b string) int { return cmp.Compare(place(a), place(b)) })
	return scored
}

// scoreOn is nil where a run was not scored.
func scoreOn(r sweep.RunSummary, metric string) *float64 {
	i := slices.IndexFunc(r.Scores, func(e sweep.Evaluation) bool { return e.Task+"/"+e.Metric == metric })
	if i < 0 {
		return nil
	}
	return &r.Scores[i].Value
}
