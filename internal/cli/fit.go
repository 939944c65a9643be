package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/scalelaw/scalelaw/activities"
	"github.com/scalelaw/scalelaw/fit"
	"github.com/scalelaw/scalelaw/store"
	"github.com/scalelaw/scalelaw/sweep"
)

func (a *app) fitCommand() *cobra.Command {
	c := &cobra.Command{Use: "fit", Short: "Fit laws and look at fits", Args: cobra.NoArgs, RunE: func(c *cobra.Command, _ []string) error { return c.Help() }}
	c.AddCommand(a.fitCSVCommand(), a.fitNewCommand(), a.fitListCommand(), a.fitShowCommand())
	return c
}

// fitFlags are the options that every fit takes.
type fitFlags struct {
	fit.Options
}

func (f *fitFlags) register(c *cobra.Command) {
	o := c.Flags()
	o.StringVar(&f.Rule, "rule", "pareto", "frontier rule: "+strings.Join(fit.Rules(), ", "))
	o.StringVar(&f.Law, "law", "power", "law: "+strings.Join(fit.Laws(), ", "))
	o.IntVar(&f.Bins, "bins", 5, "bins of binned-minima")
	o.Float64Var(&f.Pad, "pad", fit.DefaultPad, "padding of binned-minima's range, in decades")
	o.StringVar(&f.On, "fit-on", "log", "least squares on: log")
	o.IntVar(&f.Bootstrap, "bootstrap", 4000, "resamples")
	o.Uint64Var(&f.Seed, "seed", 0, "seed of the resamples")
	o.Float64Var(&f.Level, "level", 0.95, "confidence level of intervals")
	o.Float64SliceVar(&f.Predict, "predict", nil, "predict the error at these amounts of compute")
}

// csvFlags are those of fit csv alone.
type csvFlags struct {
	fitFlags
	fit.CSVOptions
	where []string
}

func (a *app) fitCSVCommand() *cobra.Command {
	f := &csvFlags{}
	c := &cobra.Command{
		Use: "csv FILE", Short: "Fit a table; needs no server", Args: exactly("a CSV file"),
		Example: "  scalelaw fit csv runs.csv --x gmacs_total --y imagenet1k_acc1 --y-is accuracy --id run_id --where family=OpenCLIP --rule binned-minima",
		RunE:    func(c *cobra.Command, args []string) error { return a.fitCSV(c.Context(), args[0], f) },
	}
	f.register(c)
	o := c.Flags()
	o.StringVar(&f.X, "x", "", "column of compute")
	o.StringVar(&f.Y, "y", "", "column of the error")
	o.StringVar(&f.YIs, "y-is", "error", "error or accuracy")
	o.StringVar(&f.ID, "id", "", "column of ids (default: row numbers)")
	o.StringArrayVar(&f.where, "where", nil, "COLUMN=VALUE: only these rows")
	o.StringVar(&f.GroupBy, "group-by", "", "column: one law a value")
	o.StringVar(&f.N, "n", "", "column of parameters, for laws that use them")
	o.StringVar(&f.D, "d", "", "column of samples seen, for laws that use them")
	return c
}

func (f *csvFlags) check() error {
	if f.X == "" || f.Y == "" {
		return usage("--x and --y are needed: the columns of compute and of the error")
	}
	if f.YIs != "error" && f.YIs != "accuracy" {
		return usage("--y-is is %q; it is error or accuracy", f.YIs)
	}
	f.Where = map[string]string{}
	for _, w := range f.where {
		column, value, ok := strings.Cut(w, "=")
		if !ok {
			return usage("--where is %q; it is COLUMN=VALUE", w)
		}
		f.Where[column] = value
	}
	return nil
}

func (a *app) fitCSV(ctx context.Context, path string, f *csvFlags) error {
	if err := f.check(); err != nil {
		return err
	}
	text, err := a.readFile(path)
	if err != nil {
		return usage("read the table: %v", err)
	}
	groups, err := fit.ReadCSV(strings.NewReader(string(text)), f.CSVOptions)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	var results []fit.Result
	for _, g := range groups {
		o := f.Options
		o.Group, o.Version = g.Name, Version()
		r, err := fit.Fit(ctx, g.Points, o)
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		results = append(results, r)
	}
	return a.showResults(results, f.GroupBy != "")
}

// showResults prints results by hand: one, or a list when they are groups.
func (a *app) showResults(results []fit.Result, list bool) error {
	refused := 0
	for _, r := range results {
		if r.Status != "ok" {
			refused++
			a.say("refused%s: %s [%s]", onGroup(r.Group), r.Reason.Text, r.Reason.Code)
		}
	}
	var err error
	switch {
	case a.config.Output == "json" && !list:
		err = writeJSON(a.stdout, results[0])
	case a.config.Output == "json":
		err = writeJSON(a.stdout, results)
	case a.config.Output == "csv":
		err = a.print(nil, resultTable(results))
	default:
		for _, r := range results {
			fmt.Fprintf(a.stdout, "rule %s%s\n", r.Rule, onGroup(r.Group))
			writeResult(a.stdout, r)
		}
	}
	if err == nil && refused == len(results) {
		err = silently(errRefused)
	}
	return err
}

func onGroup(g *string) string {
	if g == nil {
		return ""
	}
	return " on " + *g
}

// resultTable has a row a coefficient.
func resultTable(results []fit.Result) *table {
	t := &table{header: []string{"group", "law", "rule", "coefficient", "value", "lower", "upper", "level", "n_used", "n_points", "r2", "convention", "status"}}
	for _, r := range results {
		if r.Status != "ok" {
			t.add(r.Group, r.Law, r.Rule, "-", "-", "-", "-", r.Level, r.NUsed, r.NPoints, "-", r.Convention, "refused: "+r.Reason.Code)
		}
		for _, c := range r.Coefficients {
			t.add(r.Group, r.Law, r.Rule, c.Name, fmt.Sprint(c.Value), fmt.Sprint(c.Interval[0]), fmt.Sprint(c.Interval[1]), r.Level, r.NUsed, r.NPoints, r.R2, r.Convention, r.Status)
		}
	}
	return t
}

// fitView is a stored fit as JSON: its result with where it comes from.
type fitView struct {
	Fit    string `json:"fit"`
	Sweep  string `json:"sweep"`
	Metric string `json:"metric"`
	fit.Result
}

func viewOf(r fit.Record) fitView { return fitView{r.ID, r.Sweep, r.Metric, r.Result} }

// coefficientTable has a row a coefficient of stored fits.
func coefficientTable(fits []fit.Record) *table {
	t := &table{header: []string{"sweep", "metric", "group", "rule", "law", "coefficient", "value", "lower", "upper", "level", "points", "R2", "fit"}}
	for _, f := range fits {
		r := f.Result
		points := fmt.Sprintf("%d/%d", r.NUsed, r.NPoints)
		if r.Status != "ok" {
			t.add(f.Sweep, f.Metric, r.Group, r.Rule, r.Law, "refused", r.Reason.Code, "-", "-", r.Level, points, "-", shortID(f.ID))
		}
		for _, c := range r.Coefficients {
			t.add(f.Sweep, f.Metric, r.Group, r.Rule, r.Law, c.Name, c.Value, c.Interval[0], c.Interval[1], r.Level, points, r.R2, shortID(f.ID))
		}
	}
	return t
}

func (a *app) fitNewCommand() *cobra.Command {
	f := &fitFlags{}
	ask := sweep.FitAsk{}
	c := &cobra.Command{
		Use: "new SWEEP", Short: "Fit a law to a sweep's results as they stand, and store it",
		Example: "  scalelaw fit new quickstart --metric icons-test/top1_error --rule binned-minima --group-by data",
		Args:    exactly("a sweep"),
		RunE: func(c *cobra.Command, args []string) error {
			return a.withStore(c.Context(), "fit new", func(s *session) error {
				ask.Rule, ask.Law = f.Rule, f.Law
				fits, err := activities.FitAsked(c.Context(), s.store, Version(), args[0], ask, f.Options, true)
				if err != nil {
					return err
				}
				return errors.Join(a.printFits(fits), allRefused(fits))
			})
		},
	}
	f.register(c)
	c.Flags().StringVar(&ask.Metric, "metric", "icons-test/top1_error", "TASK/METRIC")
	c.Flags().StringVar(&ask.GroupBy, "group-by", "", "data or model: one law a value")
	c.Flags().StringVar(&ask.Select, "select", "best", "best (recipe of each cell, seeds averaged) or all")
	return c
}

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

func (a *app) fitShowCommand() *cobra.Command {
	return &cobra.Command{
		Use: "show ID", Short: "One fit: its law, and every run it rests on or leaves out", Example: "  scalelaw fit show 1c9e", Args: exactly("a fit's id or its beginning"),
		RunE: func(c *cobra.Command, args []string) error {
			return a.withStore(c.Context(), "fit show", func(s *session) error {
				f, err := s.store.Fit(c.Context(), args[0])
				if err != nil {
					return err
				}
				if a.config.Output != "table" {
					return a.print(viewOf(f), coefficientTable([]fit.Record{f}))
				}
				if err := a.printFits([]fit.Record{f}); err != nil {
					return err
				}
				t := &table{header: []string{"point", "C", "E", "used", "reason", "runs"}}
				for _, in := range f.Inputs {
					var short []string
					for _, id := range in.Runs {
						short = append(short, shortID(id))
					}
					t.add(shorten(in.ID), in.C, in.E, in.Used, in.Reason, strings.Join(short, " "))
				}
				return t.write(a.stdout)
			})
		},
	}
}

func (a *app) predictCommand() *cobra.Command {
	var compute []float64
	c := &cobra.Command{
		Use: "predict FIT", Short: "The error that a law expects at more compute", Example: "  scalelaw predict 1c9e --compute 1e6,1e7", Args: exactly("a fit's id or its beginning"),
		RunE: func(c *cobra.Command, args []string) error {
			if len(compute) == 0 {
				return usage("--compute is needed: amounts in forward GMACs")
			}
			return a.withStore(c.Context(), "predict", func(s *session) error {
				f, err := s.store.Fit(c.Context(), args[0])
				if err != nil {
					return err
				}
				f.Result, err = f.Predict(c.Context(), compute)
				if err != nil {
					return err
				}
				t := &table{header: []string{"C", "E", "law lower", "law upper", "run lower", "run upper"}}
				for _, p := range f.Result.Predictions {
					t.add(p.C, p.Value, p.LawInterval[0], p.LawInterval[1], p.RunInterval[0], p.RunInterval[1])
				}
				for _, w := range f.Result.Warnings {
					a.say("warning: %s [%s]", w.Text, w.Code)
				}
				return errors.Join(a.print(viewOf(f), t), allRefused([]fit.Record{f}))
			})
		},
	}
	c.Flags().Float64SliceVar(&compute, "compute", nil, "amounts of compute, in forward GMACs")
	return c
}
