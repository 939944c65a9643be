package synthetic

import (
	"context"
	"fmt"
	"math"
	"runtime"
	"slices"
	"sync"

	"github.com/scalelaw/scalelaw/fit"
)

// outcome is one study's.
type outcome struct {
	refused, covered, law10, run10, warned bool
	bias, width, predicted                 float64
}

// Measure fits that many studies of a scenario with the same options and counts how often the
// intervals hold the truth. Study i has a random stream of its own: a row does not depend on
// the number of threads.
func Measure(ctx context.Context, s *Scenario, o fit.Options, studies int, seed uint64) (fit.Coverage, error) {
	outcomes, errs := make([]outcome, studies), make([]error, studies)
	workers := min(runtime.GOMAXPROCS(0), studies)
	var wait sync.WaitGroup
	for w := range workers {
		wait.Go(func() {
			var points []fit.Point
			for i := w; i < studies && ctx.Err() == nil; i += workers {
				outcomes[i], points, errs[i] = s.measure(ctx, o, seed, uint64(i), points)
			}
		})
	}
	wait.Wait()
	if err := ctx.Err(); err != nil {
		return fit.Coverage{}, err
	}
	for i, err := range errs {
		if err != nil {
			return fit.Coverage{}, fmt.Errorf("scenario %s, study %d: %w", s.Name, i, err)
		}
	}
	return s.row(o, outcomes), nil
}

func (s *Scenario) measure(ctx context.Context, o fit.Options, seed, i uint64, points []fit.Point) (outcome, []fit.Point, error) {
	c := 10 * s.Largest()
	points, newRun := s.Study(seed, i, c, points)
	o.Seed, o.Predict, o.NoChecks = i, []float64{c}, true
	r, err := fit.Fit(ctx, points, o)
	if err != nil || r.Status != "ok" {
		return outcome{refused: true}, points, err
	}
	of, prediction := r.Coefficients[measured(r)], r.Predictions[0]
	truth := s.Coefficients(r.Law)[of.Name]
	return outcome{
		covered: holds(of.Interval, truth), law10: holds(prediction.LawInterval, s.Frontier(c)), run10: holds(prediction.RunInterval, newRun),
		bias: of.Value - truth, width: of.Interval[1] - of.Interval[0], predicted: math.Log(prediction.Value / s.Frontier(c)), warned: slices.ContainsFunc(r.Warnings, misfit),
	}, points, nil
}

// measured is the place of alpha among the coefficients, or of the exponent c of shifted.
func measured(r fit.Result) int {
	return max(slices.IndexFunc(r.Coefficients, func(c fit.Coefficient) bool { return c.Name == "alpha" || c.Name == "c" }), 0)
}

// misfit reports whether a warning says that the law does not suit the points.
func misfit(n fit.Note) bool {
	return slices.Contains([]string{"low_r2", "curvature", "near_chance", "not_identifiable"}, n.Code)
}

func holds(interval [2]float64, x float64) bool { return interval[0] <= x && x <= interval[1] }

func (s *Scenario) row(o fit.Options, outcomes []outcome) fit.Coverage {
	r := fit.Coverage{Scenario: s.Name, Holds: s.suits(o), Law: o.Law, Rule: o.Rule, Interval: o.Interval, Runs: len(s.runs), Studies: len(outcomes), Coefficient: "alpha"}
	if o.Law == "shifted" {
		r.Coefficient = "c"
	}
	var widths []float64
	share := func(is bool, into *float64) {
		if is {
			*into++
		}
	}
	for _, x := range outcomes {
		if x.refused {
			r.Refused++
			continue
		}
		share(x.covered, &r.Covered)
		share(x.law10, &r.Law10)
		share(x.run10, &r.Run10)
		share(x.warned, &r.Warned)
		r.Bias, r.Bias10 = r.Bias+x.bias, r.Bias10+x.predicted
		widths = append(widths, x.width)
	}
	for _, v := range []*float64{&r.Covered, &r.Law10, &r.Run10, &r.Warned, &r.Bias, &r.Bias10} {
		*v /= float64(max(len(widths), 1))
	}
	if len(widths) > 0 {
		slices.Sort(widths)
		r.Width = widths[len(widths)/2]
	}
	return r
}
