package cli

import (
	"context"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/scalelaw/scalelaw/sweep"
)

func (a *app) planCommand() *cobra.Command {
	return &cobra.Command{
		Use: "plan SPEC", Short: "Cells, compute, samples, time, what is reused; touches nothing",
		Example: "  scalelaw plan examples/quickstart.yaml\n  scalelaw plan examples/openclip-2023.yaml -o json",
		Args:    exactly("a sweep file"),
		RunE: func(c *cobra.Command, args []string) error {
			spec, _, err := a.readSpec(c.Context(), args[0])
			if err != nil {
				return err
			}
			plan, err := a.plan(c.Context(), spec)
			if err != nil {
				return err
			}
			return a.showPlan(plan)
		},
	}
}

// plan asks a database, where there is one, what is reused.
func (a *app) plan(ctx context.Context, spec *sweep.Spec) (*sweep.PlanResult, error) {
	if !a.hasDatabase() {
		return sweep.Plan(spec, nil, estimator(nil))
	}
	var plan *sweep.PlanResult
	err := a.withStore(ctx, "plan", func(s *session) (err error) {
		plan, err = s.planWith(ctx, spec)
		return err
	})
	return plan, err
}

// hasDatabase reports whether there is one to ask without making it.
func (a *app) hasDatabase() bool {
	if a.config.DatabaseURL != "" {
		return true
	}
	_, err := os.Stat(filepath.Join(a.config.DataDir, "postgres", "PG_VERSION"))
	return err == nil && a.embedded != nil
}

// planView is the JSON of a plan.
type planView struct {
	Name       string          `json:"name"`
	Runs       []plannedView   `json:"runs"`
	Totals     sweep.Totals    `json:"totals"`
	Warnings   []sweep.Warning `json:"warnings"`
	Convention string          `json:"compute_convention"`
}

type plannedView struct {
	ID                string       `json:"id"`
	Model             string       `json:"model"`
	Data              string       `json:"data"`
	SamplesSeen       int64        `json:"samples_seen"`
	ActualSamplesSeen int64        `json:"actual_samples_seen"`
	Seed              int64        `json:"seed"`
	Recipe            sweep.Recipe `json:"recipe"`
	GMACsPerSample    float64      `json:"gmacs_per_sample"`
	GMACsTotal        float64      `json:"gmacs_total"`
	Seconds           *float64     `json:"seconds"` // null: unknown
	SecondsSource     string       `json:"seconds_source"`
	MemoryBytes       *int64       `json:"memory_bytes"` // null: unknown
	Reused            *bool        `json:"reused"`       // null: unknown
}

func (a *app) showPlan(plan *sweep.PlanResult) error {
	view := planView{Name: plan.Name, Totals: plan.Totals, Warnings: plan.Warnings, Convention: plan.Convention, Runs: []plannedView{}}
	t := &table{header: []string{"run", "model", "data", "samples seen", "actual", "seed", "GMACs/sample", "GMACs", "time", "memory", "reused"}}
	for _, r := range plan.Runs {
		v := plannedView{
			ID: r.ID, Model: r.Model.Name, Data: r.Data.Name, SamplesSeen: r.SamplesSeen, ActualSamplesSeen: r.ActualSamplesSeen, Seed: r.Seed, Recipe: r.Recipe,
			GMACsPerSample: r.GMACsPerSample, GMACsTotal: r.GMACsTotal, SecondsSource: r.Estimate.Source, Reused: r.Reused,
		}
		var time, memory any = "unknown", "unknown"
		if r.Estimate.Source != "" {
			v.Seconds = &r.Estimate.Seconds
			time = seconds(r.Estimate.Seconds)
		}
		if r.Estimate.Memory > 0 {
			v.MemoryBytes = &r.Estimate.Memory
			memory = memorySize(r.Estimate.Memory)
		}
		view.Runs = append(view.Runs, v)
		t.add(id(r.ID), r.Model.Name, r.Data.Name, samples(r.SamplesSeen), r.ActualSamplesSeen, r.Seed, r.GMACsPerSample, r.GMACsTotal, time, memory, r.Reused)
	}
	if err := a.print(view, t); err != nil {
		return err
	}
	a.sayTotals(plan)
	return nil
}

func (a *app) sayTotals(plan *sweep.PlanResult) {
	t := plan.Totals
	a.say("%d runs (%d reused), %.4g GMACs, of these %.4g to train; %s", t.Runs, t.Reused, t.GMACs, t.GMACsToTrain, plan.Convention)
	if t.SecondsSource != "" {
		a.say("about %s on one core (%s)", duration(t.Seconds), t.SecondsSource)
	}
	a.warnOfPlan(plan)
}

func (a *app) warnOfPlan(plan *sweep.PlanResult) {
	for _, w := range plan.Warnings {
		a.say("warning: %s [%s]", w.Text, w.Code)
	}
}
