package fit

import (
	"context"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"
)

// bootstrap makes intervals between percentiles of resamples; with a jackknife between those
// that BCa, bias-corrected and accelerated, takes instead (DiCiccio and Efron 1996, section 2).
// The interval of a new run adds a residual to each resample's law; it is not corrected, but
// holds that of the law.
type bootstrap struct {
	e     *estimate
	draws []draw // that determined a law
	lost  int
	jack  *jackknife // nil: plain percentiles
}

func newBootstrap(ctx context.Context, e *estimate) (*bootstrap, *Note, error) {
	draws, err := resample(ctx, e)
	if err != nil {
		return nil, nil, fmt.Errorf("bootstrap: %w", err)
	}
	b := &bootstrap{e: e, draws: slices.DeleteFunc(draws, func(d draw) bool { return !d.ok() })}
	b.lost = e.o.Bootstrap - len(b.draws)
	if len(b.draws) < e.o.Bootstrap/2 {
		return nil, &Note{"no_interval", fmt.Sprintf("%d of %d resamples determine no law: the points do not support an interval", b.lost, e.o.Bootstrap)}, nil
	}
	return b, nil, nil
}

// corrected is the same resamples by BCa.
func (b bootstrap) corrected(ctx context.Context) (*bootstrap, *Note, error) {
	var reason *Note
	var err error
	b.jack, reason, err = newJackknife(ctx, b.e)
	return &b, reason, err
}

func (b *bootstrap) method() string {
	kind := "percentile"
	if b.jack != nil {
		kind = "BCa"
	}
	return kind + " bootstrap over runs" + b.e.anew() + "; run intervals add a resampled residual"
}

func (b *bootstrap) degenerate() int { return b.lost }

func (b *bootstrap) coefficient(i int) [2]float64 {
	return b.interval(func(theta []float64) float64 { return b.e.law.coefficients(theta)[i] })
}

func (b *bootstrap) prediction(place place) (ofLaw, ofRun [2]float64) {
	ofLaw = b.interval(func(theta []float64) float64 { return pow10(place(b.e.law, theta)) })
	runs, scale := make([]float64, len(b.draws)), b.e.scaleOfResiduals(place)
	for i, d := range b.draws {
		runs[i] = pow10(place(b.e.law, d.theta) + d.residual*scale)
	}
	ofRun = percentile(runs, b.e.o.Level)
	return ofLaw, [2]float64{min(ofRun[0], ofLaw[0]), max(ofRun[1], ofLaw[1])}
}

func (b *bootstrap) interval(f func(theta []float64) float64) [2]float64 {
	values := make([]float64, len(b.draws))
	for i, d := range b.draws {
		values[i] = f(d.theta)
	}
	slices.Sort(values)
	tail := (1 - b.e.o.Level) / 2
	low, high := tail, 1-tail
	if b.jack != nil {
		low, high = bca(values, f(b.e.theta), b.jack.acceleration(f), tail)
	}
	return [2]float64{quantile(values, low), quantile(values, high)}
}

// bca is the pair of percentiles of sorted values that stands for tail and 1-tail.
func bca(values []float64, estimate, acceleration, tail float64) (low, high float64) {
	below, _ := slices.BinarySearch(values, estimate)
	n := float64(len(values))
	bias := distuv.UnitNormal.Quantile(min(max(float64(below), 0.5), n-0.5) / n)
	at := func(q float64) float64 {
		z := bias + distuv.UnitNormal.Quantile(q)
		return distuv.UnitNormal.CDF(bias + z/(1-acceleration*z))
	}
	return at(tail), at(1 - tail)
}

// percentile is the interval that leaves (1-level)/2 of the values on each side.
func percentile(values []float64, level float64) [2]float64 {
	slices.Sort(values)
	tail := (1 - level) / 2
	return [2]float64{quantile(values, tail), quantile(values, 1-tail)}
}

// quantile lies between order statistics by linear interpolation (type 7 of Hyndman and Fan
// 1996).
func quantile(sorted []float64, q float64) float64 {
	h := q * float64(len(sorted)-1)
	i := int(h)
	if i+1 >= len(sorted) {
		return sorted[len(sorted)-1]
	}
	return sorted[i] + (h-math.Floor(h))*(sorted[i+1]-sorted[i])
}
