package fit

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// expanded is the level at which percentiles of resamples are taken, so that the interval has
// the level that was asked for: resamples of n points scatter about a law of p numbers by
// sqrt((n-p)/n) too little, and their quantiles are the normal's where Student's with n - p
// degrees of freedom are due (the expanded percentile interval, Hesterberg 2015).
// n is that of the side whose law rests on fewer points.
func (p *pair) expanded() float64 {
	level := p.o.Level
	for _, s := range []*side{p.a, p.b} {
		n, free := float64(len(s.taken)), float64(len(s.taken)-len(s.law.names()))
		if free < 1 {
			return 1
		}
		student := distuv.StudentsT{Mu: 0, Sigma: 1, Nu: free}.Quantile((1 + p.o.Level) / 2)
		level = max(level, 1-2*distuv.UnitNormal.Survival(student*math.Sqrt(n/free)))
	}
	return level
}
