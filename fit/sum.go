package fit

import (
	"math"
	"slices"
)

// sumLaw is a law that is a sum of terms, fitted by descending from many starts.
type sumLaw struct {
	coefficientNames []string
	logs             []bool // which parameters are logarithms of coefficients
	terms            []term
	loss             loss
	lower, upper     []float64 // box of the parameters
	starts           func(nodes []node) []vector
	write            func(coefficients []float64) string
	best             func(theta []float64, c float64) optimum
}

func (l *sumLaw) names() []string            { return l.coefficientNames }
func (l *sumLaw) formula(c []float64) string { return l.write(c) }
func (l *sumLaw) dim() int                   { return len(l.logs) }
func (l *sumLaw) coefficients(theta []float64) []float64 {
	c := slices.Clone(theta)
	for i, isLog := range l.logs {
		if isLog {
			c[i] = math.Exp(c[i])
		}
	}
	return c
}

func (l *sumLaw) at(theta []float64, n node) float64 {
	var t [maxTerms]float64
	for k, tm := range l.terms {
		t[k] = theta[tm.offset]
		if tm.slope == none {
			continue
		}
		g := 0.0
		if tm.shape == none {
			g = tm.g(&n)
		} else {
			g, _, _ = tm.bend(&n, theta[tm.shape])
		}
		t[k] += theta[tm.slope] * g
	}
	return logSum(t[:len(l.terms)]) / math.Ln10
}

// atCompute is the law at a compute alone, or its best split of the compute.
func (l *sumLaw) atCompute(theta []float64, c float64) optimum {
	if l.best != nil {
		return l.best(theta, c)
	}
	return optimum{y: l.at(theta, node{x: math.Log10(c)})}
}

// fit descends from the given theta, or from all of the law's starts.
func (l *sumLaw) fit(nodes []node, from []float64, s *scratch) (solution, bool) {
	if len(nodes) < l.dim() {
		return solution{}, false
	}
	var theta vector
	var found solution
	if from == nil {
		theta, found = l.manyStarts(nodes, l.starts(nodes))
	} else {
		if s.descent == nil {
			s.descent = l.descent(nil)
		}
		s.descent.set(nodes)
		copy(theta[:], from)
		found.objective, found.converged = l.fine(s.descent, &theta)
		found.starts, found.agree = 1, 1
	}
	found.objective *= l.loss.scale
	s.theta = theta
	found.theta = s.theta[:l.dim()]
	for _, v := range found.theta {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return found, false
		}
	}
	return found, finite(found.objective)
}

func finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }

func (l *sumLaw) descent(nodes []node) *descent {
	d := &descent{problem: problem{terms: l.terms, loss: l.loss, dim: l.dim()}, lower: l.lower, upper: l.upper}
	d.set(nodes)
	return d
}

// rough descends on squares of ln E first, which are smooth, then on the law's own loss, to
// about two digits of the objective.
func (l *sumLaw) rough(d *descent, theta *vector) float64 {
	d.loss, d.convex = logSquares, true
	d.run(theta, 1e-2, 40)
	d.loss, d.convex = l.loss, false
	value, _ := d.run(theta, 1e-2, 40)
	return value
}

// closer descends on the law's own loss to about six digits of the objective.
func (l *sumLaw) closer(d *descent, theta *vector) float64 {
	d.loss, d.convex = l.loss, false
	value, _ := d.run(theta, 1e-6, 100)
	return value
}

// fine descends on the law's own loss to the last digit.
func (l *sumLaw) fine(d *descent, theta *vector) (float64, bool) {
	d.loss, d.convex = l.loss, false
	value, settled := d.run(theta, 1e-12, 300)
	return d.polish(theta, value), settled
}
