package study

import (
	"context"
	"fmt"
	"maps"
	"math"
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
		l.Title, l.Metric, l.Unit, l.Loss = r.Sweep, r.Metric, ConventionLabel(r.Options.Convention), r.Options.YIs == "loss"
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
		if len(in.Runs) > 0 && in.ID != in.Runs[0] {
			marked.Runs = in.Runs
		}
		if run, ok := known[strings.Join(in.Runs[:min(1, len(in.Runs))], "")]; ok {
			marked.Model, marked.Data, marked.Samples = run.Model.Name, run.Data.Name, float64(run.SamplesSeen)
		}
		seen[in.ID] = marked
	}
	return points
}

// Reading is what a law expects along compute.
type Reading struct {
	Group  *string          `json:"group"`
	Points []fit.Prediction `json:"points"`
}

// readings is at how many amounts of compute laws are read off.
const readings = 121

// Drawn is the laws as a figure's input, each with its course up to further times the largest
// compute; and what each expects at the same amounts of compute on the way there.
func (l Laws) Drawn(ctx context.Context, byData bool, further float64) (figure.LawInput, []Reading, error) {
	in := figure.LawInput{Title: l.Title, Subtitle: l.Subtitle, Metric: l.Metric, Unit: l.Unit, Loss: l.Loss, Runs: l.Runs, References: l.References, Encoding: figure.Encoding{ByData: byData}}
	steps := l.steps(further)
	var read []Reading
	for _, one := range l.Fits {
		law := figure.FittedLaw{Result: one.Result}
		at := figure.Along(one.Result, one.Points, further)
		if one.Result.Status == "ok" && len(at) > 0 {
			course, err := one.Predict(ctx, append(slices.Clone(at), steps...))
			if err != nil {
				return in, nil, err
			}
			if course.Status == "ok" {
				law.Course = course.Predictions[:len(at)]
				read = append(read, Reading{one.Result.Group, course.Predictions[len(at):]})
			} else {
				in.Notes = append(in.Notes, "The law cannot be drawn: "+course.Reason.Text)
			}
		}
		in.Laws = append(in.Laws, law)
	}
	return in, read, nil
}

// steps are amounts of compute from the least of the runs to further times the most.
func (l Laws) steps(further float64) []float64 {
	low, high := math.Inf(1), math.Inf(-1)
	for _, r := range l.Runs {
		low, high = min(low, r.C), max(high, r.C)
	}
	if !(low > 0) || math.IsInf(high*further, 0) {
		return nil
	}
	all := make([]float64, readings)
	for i := range all {
		all[i] = low * math.Pow(high*further/low, float64(i)/(readings-1))
	}
	return all
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
