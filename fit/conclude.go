package fit

import (
	"context"
	"fmt"
	"slices"
)

// withIntervals makes the intervals of a fitted law, by the method asked for and, as checks,
// by others. Where there are none the fit is refused.
func (r Result) withIntervals(ctx context.Context, e *estimate) (Result, error) {
	ranges, reason, err := newIntervals(ctx, e, e.o.IntervalUsed())
	if err != nil {
		return Result{}, fmt.Errorf("intervals: %w", err)
	}
	if reason != nil {
		return r.refused(reason), nil
	}
	r = r.conclude(e, ranges)
	if i := slices.IndexFunc(r.Coefficients, open); i >= 0 {
		return r.refused(&Note{"no_interval", fmt.Sprintf("the interval of %s has no end: the points do not determine it", r.Coefficients[i].Name)}), nil
	}
	if i := slices.IndexFunc(r.Predictions, func(p Prediction) bool { return endless(p.LawInterval) || endless(p.RunInterval) }); i >= 0 {
		return r.refused(&Note{"no_interval", fmt.Sprintf("the interval of the prediction at C = %.3g has no end: the points do not reach so far", r.Predictions[i].C)}), nil
	}
	if e.o.NoChecks {
		return r, nil
	}
	if r.Checks, err = checks(ctx, e); err != nil {
		return Result{}, fmt.Errorf("interval checks: %w", err)
	}
	return r, nil
}

// conclude turns the law and its intervals into coefficients, predictions and warnings.
func (r Result) conclude(e *estimate, ranges intervals) Result {
	r.Status, r.Objective, r.R2 = "ok", e.objective, r2(e.law, e.theta, e.taken)
	values := e.law.coefficients(e.theta)
	r.Formula, r.IntervalMethod = e.law.formula(values), ranges.method()+e.target()
	r.Coefficients = coefficientsOf(e, ranges)
	if several, ok := e.law.(*envelope); ok {
		r.Surface = several.describe(e.theta)
	}
	for _, compute := range e.o.Predict {
		at := e.law.atCompute(e.theta, compute)
		ofLaw, ofRun := ranges.prediction(func(l law, theta []float64) float64 { return l.atCompute(theta, compute).y })
		r.Predictions = append(r.Predictions, Prediction{C: compute, Value: pow10(at.y), N: at.n, D: at.d, LawInterval: ofLaw, RunInterval: ofRun})
	}
	r.Goodness, r.Starts = goodness(e), &Starts{e.starts, e.agree, e.best}
	r.Holdout, r.Suspects = e.score(ranges), e.suspects()
	if !e.o.NoChecks {
		r.Sensitivity = e.sensitivity()
	}
	r.Warnings = append(append(r.Warnings, e.o.Notes...), judge(e, &r, ranges.degenerate())...)
	return r
}
