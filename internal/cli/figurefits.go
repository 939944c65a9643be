package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/scalelaw/scalelaw/fit"
	"github.com/scalelaw/scalelaw/study"
)

func (a *app) figureResidualsCommand() *cobra.Command {
	f := &lawFlags{}
	c := &cobra.Command{
		Use: "residuals [FIT]", Short: "How far runs lie from their law",
		Example: "  scalelaw figure residuals 1c9e --out residuals.svg\n  scalelaw figure residuals --csv runs.csv --x gmacs_total --y imagenet1k_acc1 --y-is accuracy --out residuals.pdf",
		Args:    atLeast(),
		RunE: func(c *cobra.Command, args []string) error {
			return a.readStudy(c.Context(), args, f, func(s study.Laws) error { return a.figureResiduals(s, f) })
		},
	}
	f.register(c)
	return c
}

func (a *app) figureResiduals(s study.Laws, f *lawFlags) error {
	drawn, err := s.Residuals(f.colour == "data")
	if err != nil {
		return err
	}
	if err := a.draw(drawn, &f.figureFlags); err != nil {
		return err
	}
	return a.refusedStudy(s)
}

func (a *app) figureIsoflopCommand() *cobra.Command {
	f := &lawFlags{}
	c := &cobra.Command{
		Use: "isoflop [SWEEP]", Short: "Error against model size at equal compute, with the best sizes",
		Example: "  scalelaw figure isoflop ladder --metric icons-test/top1_error --out isoflop.svg\n  scalelaw figure isoflop --csv points.csv --n n --d d --y loss --out isoflop.pdf",
		Args:    atLeast(),
	}
	f.register(c)
	metric := metricFlag(c)
	f.Law, c.Flag("law").DefValue = "isoflop", "isoflop"
	c.RunE = func(c *cobra.Command, args []string) error {
		if f.Law != "isoflop" {
			return usage("--law is %s; these profiles are those of the law isoflop", f.Law)
		}
		if f.csv != "" || len(args) == 0 {
			return a.readStudy(c.Context(), args, f, func(s study.Laws) error { return a.figureIsoflop(s, f, "N ("+f.N+")") })
		}
		return a.sweepIsoflop(c.Context(), args, *metric, f)
	}
	return c
}

// sweepIsoflop fits profiles to a sweep's runs as they stand: N is MACs a sample, D samples seen.
func (a *app) sweepIsoflop(ctx context.Context, args []string, metric string, f *lawFlags) error {
	if err := f.check(args); err != nil {
		return err
	}
	if err := f.fitFlags.check(); err != nil {
		return err
	}
	return a.withStore(ctx, "figure isoflop", func(open *session) error {
		g, err := study.ReadGrid(ctx, open.store, args[0], metric)
		if err != nil {
			return err
		}
		s := study.Laws{Title: g.Name, Metric: metric, Unit: "GMACs"}
		points := g.Points()
		o := f.Options
		o.Version = Version()
		r, err := fit.Fit(ctx, points, o)
		if err != nil {
			return fmt.Errorf("sweep %s: %w", g.Name, err)
		}
		s.Fits = []study.Fitted{{Result: r, Points: points}}
		return a.figureIsoflop(f.over(s), f, "GMACs a sample, forward")
	})
}

func (a *app) figureIsoflop(s study.Laws, f *lawFlags, size string) error {
	drawn, err := s.Profiles(size)
	if err != nil {
		return err
	}
	if err := a.draw(drawn, &f.figureFlags); err != nil {
		return err
	}
	return a.refusedStudy(s)
}
