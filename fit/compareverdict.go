package fit

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/stat"
)

// conclude turns the joint resamples into contrasts and a verdict.
func (p *pair) conclude(c Comparison, draws []jointDraw) Comparison {
	degenerate := p.o.Bootstrap - len(draws)
	if len(draws) < p.o.Bootstrap/2 {
		c.Status = "refused"
		c.Reason = &Note{"no_interval", fmt.Sprintf("%d of %d joint resamples determine no law on one side: the points do not support an interval", degenerate, p.o.Bootstrap)}
		return c
	}
	compute, errors := p.where(&c)
	c.Coefficients = p.coefficients(draws)
	c.ErrorRatios = p.errorRatios(compute, draws)
	var missed []Note
	c.ComputeRatios, missed = p.computeRatios(errors, draws)
	c.Crossing = p.meeting(draws)
	c.Verdict = p.verdict(draws)
	c.Warnings = append(c.Warnings, p.doubts(c.Verdict)...)
	c.protect()
	c.Warnings = append(c.Warnings, missed...)
	if degenerate > 0 {
		c.Warnings = append(c.Warnings, Note{"degenerate_resamples", fmt.Sprintf("%d of %d joint resamples determined no law on one side and were left out", degenerate, p.o.Bootstrap)})
	}
	return c
}

// where gives the amounts of compute and the errors to compare at, with warnings about them.
func (p *pair) where(c *Comparison) (compute, errors []float64) {
	over, ok := p.common()
	compute, errors = p.o.Compute, p.o.Errors
	if !ok {
		c.Warnings = append(c.Warnings, Note{"disjoint_compute", "no compute lies in the fitted range of both: at least one side is extrapolated everywhere"})
	} else if compute == nil {
		compute = spread(over[0], over[1], 3)
	}
	if errors == nil {
		errors = p.errors(5)
	}
	for _, at := range compute {
		x := math.Log10(at)
		for _, s := range []*side{p.a, p.b} {
			if far := max(s.span()[0]-x, x-s.span()[1]); far > 1 {
				c.Warnings = append(c.Warnings, Note{"extrapolation", fmt.Sprintf("C = %.3g lies a factor %.3g outside the fitted compute of %s", at, pow10(far), s.Name)})
			}
		}
	}
	return compute, errors
}

// verdict asks whether the differences of log E at the two ends of the range may both be zero.
func (p *pair) verdict(draws []jointDraw) *Verdict {
	over, _ := p.common()
	var x, y []float64
	for _, d := range draws {
		at := p.differences(d.a, d.b, over)
		x, y = append(x, at[0]), append(y, at[1])
	}
	estimate := p.differences(p.a.theta, p.b.theta, over)
	v := &Verdict{P: farther(x, y, estimate), Over: [2]float64{pow10(over[0]), pow10(over[1])}, Text: "not distinguishable"}
	v.Distinguishable = v.P < 1-p.o.Level
	if check, ok := p.student(); ok {
		v.StudentP = &check
		v.Distinguishable = v.Distinguishable && check < 1-p.o.Level
	}
	if v.Distinguishable {
		v.Text = "distinguishable"
	}
	return v
}

// doubts say where the bootstrap and the cross-check part.
func (p *pair) doubts(v *Verdict) []Note {
	if v.StudentP == nil || (v.P < 1-p.o.Level) == (*v.StudentP < 1-p.o.Level) {
		return nil
	}
	return []Note{{"tests_disagree", fmt.Sprintf("the bootstrap gives p = %.2g and the F-test on %d and %d points p = %.2g: it takes both to tell the laws apart", v.P, len(p.a.taken), len(p.b.taken), *v.StudentP)}}
}

// protect lets single contrasts differ only where the laws as a whole do, so that looking at
// many of them finds nothing by luck (Fisher's protected procedure).
func (c *Comparison) protect() {
	for _, list := range [][]Contrast{c.Coefficients, c.ErrorRatios, c.ComputeRatios} {
		for i := range list {
			list[i].Distinguishable = list[i].Distinguishable && c.Verdict.Distinguishable
		}
	}
}

func (p *pair) differences(a, b []float64, over [2]float64) [2]float64 {
	f, g := p.a.curve(a), p.b.curve(b)
	return [2]float64{g(over[0]) - f(over[0]), g(over[1]) - f(over[1])}
}

// farther is the share of the points (x, y) whose Mahalanobis distance from the estimate is at
// least that of the origin, the origin itself counted. Points that do not scatter leave no
// doubt: then it is 1 when the estimate is the origin, and the smallest share otherwise.
func farther(x, y []float64, estimate [2]float64) float64 {
	sxx, syy, sxy := stat.Variance(x, nil), stat.Variance(y, nil), stat.Covariance(x, y, nil)
	determinant := sxx*syy - sxy*sxy
	smallest := 1 / float64(len(x)+1)
	const nothing = 1e-9 // a difference of log10 E that rounding makes
	if determinant <= 1e-12*sxx*syy || determinant <= 0 {
		return fartherOnALine(x, y, estimate, nothing)
	}
	distance := func(dx, dy float64) float64 { return (syy*dx*dx - 2*sxy*dx*dy + sxx*dy*dy) / determinant }
	origin := distance(estimate[0], estimate[1])
	n := 1
	for i := range x {
		if distance(x[i]-estimate[0], y[i]-estimate[1]) >= origin {
			n++
		}
	}
	return float64(n) * smallest
}

// fartherOnALine is farther for points whose two differences move as one, or not at all.
func fartherOnALine(x, y []float64, estimate [2]float64, nothing float64) float64 {
	length := func(a, b float64) float64 { return math.Hypot(a, b) }
	origin := length(estimate[0], estimate[1])
	if origin <= nothing {
		return 1
	}
	n := 1
	for i := range x {
		if length(x[i]-estimate[0], y[i]-estimate[1]) >= origin {
			n++
		}
	}
	return float64(n) / float64(len(x)+1)
}
