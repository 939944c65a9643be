package fit

import "math"

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
	independent := "runs taken as independent"
	if p.e.anew() != "" {
		independent += " and the frontier as extracted"
	}
	return "profile likelihood with Student's t, " + independent + "; run intervals add the variance of a run"
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
	if math.IsInf(r[0], 0) || math.IsInf(r[1], 0) {
		return [2]float64{math.Inf(-1), math.Inf(1)} // one end alone says nothing
	}
	return r
}

// end is where, going from the best value of f to the side of sign, the root of the rise of
// the sum of squares over the variance reaches t; the search is by secants, since that root is
// nearly a straight line, between steps that are known to lie inside and beyond. It is infinite
// when no place is found whose constrained minimum is one and whose rise is t.
func (l *profiled) end(nodes []node, f func(theta []float64) float64, t, sign float64) float64 {
	best, gradient := f(l.theta), l.gradient(f)
	variance := l.sum / float64(len(nodes)-l.dim)
	unit := math.Sqrt(l.form(gradient, gradient) * variance)
	if unit == 0 || variance == 0 {
		return best
	}
	theta, step := l.theta, t // steps in units
	inside, beyond := 0.0, math.Inf(1)
	for beyond-inside > 1e-5*max(inside, t) && step < 1e4*t {
		value, reached := best+sign*step*unit, math.Inf(1)
		sum, at, found := l.constrained(nodes, f, value, unit, theta, l.theta)
		if found {
			reached = math.Sqrt(max(sum-l.sum, 0) / variance)
		}
		switch {
		case math.Abs(reached-t) < 1e-4*t:
			lower, other, found := l.constrained(nodes, f, value, unit, l.elsewhere(nodes)...)
			if !found || lower > sum-1e-3*variance {
				return f(at)
			}
			inside, theta = step, other
		case reached < t:
			inside, theta = step, at
		default:
			beyond = step
		}
		step *= min(max(t/reached, 0.5), 2)
		if step <= inside || step >= beyond {
			step = (inside + beyond) / 2
		}
	}
	return sign * math.Inf(1)
}

// elsewhere are the places that the law's own fit starts at.
func (l *profiled) elsewhere(nodes []node) [][]float64 {
	if s, ok := l.law.(*surface); ok {
		return s.starts(nodes)
	}
	return nil
}
