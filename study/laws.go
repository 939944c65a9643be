package study

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/scalelaw/scalelaw/figure"
	"github.com/scalelaw/scalelaw/fit"
	"github.com/scalelaw/scalelaw/sweep"
)

// Laws is fits of one metric with their runs, from wherever they come.
type Laws struct {
	Title, Subtitle, Metric, Unit string
	Loss                          bool
	Runs                          []figure.Run
	Fits                          []Fitted
	References                    []figure.Reference
}

// Fitted is a fit with what it takes to predict.
type Fitted struct {
	Result  fit.Result
	Points  []fit.Point
	Predict func(ctx context.Context, compute []float64) (fit.Result, error)
}

// Stored reads fits, which are of one metric, with what their runs are.
func Stored(ctx context.Context, s Reader, ids []string) (Laws, error) {
	var all []fit.Record
	for i, id := range ids {
		r, err := s.Fit(ctx, id)
		if err != nil {
			return Laws{}, err
		}
		if i > 0 && r.Metric != all[0].Metric {
			return Laws{}, fmt.Errorf("%w: fit %s is of %s, the first is of %s: a figure shows one metric", sweep.ErrBadInput, short(r.ID), r.Metric, all[0].Metric)
		}
		all = append(all, r)
	}
	return OfRecords(ctx, s, all)
}

// OfRecords are stored fits of one metric, with what their runs are.
func OfRecords(ctx context.Context, s Reader, records []fit.Record) (Laws, error) {
	var ids []string
	for _, r := range records {
		for _, in := range r.Inputs {
			ids = append(ids, in.Runs[:min(1, len(in.Runs))]...)
		}
	}
	runs, err := s.Runs(ctx, ids)
	if err != nil {
		return Laws{}, err
	}
	l := Together(records, runs)
	var names []string
	for _, r := range records {
		names = append(names, "fit "+short(r.ID))
	}
	l.Subtitle = strings.Join(names, " · ")
	return l, nil
}

// Together are fits of one metric, whose runs are among those given. A point has the model and
// data of its first run: seeds that are averaged share them.
func Together(records []fit.Record, runs []sweep.Run) Laws {
	var l Laws
	known := map[string]sweep.Run{}
	for _, run := range runs {
		known[run.ID] = run
	}
	seen := map[string]figure.Run{}
	for _, r := range records {
		l.Title, l.Metric, l.Unit, l.Loss = r.Sweep, r.Metric, r.Options.Convention, r.Options.YIs == "loss"
		l.References = references(r.Metric)
		l.Fits = append(l.Fits, Fitted{r.Result, pointsOf(r, known, seen), r.Predict})
	}
	for _, id := range slices.Sorted(maps.Keys(seen)) {
		l.Runs = append(l.Runs, seen[id])
	}
	return l
}

// pointsOf are a fit's scored inputs, which are marked in seen.
func pointsOf(r fit.Record, known map[string]sweep.Run, seen map[string]figure.Run) []fit.Point {
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
	return points
}

// Drawn is the laws as a figure's input, each with its course up to further times the largest
// compute.
func (l Laws) Drawn(ctx context.Context, byData bool, further float64) (figure.LawInput, error) {
	in := figure.LawInput{Title: l.Title, Subtitle: l.Subtitle, Metric: l.Metric, Unit: l.Unit, Loss: l.Loss, Runs: l.Runs, References: l.References, Encoding: figure.Encoding{ByData: byData}}
	for _, one := range l.Fits {
		law := figure.FittedLaw{Result: one.Result}
		if at := figure.Along(one.Result, one.Points, further); one.Result.Status == "ok" && len(at) > 0 {
			course, err := one.Predict(ctx, at)
			if err != nil {
				return in, err
			}
			law.Course = course.Predictions
		}
		in.Laws = append(in.Laws, law)
	}
	return in, nil
}

// Residuals are of one law.
func (l Laws) Residuals(byData bool) (figure.Figure, error) {
	if len(l.Fits) != 1 {
		return figure.Figure{}, fmt.Errorf("%w: residuals are of one fit, this is %d: name one, or one group", sweep.ErrBadInput, len(l.Fits))
	}
	return figure.NewResiduals(figure.ResidualsInput{Title: l.Title + ": residuals", Subtitle: l.Subtitle, Unit: l.Unit, Runs: l.Runs, Result: l.Fits[0].Result, Encoding: figure.Encoding{ByData: byData}}), nil
}

// Profiles are the isoFLOP profiles of one law; size says what N is.
func (l Laws) Profiles(size string) (figure.Figure, error) {
	if len(l.Fits) != 1 {
		return figure.Figure{}, fmt.Errorf("%w: profiles are of one fit, this is %d: name one, or one group", sweep.ErrBadInput, len(l.Fits))
	}
	one := l.Fits[0]
	return figure.NewIsoflop(figure.IsoflopInput{Title: l.Title + ": isoFLOP profiles", Subtitle: l.Subtitle, Metric: l.Metric, Size: size, Points: one.Points, Result: one.Result, Loss: l.Loss}), nil
}
