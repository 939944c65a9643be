package cli

import (
	"context"

	"github.com/spf13/cobra"

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
		views, err := s.views(ctx, fits)
		if err != nil {
			return err
		}
		return a.print(views, coefficientTable(views))
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
