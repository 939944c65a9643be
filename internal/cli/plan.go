package cli

import (
	"context"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/scalelaw/scalelaw/sweep"
)

func (a *app) planCommand() *cobra.Command {
	var price float64
	c := &cobra.Command{
		Use: "plan SPEC", Short: "Cells, compute, samples, time, what is reused; touches nothing",
		Example: "  scalelaw plan examples/quickstart.yaml\n  scalelaw plan examples/openclip-2023.yaml -o json\n  scalelaw plan examples/icons-ladder.yaml --price 0.04",
		Args:    exactly("a sweep file"),
		RunE: func(c *cobra.Command, args []string) error {
			spec, _, err := a.readSpec(c.Context(), args[0])
			if err != nil {
				return err
			}
			if c.Flags().Changed("price") {
				if !(price >= sweep.MinPrice && price <= sweep.MaxPrice) {
					return usage("--price is %g; what a device hour costs: more than 0, at most %g", price, float64(sweep.MaxPrice))
				}
				spec.Limits.Price = price
			}
			plan, err := a.plan(c.Context(), spec)
			if err != nil {
				return err
			}
			return a.showPlan(plan, spec.Limits.Price)
		},
	}
	c.Flags().Float64Var(&price, "price", 0, "what a device hour costs; goes before the file's limits.price_per_device_hour")
	return c
}

// plan asks a database, where there is one, what is reused.
func (a *app) plan(ctx context.Context, spec *sweep.Spec) (*sweep.PlanResult, error) {
	if !a.hasDatabase() {
		return sweep.Plan(spec, nil, a.estimator(nil))
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
	Price      float64         `json:"price_per_device_hour,omitempty"`
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
	Cost              *float64     `json:"cost,omitempty"` // left out without a price, or when unknown
	MemoryBytes       *int64       `json:"memory_bytes"`   // of each device; null: unknown
	MemoryDevice      string       `json:"memory_device"`  // whose memory
	Reused            *bool        `json:"reused"`         // null: unknown
}

// showPlan prints a plan, with costs where a device hour has a price.
func (a *app) showPlan(plan *sweep.PlanResult, price float64) error {
	view := planView{Name: plan.Name, Price: price, Totals: plan.Totals, Warnings: plan.Warnings, Convention: plan.Convention, Runs: []plannedView{}}
	t := &table{header: []string{"run", "model", "data", "samples seen", "actual", "seed", "GMACs/sample", "GMACs", "time", "memory", "reused"}}
	if price > 0 {
		t.header = append(t.header, "cost")
	}
	for _, r := range plan.Runs {
		v := plannedView{
			ID: r.ID, Model: r.Model.Name, Data: r.Data.Name, SamplesSeen: r.SamplesSeen, ActualSamplesSeen: r.ActualSamplesSeen, Seed: r.Seed, Recipe: r.Recipe,
			GMACsPerSample: r.GMACsPerSample, GMACsTotal: r.GMACsTotal, SecondsSource: r.Estimate.Source, Cost: r.Estimate.Cost, Reused: r.Reused,
		}
		var time, memory any = "unknown", "unknown"
		if r.Estimate.Source != "" {
			v.Seconds = &r.Estimate.Seconds
			time = seconds(r.Estimate.Seconds)
		}
		if r.Estimate.Memory > 0 {
			v.MemoryBytes, v.MemoryDevice = &r.Estimate.Memory, r.Estimate.Device
			memory = memorySize(r.Estimate.Memory)
		}
		view.Runs = append(view.Runs, v)
		row := []any{id(r.ID), r.Model.Name, r.Data.Name, samples(r.SamplesSeen), r.ActualSamplesSeen, r.Seed, r.GMACsPerSample, r.GMACsTotal, time, memory, r.Reused}
		if price > 0 {
			row = append(row, costOf(r.Estimate.Cost))
		}
		t.add(row...)
	}
	if err := a.print(view, t); err != nil {
		return err
	}
	a.sayTotals(plan)
	return nil
}

// costOf is a cost as a cell shows it.
func costOf(cost *float64) any {
	if cost == nil {
		return "unknown"
	}
	return *cost
}

func (a *app) sayTotals(plan *sweep.PlanResult) {
	t := plan.Totals
	a.say("%d runs (%d reused), %.4g GMACs, of these %.4g to train; %s", t.Runs, t.Reused, t.GMACs, t.GMACsToTrain, plan.Convention)
	if t.SecondsSource != "" {
		a.say("about %s on one core (%s)", duration(t.Seconds), t.SecondsSource)
	}
	if t.Cost != nil {
		a.say("costs about %.4g", *t.Cost)
	}
	a.warnOfPlan(plan)
}

func (a *app) warnOfPlan(plan *sweep.PlanResult) {
	for _, w := range plan.Warnings {
		a.say("warning: %s [%s]", w.Text, w.Code)
	}
}
