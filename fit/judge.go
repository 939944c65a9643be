package fit

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// nearChance is the error above which a point says little: the curve is flat there.
const nearChance = 0.95

// judge says in words what a reader of the coefficients should know.
func judge(e *estimate, coefficients []Coefficient, degenerate int) []Note {
	var notes []Note
	note := func(is bool, code, format string, args ...any) {
		if is {
			notes = append(notes, Note{code, fmt.Sprintf(format, args...)})
		}
	}
	r2, p := r2(e.law, e.theta, e.taken), curvature(e)
	note(r2 < 0.9, "low_r2", "the law explains %.0f %% of the variance of log E: it may not hold here", 100*r2)
	note(p < 0.05, "curvature", "the residuals bend (quadratic term in log C, p = %.2g): expect misses when extrapolating", p)
	alpha := coefficients[0]
	note(alpha.Interval[0] <= 0 && alpha.Interval[1] >= 0, "zero_in_interval", "the interval of alpha contains 0: these runs do not show that error falls with compute")
	note(alpha.Value > 0, "error_rises", "the fitted error rises with compute")
	chance := 0
	for _, point := range e.points {
		if point.E > nearChance {
			chance++
		}
	}
	note(chance > 0, "near_chance", "%d of %d points have an error above %.2f, near chance, where the curve is flat", chance, len(e.points), nearChance)
	note(e.o.Rule != "all", "coverage", "the plain bootstrap of a frontier of minima covers less than it says: in simulated grids a nominal 95 %% interval held the true alpha in 83-91 %% (pareto) and 87-100 %% (binned-minima) of studies")
	note(degenerate > 0, "degenerate_resamples", "%d of %d resamples determined no slope and were left out", degenerate, e.o.Bootstrap)
	low, high := e.taken[0].x, e.taken[len(e.taken)-1].x
	for _, compute := range e.o.Predict {
		far := max(math.Log10(compute)-high, low-math.Log10(compute))
		note(far > 1, "extrapolation", "the prediction at C = %.3g lies a factor %.3g outside the fitted compute", compute, pow10(far))
	}
	return notes
}

// curvature is the p-value of the t-test that a quadratic term in log C, beside a line, leaves
// the residuals as they are (Student's t with n-3 degrees of freedom); 1 when there are too few
// points to say. The quadratic term is the regression of the residuals on what a line leaves
// of x squared (Frisch-Waugh-Lovell).
func curvature(e *estimate) float64 {
	n := float64(len(e.taken))
	if n < 5 {
		return 1
	}
	var centre float64
	for _, t := range e.taken {
		centre += t.x / n
	}
	squares := make([]node, len(e.taken))
	for i, t := range e.taken {
		squares[i] = node{x: t.x, y: square(t.x - centre), weight: 1}
	}
	slope, intercept, ok := leastSquares(squares)
	if !ok {
		return 1
	}
	ry := residuals(e.law, e.theta, e.taken)
	var sqq, sqy float64
	for i, s := range squares {
		rq := s.y - intercept - slope*s.x
		sqq, sqy = sqq+rq*rq, sqy+rq*ry[i]
	}
	left := sumSquares(ry) - sqy*sqy/sqq
	if sqq < 1e-12 || left <= 0 {
		return 1
	}
	t := math.Abs(sqy/sqq) / math.Sqrt(left/(n-3)/sqq)
	return 2 * distuv.StudentsT{Mu: 0, Sigma: 1, Nu: n - 3}.Survival(t)
}
