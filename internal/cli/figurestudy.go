package cli

import (
	"cmp"
	"context"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/scalelaw/scalelaw/figure"
	"github.com/scalelaw/scalelaw/fit"
	"github.com/scalelaw/scalelaw/study"
)

// readStudy fits a table, or reads stored fits.
func (a *app) readStudy(ctx context.Context, args []string, f *lawFlags, use func(study.Laws) error) error {
	if err := f.check(args); err != nil {
		return err
	}
	if f.csv != "" {
		s, err := a.tableStudy(ctx, f)
		if err != nil {
			return err
		}
		return use(f.over(s))
	}
	return a.withStore(ctx, "figure", func(open *session) error {
		s, err := study.Stored(ctx, open.store, args)
		if err != nil {
			return err
		}
		return use(f.over(s))
	})
}

// over are laws with the labels and references that the flags ask for.
func (f *lawFlags) over(s study.Laws) study.Laws {
	s.Metric, s.Unit = cmp.Or(f.yLabel, s.Metric), cmp.Or(f.unit, s.Unit)
	if len(f.references) > 0 {
		s.References = nil
	}
	for _, r := range f.references {
		name, value, _ := strings.Cut(r, "=")
		e, err := strconv.ParseFloat(value, 64)
		if err == nil { // as check saw
			s.References = append(s.References, figure.Reference{Name: name, Error: e})
		}
	}
	return s
}

func (a *app) tableStudy(ctx context.Context, f *lawFlags) (study.Laws, error) {
	groups, err := a.readGroups(f.csv, &f.csvFlags)
	if err != nil {
		return study.Laws{}, err
	}
	s := study.Laws{Title: filepath.Base(f.csv), Subtitle: f.y(), Metric: f.y(), Unit: f.X, Loss: f.Options.YIs == "loss"}
	if f.Chance > 0 {
		s.References = []figure.Reference{{Name: "chance", Error: f.Chance}}
	}
	for _, where := range f.where {
		s.Subtitle += " · " + where
	}
	for _, g := range groups {
		o := f.optionsFor(g)
		s.Unit = cmp.Or(g.Convention, s.Unit)
		r, err := fit.Fit(ctx, g.Points, o)
		if err != nil {
			return study.Laws{}, fmt.Errorf("%s: %w", f.csv, err)
		}
		s.Fits = append(s.Fits, study.Fitted{Result: r, Points: g.Points, Predict: func(ctx context.Context, at []float64) (fit.Result, error) {
			o.Predict = at
			return fit.Fit(ctx, g.Points, o)
		}})
		for i, p := range g.Points {
			run, err := f.run(p, g.Labels[i])
			if err != nil {
				return study.Laws{}, fmt.Errorf("%s: %w", f.csv, err)
			}
			s.Runs = append(s.Runs, run)
		}
	}
	return s, nil
}

// y is what the errors of the table are.
func (f *lawFlags) y() string {
	if f.CSVOptions.YIs == "accuracy" {
		return "1 − " + f.Y
	}
	return f.Y
}

// run is a row of the table with its labels.
func (f *lawFlags) run(p fit.Point, labels map[string]string) (figure.Run, error) {
	r := figure.Run{Point: p, Model: labels[f.model], Data: labels[f.scale]}
	if text := labels[f.samples]; text != "" {
		n, err := strconv.ParseFloat(text, 64)
		if err != nil || !(n > 0) {
			return r, usage("%s, column %q: %q is no number of samples seen", p.ID, f.samples, text)
		}
		r.Samples = n
	}
	return r, nil
}
