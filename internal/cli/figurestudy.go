package cli

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/scalelaw/scalelaw/figure"
	"github.com/scalelaw/scalelaw/fit"
	"github.com/scalelaw/scalelaw/sweep"
)

// lawStudy is fits with their runs, from wherever they come.
type lawStudy struct {
	title, subtitle, metric, unit string
	loss                          bool
	runs                          []figure.Run
	fits                          []studyFit
	references                    []figure.Reference
}

// studyFit is a fit with what it takes to predict.
type studyFit struct {
	result  fit.Result
	points  []fit.Point
	predict func(context.Context, []float64) (fit.Result, error)
}

// readStudy fits a table, or reads stored fits.
func (a *app) readStudy(ctx context.Context, args []string, f *lawFlags, use func(lawStudy) error) error {
	if err := f.check(args); err != nil {
		return err
	}
	if f.csv != "" {
		s, err := a.tableStudy(ctx, f)
		if err != nil {
			return err
		}
		return use(s.with(f))
	}
	return a.withStore(ctx, "figure", func(open *session) error {
		s, err := open.storedStudy(ctx, args)
		if err != nil {
			return err
		}
		return use(s.with(f))
	})
}

// with are the labels and references that the flags ask for.
func (s lawStudy) with(f *lawFlags) lawStudy {
	s.metric, s.unit = cmp.Or(f.yLabel, s.metric), cmp.Or(f.unit, s.unit)
	if len(f.references) > 0 {
		s.references = nil
	}
	for _, r := range f.references {
		name, value, _ := strings.Cut(r, "=")
		e, err := strconv.ParseFloat(value, 64)
		if err == nil { // as check saw
			s.references = append(s.references, figure.Reference{Name: name, Error: e})
		}
	}
	return s
}

func (a *app) tableStudy(ctx context.Context, f *lawFlags) (lawStudy, error) {
	groups, err := a.readGroups(f.csv, &f.csvFlags)
	if err != nil {
		return lawStudy{}, err
	}
	s := lawStudy{title: filepath.Base(f.csv), subtitle: f.y(), metric: f.y(), unit: f.X, loss: f.Options.YIs == "loss"}
	if f.Chance > 0 {
		s.references = []figure.Reference{{Name: "chance", Error: f.Chance}}
	}
	for _, where := range f.where {
		s.subtitle += " · " + where
	}
	for _, g := range groups {
		o := f.optionsFor(g)
		s.unit = cmp.Or(g.Convention, s.unit)
		r, err := fit.Fit(ctx, g.Points, o)
		if err != nil {
			return lawStudy{}, fmt.Errorf("%s: %w", f.csv, err)
		}
		s.fits = append(s.fits, studyFit{r, g.Points, func(ctx context.Context, at []float64) (fit.Result, error) {
			o.Predict = at
			return fit.Fit(ctx, g.Points, o)
		}})
		for i, p := range g.Points {
			run, err := f.run(p, g.Labels[i])
			if err != nil {
				return lawStudy{}, fmt.Errorf("%s: %w", f.csv, err)
			}
			s.runs = append(s.runs, run)
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

// storedStudy reads fits, which are of one metric, with what their runs are.
func (s *session) storedStudy(ctx context.Context, ids []string) (lawStudy, error) {
	var made lawStudy
	seen := map[string]figure.Run{}
	for i, id := range ids {
		r, err := s.store.Fit(ctx, id)
		if err != nil {
			return made, err
		}
		if i > 0 && r.Metric != made.metric {
			return made, usage("fit %s is of %s, the first is of %s: a figure shows one metric", shortID(r.ID), r.Metric, made.metric)
		}
		made.title, made.metric, made.unit, made.loss = r.Sweep, r.Metric, r.Options.Convention, r.Options.YIs == "loss"
		made.subtitle = strings.TrimPrefix(made.subtitle+" · ", " · ") + "fit " + shortID(r.ID)
		points, err := s.addRuns(ctx, r, seen)
		if err != nil {
			return made, err
		}
		made.fits = append(made.fits, studyFit{r.Result, points, r.Predict})
	}
	for _, id := range slices.Sorted(maps.Keys(seen)) {
		made.runs = append(made.runs, seen[id])
	}
	made.references = references(made.metric)
	return made, nil
}

// addRuns adds a fit's scored inputs, each with the model and data of its first run: seeds that
// are averaged share them.
func (s *session) addRuns(ctx context.Context, r fit.Record, seen map[string]figure.Run) ([]fit.Point, error) {
	var ids []string
	for _, in := range r.Inputs {
		ids = append(ids, in.Runs[:min(1, len(in.Runs))]...)
	}
	runs, err := s.store.Runs(ctx, ids)
	if err != nil {
		return nil, err
	}
	known := map[string]sweep.Run{}
	for _, run := range runs {
		known[run.ID] = run
	}
	var points []fit.Point
	for _, in := range r.Inputs {
		if !(in.E > 0) {
			continue
		}
		points = append(points, in.Point)
		marked := figure.Run{Point: in.Point}
		if run, ok := known[strings.Join(in.Runs[:min(1, len(in.Runs))], "")]; ok {
			marked.Model, marked.Data, marked.Samples = run.Model.Name, run.Data.Name, float64(run.SamplesSeen)
		}
		seen[in.ID] = marked
	}
	return points, nil
}
