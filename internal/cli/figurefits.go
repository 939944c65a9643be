package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/scalelaw/scalelaw/figure"
	"github.com/scalelaw/scalelaw/fit"
)

func (a *app) figureResidualsCommand() *cobra.Command {
	f := &lawFlags{}
	c := &cobra.Command{
		Use: "residuals [FIT]", Short: "How far runs lie from their law",
		Example: "  scalelaw figure residuals 1c9e --out residuals.svg\n  scalelaw figure residuals --csv runs.csv --x gmacs_total --y imagenet1k_acc1 --y-is accuracy --out residuals.pdf",
		Args:    atLeast(),
		RunE: func(c *cobra.Command, args []string) error {
			return a.readStudy(c.Context(), args, f, func(s lawStudy) error { return a.figureResiduals(s, f) })
		},
	}
	f.register(c)
	return c
}

func (a *app) figureResiduals(s lawStudy, f *lawFlags) error {
	if len(s.fits) != 1 {
		return usage("residuals are of one fit, this is %d: name one, or pick a group with --where", len(s.fits))
	}
	in := figure.ResidualsInput{Title: s.title + ": residuals", Subtitle: s.subtitle, Unit: s.unit, Runs: s.runs, Result: s.fits[0].result, Encoding: figure.Encoding{ByData: f.colour == "data"}}
	if err := a.draw(figure.NewResiduals(in), &f.figureFlags); err != nil {
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
			return a.readStudy(c.Context(), args, f, func(s lawStudy) error { return a.figureIsoflop(s, f, "N ("+f.N+")") })
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
		g, err := open.grid(ctx, args, metric)
		if err != nil {
			return err
		}
		s := lawStudy{title: g.name, metric: metric, unit: "GMACs"}
		points := g.points()
		o := f.Options
		o.Version = Version()
		r, err := fit.Fit(ctx, points, o)
		if err != nil {
			return fmt.Errorf("sweep %s: %w", g.name, err)
		}
		s.fits = []studyFit{{result: r, points: points}}
		return a.figureIsoflop(s.with(f), f, "GMACs a sample, forward")
	})
}

func (a *app) figureIsoflop(s lawStudy, f *lawFlags, size string) error {
	if len(s.fits) != 1 {
		return usage("profiles are of one fit, this is %d: name one, or pick a group with --where", len(s.fits))
	}
	one := s.fits[0]
	in := figure.IsoflopInput{Title: s.title + ": isoFLOP profiles", Subtitle: s.subtitle, Metric: s.metric, Size: size, Points: one.points, Result: one.result, Loss: s.loss}
	if err := a.draw(figure.NewIsoflop(in), &f.figureFlags); err != nil {
		return err
	}
	return a.refusedStudy(s)
}
