package fit

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"
)

// held is a law whose number f is held near a value: least squares with the residual
// stiff (value - f) beside those of the nodes (a quadratic penalty, Nocedal and Wright 2006,
// section 17.1). f ends short of the value, but where that is least the nodes' own sum of squares
// is the least of all thetas of that f: a point of the profile, whatever the stiffness.
type held struct {
	sandwich
	nodes        []node
	f            func(theta []float64) float64
	value, stiff float64
	lower, upper []float64
	normal       mat.Dense // J'J with the row of f
	pull         mat.VecDense
}

// stiffness of the penalty, in standard errors of f and of a run: f ends short of the value by a
// hundredth of how far it is pulled.
const stiffness = 10

// constrained is the theta of least squares with f near the value, of those found from the starts
// inside the law's bounds, and its sum of squares; unit is the standard error of f. found is false
// when none settles.
func (l *profiled) constrained(nodes []node, f func(theta []float64) float64, value, unit float64, starts ...[]float64) (sum float64, theta []float64, found bool) {
	variance, least := l.sum/float64(len(nodes)-l.dim), math.Inf(1)
	for _, start := range starts {
		h := held{sandwich: sandwich{law: l.law, theta: slices.Clone(start), dim: l.dim}, nodes: nodes, f: f, value: value, stiff: stiffness * math.Sqrt(variance) / unit}
		h.lower, h.upper = box(l.law, l.dim)
		if !h.settle(1e-8 * variance) {
			continue
		}
		if objective := h.objective(h.theta); objective < least {
			least, theta, found = objective, h.theta, true
			sum = sumSquares(residuals(l.law, theta, nodes))
		}
	}
	return sum, theta, found
}

// settle descends by Levenberg and Marquardt's steps until one gains no more than small.
func (h *held) settle(small float64) bool {
	before, damping := h.objective(h.theta), 1e-3
	h.linearise()
	for range 300 {
		next, solved := h.step(damping)
		after := math.Inf(1)
		if solved {
			after = h.objective(next)
		}
		if !(after <= before) {
			if damping *= 10; damping > 1e10 {
				return !math.IsNaN(before)
			}
			continue
		}
		gain := before - after
		h.theta, before, damping = next, after, max(damping/10, 1e-12)
		if gain <= small {
			return true
		}
		h.linearise()
	}
	return false
}

func (h *held) objective(theta []float64) float64 {
	return sumSquares(residuals(h.law, theta, h.nodes)) + square(h.stiff*(h.value-h.f(theta)))
}

// linearise fills the normal equations at theta.
func (h *held) linearise() {
	slopes, left := h.slopes()
	gradient := mat.NewVecDense(h.dim, h.gradient(h.f))
	h.normal.Mul(slopes.T(), slopes)
	h.normal.RankOne(&h.normal, h.stiff*h.stiff, gradient, gradient)
	h.pull.MulVec(slopes.T(), mat.NewVecDense(len(left), left))
	h.pull.AddScaledVec(&h.pull, h.stiff*h.stiff*(h.value-h.f(h.theta)), gradient)
}

// slopes are the law's by theta at each node, and the residuals; a surface has them in closed form.
func (h *held) slopes() (*mat.Dense, []float64) {
	s, ok := h.law.(*surface)
	if !ok {
		return h.sandwich.linearise(h.nodes)
	}
	slopes, left := mat.NewDense(len(h.nodes), h.dim, nil), make([]float64, len(h.nodes))
	var g slope6
	for i := range h.nodes {
		left[i] = h.nodes[i].y - s.derive(h.theta, &h.nodes[i], &g)
		copy(slopes.RawRowView(i), g[:h.dim])
	}
	return slopes, left
}

// step is the damped step, inside the bounds: a parameter that is pulled beyond one stays there.
func (h *held) step(damping float64) ([]float64, bool) {
	system, right := mat.NewSymDense(h.dim, nil), mat.NewVecDense(h.dim, nil)
	kept := func(i int) bool {
		pull := h.pull.AtVec(i)
		return h.theta[i] <= h.lower[i] && pull < 0 || h.theta[i] >= h.upper[i] && pull > 0
	}
	for i := range h.dim {
		system.SetSym(i, i, (1+damping)*h.normal.At(i, i)+1e-300)
		if kept(i) {
			continue
		}
		right.SetVec(i, h.pull.AtVec(i))
		for j := range i {
			if !kept(j) {
				system.SetSym(i, j, h.normal.At(i, j))
			}
		}
	}
	var factor mat.Cholesky
	var step mat.VecDense
	if !factor.Factorize(system) || factor.SolveVecTo(&step, right) != nil && math.IsNaN(step.AtVec(0)) {
		return nil, false
	}
	next := slices.Clone(h.theta)
	for i := range next {
		next[i] = min(max(next[i]+step.AtVec(i), h.lower[i]), h.upper[i])
	}
	return next, true
}

// box is the range that a law's parameters are fitted in.
func box(l law, dim int) (lower, upper []float64) {
	switch l := l.(type) {
	case *surface:
		low, high := l.bounds()
		return low[:dim], high[:dim]
	case *sumLaw:
		return l.lower, l.upper
	}
	lower, upper = make([]float64, dim), make([]float64, dim)
	for i := range dim {
		lower[i], upper[i] = math.Inf(-1), math.Inf(1)
	}
	return lower, upper
}
