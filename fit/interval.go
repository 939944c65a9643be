package fit

import (
	"context"
	"fmt"
	"slices"
)

// intervals are the ranges of an estimate's numbers at its level: where the law lies, and
// where a new run would.
type intervals interface {
	method() string // in words, with what it rests on
	coefficient(i int) [2]float64
	// prediction is of the error whose log10 a law has at some place.
	prediction(place place) (ofLaw, ofRun [2]float64)
	degenerate() int // resamples that determined no law
}

// place is where to read a law off: at a compute, or at a run.
type place func(l law, theta []float64) float64

// Intervals lists the methods of intervals.
func Intervals() []string { return []string{"t", "percentile", "bca", "profile", "jackknife"} }

// Check is what another method says of the same law.
type Check struct {
	Interval     string        `json:"interval"`
	Coefficients []Coefficient `json:"coefficients"`
}

// IntervalUsed is the method asked for, or the one that suits the rule.
func (o Options) IntervalUsed() string {
	switch {
	case o.Interval != "":
		return o.Interval
	case o.Rule == "envelope", o.Rule == "all" && (o.Law == "power" || o.Law == "power-floor") && o.On != "error":
		return "t"
	}
	return "percentile"
}

// newIntervals makes the intervals of one method. A note says why there are none.
func newIntervals(ctx context.Context, e *estimate, method string) (intervals, *Note, error) {
	if (method == "t" || method == "profile") && !squares(e.law) {
		return nil, &Note{"no_interval", fmt.Sprintf("intervals by the method %s are for laws fitted by least squares of log E; use percentile, bca or jackknife", method)}, nil
	}
	switch method {
	case "t":
		if t, ok := newStudentT(e); ok {
			return t, nil, nil
		}
		return nil, noFreedom(e), nil
	case "profile":
		p, reason := newLikelihood(e)
		return p, reason, nil
	case "jackknife":
		return newJackknife(ctx, e)
	}
	b, reason, err := newBootstrap(ctx, e)
	if reason == nil && err == nil && method == "bca" {
		return b.corrected(ctx)
	}
	return b, reason, err
}

// squares reports whether a law is fitted by least squares of log E.
func squares(l law) bool {
	sum, ok := l.(*sumLaw)
	return !ok || sum.loss == logSquares
}

func noFreedom(e *estimate) *Note {
	return &Note{"no_interval", fmt.Sprintf("%d points leave no freedom beside the law's own numbers, or do not determine them: no interval can be given", len(e.taken))}
}

// checks are the coefficients by the methods that were not asked for, and are quick beside it.
func checks(ctx context.Context, e *estimate) ([]Check, error) {
	var out []Check
	for _, method := range Intervals() {
		if method == e.o.IntervalUsed() || method == "bca" {
			continue
		}
		ranges, reason, err := newIntervals(ctx, e, method)
		if err != nil {
			return nil, err
		}
		if reason != nil {
			continue
		}
		c := Check{method, coefficientsOf(e, ranges)}
		if !slices.ContainsFunc(c.Coefficients, open) {
			out = append(out, c)
		}
	}
	return out, nil
}

// open reports whether a coefficient's interval has no end, so that it says nothing.
func open(c Coefficient) bool { return endless(c.Interval) }

// endless reports whether an interval reaches beyond what pow10 gives.
func endless(interval [2]float64) bool {
	return !(interval[0] > -1e307 && interval[1] < 1e307)
}

func coefficientsOf(e *estimate, ranges intervals) []Coefficient {
	var out []Coefficient
	values := e.law.coefficients(e.theta)
	for i, name := range e.law.names() {
		out = append(out, Coefficient{name, values[i], ranges.coefficient(i)})
	}
	return slices.Clip(out)
}

// haveSizes reports whether every point has N and D, as the rule envelope needs.
func haveSizes(points []Point) bool {
	return !slices.ContainsFunc(points, func(p Point) bool { return !(p.N > 0) || !(p.D > 0) || !finite(p.N) || !finite(p.D) })
}

// anew says what each resample extracts from its runs before it fits the law; nothing where the
// rule takes every run.
func (e *estimate) anew() string {
	switch e.o.Rule {
	case "all", "envelope":
		return ""
	case "parabola":
		return ", parabolas fitted anew in each resample"
	}
	return ", frontier re-extracted in each resample"
}

// target says whose law it is where that is easily taken for the frontier's: a law of C through
// every run is that of their mean.
func (e *estimate) target() string {
	if e.o.Rule != "all" || ColumnsOf(e.o.Law) != "" {
		return ""
	}
	return "; the law is of the mean of all runs at a compute, not of a frontier of the best"
}
