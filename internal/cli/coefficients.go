package cli

import (
	"context"
	"errors"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/scalelaw/scalelaw/fit"
	"github.com/scalelaw/scalelaw/store"
)

func (a *app) fitListCommand() *cobra.Command {
	var filter store.FitFilter
	c := &cobra.Command{
		Use: "list", Short: "Stored fits, newest first", Example: "  scalelaw fit list --sweep quickstart --all", Args: exactly(),
		RunE: func(c *cobra.Command, _ []string) error { return a.coefficients(c.Context(), filter) },
	}
	fitFilterFlags(c, &filter)
	return c
}

func fitFilterFlags(c *cobra.Command, f *store.FitFilter) {
	c.Flags().StringVar(&f.Sweep, "sweep", "", "of this sweep")
	c.Flags().StringVar(&f.Metric, "metric", "", "of this TASK/METRIC")
	c.Flags().StringVar(&f.Law, "law", "", "of this law")
	c.Flags().StringVar(&f.Rule, "rule", "", "by this rule")
	c.Flags().BoolVar(&f.All, "all", false, "every fit, not only the newest of each question")
}

func (a *app) coefficients(ctx context.Context, filter store.FitFilter) error {
	return a.withStore(ctx, "coefficients", func(s *session) error {
		fits, err := s.store.Fits(ctx, filter)
		if err != nil {
			return err
		}
		views := make([]fitView, len(fits))
		for i, f := range fits {
			views[i] = viewOf(f)
		}
		return a.print(views, coefficientTable(fits))
	})
}

func (a *app) coefficientsCommand() *cobra.Command {
	var filter store.FitFilter
	c := &cobra.Command{
		Use: "coefficients", Short: "Fitted coefficients with intervals", Example: "  scalelaw coefficients --metric icons-test/top1_error -o csv", Args: exactly(),
		RunE: func(c *cobra.Command, _ []string) error { return a.coefficients(c.Context(), filter) },
	}
	fitFilterFlags(c, &filter)
	return c
}

func (a *app) predictCommand() *cobra.Command {
	var compute []float64
	c := &cobra.Command{
		Use: "predict FIT --compute C...", Short: "The error that a law expects at more compute", Args: atLeast("a fit's id or its beginning"),
		Example: "  scalelaw predict 1c9e --compute 1e6,1e7\n  scalelaw predict 1c9e --compute 1e6 1e7",
		RunE: func(c *cobra.Command, args []string) error {
			if len(compute) == 0 {
				return usage("--compute is needed: amounts in forward GMACs")
			}
			for _, more := range args[1:] {
				x, err := strconv.ParseFloat(more, 64)
				if err != nil {
					return usage("%q is no amount of compute", more)
				}
				compute = append(compute, x)
			}
			return a.withStore(c.Context(), "predict", func(s *session) error { return s.predict(c.Context(), args[0], compute) })
		},
	}
	c.Flags().Float64SliceVar(&compute, "compute", nil, "amounts of compute, in forward GMACs")
	return c
}

func (s *session) predict(ctx context.Context, fitID string, compute []float64) error {
	f, err := s.store.Fit(ctx, fitID)
	if err != nil {
		return err
	}
	if f.Result, err = f.Predict(ctx, compute); err != nil {
		return err
	}
	t := &table{header: []string{"C", "E", "law lower", "law upper", "run lower", "run upper"}}
	for _, p := range f.Result.Predictions {
		t.add(p.C, p.Value, p.LawInterval[0], p.LawInterval[1], p.RunInterval[0], p.RunInterval[1])
	}
	for _, w := range f.Result.Warnings {
		s.app.say("warning: %s [%s]", w.Text, w.Code)
	}
	return errors.Join(s.app.print(viewOf(f), t), s.app.refusals([]fit.Record{f}))
}
