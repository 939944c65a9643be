package cli

import (
	"context"
	"errors"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/scalelaw/scalelaw/fit"
	"github.com/scalelaw/scalelaw/study"
)

func (a *app) fitCommand() *cobra.Command {
	return group("fit", "Fit laws and look at fits", a.fitCSVCommand(), a.fitNewCommand(), a.fitListCommand(), a.fitShowCommand(), a.fitDiffCommand(), a.fitReproduceCommand(), a.fitCoverageCommand())
}

// fitFlags are the options that every fit takes.
type fitFlags struct {
	fit.Options
	given   func(flag string) bool
	samples string
}

func (f *fitFlags) register(c *cobra.Command) {
	f.frontierFlags(c)
	o := c.Flags()
	o.BoolVar(&f.Choose, "choose", false, "of the laws nested in, or around, --law take the one that the runs support, and say why")
	o.Float64Var(&f.HoldoutAbove, "holdout-above", 0, "hold out the runs of more compute, predict and score them")
	o.Float64Var(&f.Chance, "chance", 0, "the error of guessing, for the warning near_chance (default 1)")
	o.IntVar(&f.Bootstrap, "bootstrap", 4000, "resamples")
	o.Uint64Var(&f.Seed, "seed", 0, "seed of the resamples")
	o.StringVar(&f.Interval, "interval", "", "intervals by: "+strings.Join(fit.Intervals(), ", ")+" (default: t for the rule envelope, and for all with the laws power and power-floor; else percentile)")
	o.StringVar(&f.samples, "samples", "", "number of evaluation samples that errors were measured on; of fit csv also a column (default: not known)")
	o.BoolVar(&f.NoChecks, "no-checks", false, "leave out what other methods and rules make of the same runs")
	o.Float64Var(&f.Level, "level", 0.95, "confidence level of intervals")
	o.Float64SliceVar(&f.Predict, "predict", nil, "predict the error at these amounts of compute")
}

// frontierFlags are the options that say what is fitted to which points.
func (f *fitFlags) frontierFlags(c *cobra.Command) {
	o := c.Flags()
	f.given = o.Changed
	o.StringVar(&f.Law, "law", "power", "law: "+strings.Join(fit.Laws(), ", "))
	o.StringVar(&f.Rule, "rule", "", "frontier rule: "+strings.Join(fit.RulesFor("power"), ", ")+" (default: envelope where the runs have N and D, else pareto; every run for laws of N and D)")
	o.IntVar(&f.Bins, "bins", 5, "bins of binned-minima")
	o.Float64Var(&f.Pad, "pad", fit.DefaultPad, "padding of binned-minima's range, in decades")
	o.Float64Var(&f.BinFrom, "bin-from", 0, "pareto-bin: compute that doublings are counted from (default: the least)")
	o.StringVar(&f.On, "fit-on", "log", "least squares on: log, or error (power, power-floor, shifted)")
	o.BoolVar(&f.NoFloor, "no-floor", false, "chinchilla, data-limited: without the irreducible error E")
}

// check refuses what the library would read as "the default".
func (f *fitFlags) check() error {
	if f.Bins == 0 || f.Bootstrap == 0 || f.Level == 0 {
		return usage("--bins, --bootstrap and --level are above 0")
	}
	if f.Law == "" || f.On == "" || f.Rule == "" && f.given("rule") {
		return usage("--rule, --law and --fit-on may be left out, not empty")
	}
	if f.samples != "" {
		n, err := strconv.ParseFloat(f.samples, 64)
		if err != nil || !(n >= 1) {
			return usage("--samples is %q; it is a number of evaluation samples, 1 or more", f.samples)
		}
		f.Samples = n
	}
	return nil
}

func (a *app) fitNewCommand() *cobra.Command {
	f := &fitFlags{}
	ask := study.Ask{}
	c := &cobra.Command{
		Use: "new SWEEP", Short: "Fit a law to a sweep's results as they stand, and store it",
		Example: "  scalelaw fit new quickstart --metric icons-test/top1_error --rule binned-minima --group-by data",
		Args:    exactly("a sweep"),
		RunE: func(c *cobra.Command, args []string) error {
			if err := f.check(); err != nil {
				return err
			}
			if err := ask.Check(); err != nil {
				return err
			}
			ask.Rule, ask.Law, ask.Options = f.Rule, f.Law, f.Options
			return a.withStore(c.Context(), "fit new", func(s *session) error { return s.fitNew(c.Context(), args[0], ask) })
		},
	}
	f.register(c)
	c.Flags().StringVar(&ask.Metric, "metric", "", "TASK/METRIC (default: the first that the sweep asks for)")
	c.Flags().StringVar(&ask.GroupBy, "group-by", "", "data or model: one law a value")
	c.Flags().StringVar(&ask.Select, "select", "best", "best (recipe of each cell, seeds averaged) or all")
	c.Flags().Float64Var(&ask.ComputeFrom, "compute-from", 0, "leave out runs of less compute, in GMACs")
	c.Flags().Float64Var(&ask.ErrorUpTo, "error-up-to", 0, "leave out runs of a higher error, such as those near chance")
	return c
}

// fitNew prints one fit, or the list of a fit by groups.
func (s *session) fitNew(ctx context.Context, name string, ask study.Ask) error {
	var err error
	if ask.Metric, err = study.MetricOf(ctx, s.store, name, ask.Metric); err != nil {
		return err
	}
	var fits []fit.Record
	err = s.audited(ctx, "fit new", name, ask.Metric, func() (err error) {
		fits, err = ask.Put(ctx, s.store, Version(), name, true)
		return err
	})
	if err != nil {
		return err
	}
	if ask.GroupBy == "" && len(fits) == 1 {
		err = s.printFit(ctx, fits[0])
	} else {
		err = s.printFits(ctx, fits)
	}
	return errors.Join(err, s.app.refusals(fits))
}

func (a *app) fitShowCommand() *cobra.Command {
	return &cobra.Command{
		Use: "show ID", Short: "One fit: its law, and every run it rests on or leaves out", Example: "  scalelaw fit show 1c9e", Args: exactly("a fit's id or its beginning"),
		RunE: func(c *cobra.Command, args []string) error {
			return a.withStore(c.Context(), "fit show", func(s *session) error {
				f, err := s.store.Fit(c.Context(), args[0])
				if err != nil {
					return err
				}
				return s.showFit(c.Context(), f)
			})
		},
	}
}

// printFit is printFits of one; its JSON is no list.
func (s *session) printFit(ctx context.Context, f fit.Record) error {
	if s.app.config.Output != "json" {
		return s.printFits(ctx, []fit.Record{f})
	}
	views, err := s.views(ctx, []fit.Record{f})
	if err != nil {
		return err
	}
	return writeJSON(s.app.stdout, views[0])
}

// recordView is a whole record as JSON: the fit, what was asked, and the evidence.
type recordView struct {
	fitView
	GroupBy string         `json:"group_by"`
	Select  string         `json:"select"`
	Options fit.Options    `json:"options"`
	Inputs  []fit.Evidence `json:"inputs"`
}

// showFit shows a fit, and every run behind it.
func (s *session) showFit(ctx context.Context, f fit.Record) error {
	if s.app.config.Output == "json" {
		views, err := s.views(ctx, []fit.Record{f})
		if err != nil {
			return err
		}
		return writeJSON(s.app.stdout, recordView{views[0], f.GroupBy, f.Select, f.Options, f.Inputs})
	}
	if err := s.printFits(ctx, []fit.Record{f}); err != nil || s.app.config.Output != "table" {
		return err
	}
	t := &table{header: []string{"point", "C", "E", "used", "reason", "runs"}}
	for _, in := range f.Inputs {
		var short []string
		for _, run := range in.Runs {
			short = append(short, shortID(run))
		}
		t.add(shorten(in.ID), in.C, in.E, in.Used, in.Reason, strings.Join(short, " "))
	}
	return t.write(s.app.stdout)
}
