package cli

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/scalelaw/scalelaw/fit"
)

func (a *app) benchFitCommand() *cobra.Command {
	var repeats int
	c := &cobra.Command{
		Use: "fit", Short: "Bootstraps of the seed study's frontier and Chinchilla's fit from 4,500 starts",
		Long:    "Fits the 29 runs of Cherti et al. 2023 with 10,000 bootstraps, the frontier extracted anew in each, and the 240 points of Hoffmann et al. 2022 from 4,500 starts. Each figure is the median of the repeats, of the whole fit with its diagnostics.",
		Example: "  scalelaw bench fit -o json", Args: exactly(),
		RunE: func(c *cobra.Command, _ []string) error {
			if repeats < 1 {
				return usage("--repeats is %d; at least 1", repeats)
			}
			m, err := benchFit(c.Context(), repeats)
			if err != nil {
				return err
			}
			t := &table{header: []string{"fit", "seconds"}}
			t.add("29 runs, 10000 bootstraps, pareto", m.Pareto)
			t.add("29 runs, 10000 bootstraps, binned-minima", m.Binned)
			t.add("Chinchilla, 4500 starts", m.Chinchilla)
			t.add("Chinchilla, 4500 starts and 4000 bootstraps", m.ChinchillaBootstrap)
			return a.print(m, t)
		},
	}
	c.Flags().IntVar(&repeats, "repeats", 5, "times that each fit is made")
	return c
}

// fitting is what bench fit measured.
type fitting struct {
	Pareto              float64 `json:"bootstrap_10000_seconds"`
	Binned              float64 `json:"binned_10000_seconds"`
	Chinchilla          float64 `json:"chinchilla_4500_seconds"`
	ChinchillaBootstrap float64 `json:"chinchilla_bootstrap_4000_seconds"` // with the 4,500 starts
	Objective           float64 `json:"chinchilla_objective"`
	Agree               int     `json:"chinchilla_starts_agree"`
	Threads             int     `json:"threads"`
}

func benchFit(ctx context.Context, repeats int) (m fitting, err error) {
	runs, err := fit.OpenCLIPRuns()
	if err != nil {
		return m, err
	}
	points, err := fit.ChinchillaPoints()
	if err != nil {
		return m, err
	}
	m.Threads = runtime.GOMAXPROCS(0)
	var r fit.Result
	for _, b := range []struct {
		into   *float64
		points []fit.Point
		o      fit.Options
	}{
		{&m.Pareto, runs, fit.Options{Rule: "pareto", Bootstrap: 10_000}},
		{&m.Binned, runs, fit.Options{Rule: "binned-minima", Pad: fit.DefaultPad, Bootstrap: 10_000}},
		{&m.ChinchillaBootstrap, points, fit.Options{Law: "chinchilla", YIs: "loss", Bootstrap: 4000}},
		{&m.Chinchilla, points, fit.Options{Law: "chinchilla", YIs: "loss", Bootstrap: 100}},
	} {
		if *b.into, r, err = medianFit(ctx, repeats, b.points, b.o); err != nil {
			return m, err
		}
	}
	m.Objective, m.Agree = r.Objective, r.Starts.Agree
	return m, nil
}

// medianFit is the median time of a fit in seconds, with its result.
func medianFit(ctx context.Context, repeats int, points []fit.Point, o fit.Options) (float64, fit.Result, error) {
	var r fit.Result
	times := make([]float64, repeats)
	for i := range times {
		began := time.Now()
		var err error
		if r, err = fit.Fit(ctx, points, o); err != nil {
			return 0, r, err
		}
		times[i] = time.Since(began).Seconds()
	}
	if r.Status != "ok" {
		return 0, r, fmt.Errorf("the benchmark's fit was refused: %s", r.Reason.Text)
	}
	slices.Sort(times)
	return times[len(times)/2], r, nil
}
