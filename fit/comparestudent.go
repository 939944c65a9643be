package fit

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// student is the cross-check of the verdict for two power laws without clusters in common: the
// p-value of an F-test, 2 over nu degrees of freedom, that the differences of log E at both ends
// of the range are zero, each law with the covariance of its least squares. nu is that of the
// law with fewer points, n - 2, which is on the safe side. It knows what the bootstrap of three
// points does not: that three points say little about their own scatter. ok is false where it
// does not apply.
func (p *pair) student() (value float64, ok bool) {
	_, lineA := p.a.law.(power)
	_, lineB := p.b.law.(power)
	if !lineA || !lineB || p.shared > 0 {
		return 0, false
	}
	nu := float64(min(len(p.a.taken), len(p.b.taken)) - 2)
	over, _ := p.common()
	d := p.differences(p.a.theta, p.b.theta, over)
	a, b := lineCovariance(p.a.estimate, over), lineCovariance(p.b.estimate, over)
	sxx, syy, sxy := a[0]+b[0], a[1]+b[1], a[2]+b[2]
	determinant := sxx*syy - sxy*sxy
	if nu < 1 || determinant <= 1e-12*sxx*syy {
		return 0, false
	}
	f := (syy*d[0]*d[0] - 2*sxy*d[0]*d[1] + sxx*d[1]*d[1]) / determinant / 2
	return distuv.F{D1: 2, D2: nu}.Survival(f), true
}

// lineCovariance is the covariance of a least squares line at two places: var, var, cov.
func lineCovariance(e *estimate, at [2]float64) [3]float64 {
	n := float64(len(e.taken))
	var mean, sxx float64
	for _, t := range e.taken {
		mean += t.x / n
	}
	for _, t := range e.taken {
		sxx += square(t.x - mean)
	}
	variance := sumSquares(residuals(e.law, e.theta, e.taken)) / math.Max(n-2, 1)
	covariance := func(x, y float64) float64 { return variance * (1/n + (x-mean)*(y-mean)/sxx) }
	return [3]float64{covariance(at[0], at[0]), covariance(at[1], at[1]), covariance(at[0], at[1])}
}
