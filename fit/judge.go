package fit

import (
	"fmt"
	"math"
)

// nearChance is the error above which a point says little: the curve is flat there.
const nearChance = 0.95

// judge says in words what a reader of the coefficients should know.
func judge(points []Point, c *columns, law line, alpha Coefficient, degenerate int, o Options) []Note {
	var notes []Note
	note := func(is bool, code, format string, args ...any) {
		if is {
			notes = append(notes, Note{code, fmt.Sprintf(format, args...)})
		}
	}
	r2, p := c.r2(law), c.curvature(law)
	note(r2 < 0.9, "low_r2", "the line explains %.0f %% of the variance of log E: the law may not hold here", 100*r2)
	note(p < 0.05, "curvature", "the residuals bend (quadratic term in log C, p = %.2g): expect misses when extrapolating", p)
	note(alpha.Interval[0] <= 0 && alpha.Interval[1] >= 0, "zero_in_interval", "the interval of alpha contains 0: these runs do not show that error falls with compute")
	note(law.slope > 0, "error_rises", "the fitted error rises with compute")
	chance := 0
	for _, point := range points {
		if point.E > nearChance {
			chance++
		}
	}
	note(chance > 0, "near_chance", "%d of %d points have an error above %.2f, near chance, where the curve is flat", chance, len(points), nearChance)
	note(o.Rule != "all", "coverage", "the plain bootstrap of a frontier of minima covers less than it says: in simulated grids a nominal 95 %% interval held the true alpha in 83-91 %% (pareto) and 87-100 %% (binned-minima) of studies")
	note(degenerate > 0, "degenerate_resamples", "%d of %d resamples determined no slope and were left out", degenerate, o.Bootstrap)
	for _, compute := range o.Predict {
		far := max(math.Log10(compute)-c.x[len(c.x)-1], c.x[0]-math.Log10(compute))
		note(far > 1, "extrapolation", "the prediction at C = %.3g lies a factor %.3g outside the fitted compute", compute, math.Pow(10, far))
	}
	return notes
}
