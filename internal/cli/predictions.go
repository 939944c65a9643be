package cli

import (
	"context"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"github.com/scalelaw/scalelaw/fit"
	"github.com/scalelaw/scalelaw/store"
	"github.com/scalelaw/scalelaw/study"
)

// registration asks for predictions to be kept until their run lands.
type registration struct {
	wanted    bool
	author    string
	tolerance float64
}

func (r *registration) flags(c *cobra.Command) {
	c.Flags().BoolVar(&r.wanted, "register", false, "keep the prediction; the run that lands there scores it")
	c.Flags().StringVar(&r.author, "author", "", "who registers it (default: the user of this machine)")
	c.Flags().Float64Var(&r.tolerance, "tolerance", store.ComputeTolerance, "a run within this share of the compute scores it")
}

func (r *registration) check(a *app) error {
	if !r.wanted {
		return nil
	}
	if !(r.tolerance >= 0 && r.tolerance < 1) {
		return usage("--tolerance is %g; it is a share of the compute, from 0 to below 1", r.tolerance)
	}
	r.author = a.author(r.author)
	return nil
}

// register keeps the predictions of a fit that was not refused, and says of those that were kept
// before how they stand.
func (s *session) register(ctx context.Context, f fit.Record, r registration) error {
	if f.Result.Status != "ok" {
		return nil
	}
	before, err := s.store.Predictions(ctx, store.PredictionFilter{Fit: f.ID})
	if err != nil {
		return err
	}
	if err := s.store.Register(ctx, f, f.Result.Predictions, r.author, r.tolerance, study.Converted(f.Metric)); err != nil {
		return err
	}
	if s.app.sayKnown(f.Result.Predictions, before) == len(f.Result.Predictions) {
		return nil
	}
	if slices.ContainsFunc(f.Inputs, func(in fit.Evidence) bool { return in.E > 0 && len(in.Runs) > 1 }) {
		s.app.warn([]fit.Note{{Code: "seeds_averaged", Text: "points of this law are means over seeds: the one run that scores the prediction scatters more than they do; a fit with --select all has intervals of single runs"}})
	}
	s.app.say("registered: a run of %s%s within %g %% of that compute scores it; `scalelaw predictions` lists them", f.Sweep, onGroup(f.Options.Group), 100*r.tolerance)
	return nil
}

// sayKnown names and counts the predictions that were registered before.
func (a *app) sayKnown(all []fit.Prediction, before []store.Prediction) (known int) {
	for _, p := range all {
		i := slices.IndexFunc(before, func(b store.Prediction) bool { return b.C == p.C })
		if i < 0 {
			continue
		}
		known++
		state := "already registered"
		if before[i].Inside != nil {
			state = fmt.Sprintf("already scored: %s (E = %.4g)", turnedOut(before[i]), *before[i].Observed)
		}
		a.say("C = %.4g: %s; %s registered it on %s", p.C, state, before[i].Author, at(before[i].RegisteredAt))
	}
	return known
}

func (a *app) predictionsCommand() *cobra.Command {
	var filter store.PredictionFilter
	c := &cobra.Command{
		Use: "predictions", Short: "Registered predictions, and how they turned out", Example: "  scalelaw predictions --sweep quickstart\n  scalelaw predictions --open", Args: exactly(),
		RunE: func(c *cobra.Command, _ []string) error {
			return a.withStore(c.Context(), "predictions", func(s *session) error { return s.predictions(c.Context(), filter) })
		},
	}
	c.Flags().StringVar(&filter.Sweep, "sweep", "", "of this sweep")
	c.Flags().StringVar(&filter.Fit, "fit", "", "of this fit (its id or the beginning)")
	c.Flags().BoolVar(&filter.Open, "open", false, "only those that wait for their run")
	return c
}

func (s *session) predictions(ctx context.Context, filter store.PredictionFilter) error {
	if filter.Fit != "" {
		f, err := s.store.Fit(ctx, filter.Fit)
		if err != nil {
			return err
		}
		filter.Fit = f.ID
	}
	all, err := s.store.Predictions(ctx, filter)
	if err != nil {
		return err
	}
	t := &table{header: []string{"sweep", "metric", "group", "C", "E", "run lower", "run upper", "level", "author", "registered", "outcome", "observed", "run", "fit"}}
	for _, p := range all {
		var run any
		if p.RunID != nil {
			run = id(*p.RunID)
		}
		t.add(p.Sweep, p.Metric, p.Group, p.C, p.Value, p.RunInterval[0], p.RunInterval[1], p.Level, p.Author, p.RegisteredAt, turnedOut(p), p.Observed, run, id(p.Fit))
	}
	return s.app.print(all, t)
}

// turnedOut is a prediction's in a word.
func turnedOut(p store.Prediction) string {
	switch {
	case p.Inside == nil:
		return "open"
	case *p.Inside:
		return "inside"
	}
	return "outside"
}
