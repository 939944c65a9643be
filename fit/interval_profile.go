package fit

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"
)

// likelihood makes intervals of profile likelihood: a number of the law may be what it is while
// the sum of squares, at its least with the number held there, is at most S (1 + t^2/f), S
// being the least of all, t Student's with f = runs less parameters (Bates and Watts 1988,
// section 6.1). It takes runs as independent and equally noisy, and keeps the frontier as
// extracted. Laws that are averaged give half-widths that are averaged as in studentT.
type likelihood struct {
	e     *estimate
	parts []profiled
}

// profiled is one law about its theta, as a sandwich sees it, with its sum of squares.
type profiled struct {
	weighted
	sum float64
}

func newLikelihood(e *estimate) (*likelihood, *Note) {
	t, ok := newStudentT(e)
	if !ok {
		return nil, noFreedom(e)
	}
	p := &likelihood{e: e}
	for _, l := range t.laws {
		if len(e.taken) > l.dim {
			p.parts = append(p.parts, profiled{l, sumSquares(residuals(l.law, l.theta, e.taken))})
		}
	}
	return p, nil
}

func (p *likelihood) method() string {
	return "profile likelihood with Student's t, runs taken as independent and the frontier as extracted; run intervals add the variance of a run"
}

func (p *likelihood) degenerate() int { return 0 }

func (p *likelihood) coefficient(i int) [2]float64 {
	if !p.e.amplitude(i) {
		return p.around(func(l law, theta []float64) float64 { return l.coefficients(theta)[i] }, 0)
	}
	r := p.around(func(l law, theta []float64) float64 { return math.Log10(max(l.coefficients(theta)[i], 1e-300)) }, 0)
	return [2]float64{pow10(r[0]), pow10(r[1])}
}

func (p *likelihood) prediction(place place) (ofLaw, ofRun [2]float64) {
	a, b := p.around(place, 0), p.around(place, p.e.runVariance(place))
	return [2]float64{pow10(a[0]), pow10(a[1])}, [2]float64{pow10(b[0]), pow10(b[1])}
}

func (p *likelihood) around(f place, beside float64) [2]float64 {
	var centre float64
	for _, l := range p.parts {
		centre += l.weight * f(l.law, l.theta)
	}
	normal, r := student(p.e.o.Level, math.Inf(1)), [2]float64{centre, centre}
	for _, l := range p.parts {
		own := f(l.law, l.theta)
		t := student(p.e.o.Level, float64(len(p.e.taken)-l.dim))
		more := square(normal*(own-centre)) + square(t)*beside
		for side, sign := range []float64{-1, 1} {
			end := l.end(p.e.taken, func(theta []float64) float64 { return f(l.law, theta) }, t, sign)
			r[side] += sign * l.weight * math.Sqrt(square(end-own)+more)
		}
	}
	return r
}

// end is where, going from the best value of f to the side of sign, the root of the rise of
// the sum of squares over the variance reaches t; the search is by secants, since that root is
// nearly a straight line. It is infinite when the rise never gets there.
func (l *profiled) end(nodes []node, f func(theta []float64) float64, t, sign float64) float64 {
	best := f(l.theta)
	gradient := l.gradient(f)
	variance := l.sum / float64(len(nodes)-l.dim)
	unit := math.Sqrt(l.form(gradient, gradient) * variance)
	if unit == 0 || variance == 0 {
		return best
	}
	theta := slices.Clone(l.theta)
	step, reached := t, 0.0 // in units
	for range 30 {
		var sum float64
		sum, theta = l.constrained(nodes, f, best+sign*step*unit, theta)
		reached = math.Sqrt(max(sum-l.sum, 0) / variance)
		if math.Abs(reached-t) < 1e-4*t {
			break
		}
		if reached < t/1e3 || step > 1e4*t || math.IsNaN(reached) {
			return sign * math.Inf(1)
		}
		step *= min(max(t/reached, 0.5), 2)
	}
	return best + sign*step*unit
}

// constrained is the least sum of squares with f(theta) = value, by Gauss and Newton's method
// on Lagrange's conditions, from a theta nearby.
func (l *profiled) constrained(nodes []node, f func(theta []float64) float64, value float64, from []float64) (float64, []float64) {
	at := sandwich{law: l.law, theta: slices.Clone(from), dim: l.dim}
	for range 25 {
		system, right := at.lagrange(nodes, f, value)
		var step mat.VecDense
		if err := step.SolveVec(system, right); err != nil && math.IsNaN(step.AtVec(0)) {
			break
		}
		var moved float64
		for i := range at.theta {
			limited := min(max(step.AtVec(i), -1), 1)
			at.theta[i] += limited
			moved = max(moved, math.Abs(limited)/max(1, math.Abs(at.theta[i])))
		}
		if moved < 1e-8 {
			break
		}
	}
	return sumSquares(residuals(l.law, at.theta, nodes)), at.theta
}

// lagrange is the system of Lagrange's conditions at theta, linearised: J'J and the gradient of
// f on its borders, J' of the residuals and what f lacks on the right.
func (s *sandwich) lagrange(nodes []node, f func(theta []float64) float64, value float64) (*mat.Dense, *mat.VecDense) {
	slopes, left := s.linearise(nodes)
	system, right := mat.NewDense(s.dim+1, s.dim+1, nil), mat.NewVecDense(s.dim+1, nil)
	var normal mat.Dense
	normal.Mul(slopes.T(), slopes)
	var pull mat.VecDense
	pull.MulVec(slopes.T(), mat.NewVecDense(len(left), left))
	for i, g := range s.gradient(f) {
		for j := range s.dim {
			system.Set(i, j, normal.At(i, j))
		}
		system.Set(i, i, normal.At(i, i)*(1+1e-9))
		system.Set(i, s.dim, g)
		system.Set(s.dim, i, g)
		right.SetVec(i, pull.AtVec(i))
	}
	right.SetVec(s.dim, value-f(s.theta))
	return system, right
}
