package fit

import (
	"fmt"
	"math"
)

// power is E = beta C^alpha by least squares of log10 E on log10 C. Its theta is (alpha,
// log10 beta), so there is nothing to start from.
type power struct{}

func (power) names() []string { return []string{"alpha", "beta"} }

func (power) fit(nodes []node, _ []float64, s *scratch) (solution, bool) {
	slope, intercept, ok := leastSquares(nodes)
	s.theta[0], s.theta[1] = slope, intercept
	var sum float64
	for _, n := range nodes {
		sum += n.weight * square(n.y-intercept-slope*n.x)
	}
	return solution{theta: s.theta[:2], objective: sum, starts: 1, agree: 1, converged: true}, ok
}

func (power) coefficients(theta []float64) []float64 { return []float64{theta[0], pow10(theta[1])} }

func (power) formula(c []float64) string { return fmt.Sprintf("E = %.4g C^%.4f", c[1], c[0]) }

func (power) at(theta []float64, n node) float64 { return theta[1] + theta[0]*n.x }

func (power) atCompute(theta []float64, c float64) optimum {
	return optimum{y: theta[1] + theta[0]*math.Log10(c)}
}

// leastSquares is the weighted ordinary least squares of y on x. ok is false when x does not
// vary, so that there is no slope.
func leastSquares(nodes []node) (slope, intercept float64, ok bool) {
	var weight, mx, my float64
	for i := range nodes {
		n := &nodes[i]
		weight, mx, my = weight+n.weight, mx+n.weight*n.x, my+n.weight*n.y
		ok = ok || n.x != nodes[0].x
	}
	mx, my = mx/weight, my/weight
	var sxx, sxy float64
	for i := range nodes {
		n := &nodes[i]
		dx := n.x - mx
		sxx, sxy = sxx+n.weight*dx*dx, sxy+n.weight*dx*(n.y-my)
	}
	slope = sxy / sxx
	ok = ok && !math.IsNaN(slope) && !math.IsInf(slope, 0)
	return slope, my - slope*mx, ok
}
