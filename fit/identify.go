package fit

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// leastKnown is the coefficient whose size is least known, with the half width of its 95 %
// interval in ln: of each term its size at the middle of the points, whatever the unit of C, N
// or D, under the name of its factor; of a parameter that bends a term its own; infinite where
// a constant or bending parameter is at the end of its range.
func (l *sumLaw) leastKnown(e *estimate, covariance *matrix) (name string, half float64) {
	t := distuv.StudentsT{Mu: 0, Sigma: 1, Nu: float64(len(e.taken) - l.dim())}.Quantile(0.975)
	look := func(i int, direction vector, bounded bool) {
		h := t * math.Sqrt(quadratic(covariance, &direction, l.dim()))
		if bounded && (e.theta[i] <= l.lower[i]+1e-6 || e.theta[i] >= l.upper[i]-1e-6) {
			h = math.Inf(1)
		}
		if h > half {
			name, half = l.coefficientNames[i], h
		}
	}
	for _, tm := range l.terms {
		var at vector
		at[tm.offset] = 1
		if tm.slope != none {
			g, g1 := tm.middle(e.taken, e.theta)
			at[tm.slope] = g
			if tm.shape != none {
				at[tm.shape] = e.theta[tm.slope] * g1
				look(tm.shape, unit(tm.shape), true)
			}
		}
		look(tm.offset, at, tm.slope == none)
	}
	return name, half
}

// middle is the mean of g and of its derivative in the shape over the nodes.
func (t *term) middle(nodes []node, theta []float64) (g, g1 float64) {
	for i := range nodes {
		a, a1 := 0.0, 0.0
		if t.shape == none {
			a = t.g(&nodes[i])
		} else {
			a, a1, _ = t.bend(&nodes[i], theta[t.shape])
		}
		g, g1 = g+a/float64(len(nodes)), g1+a1/float64(len(nodes))
	}
	return g, g1
}

func unit(i int) (v vector) {
	v[i] = 1
	return v
}

// quadratic is v' m v.
func quadratic(m *matrix, v *vector, n int) float64 {
	var sum float64
	for i := range n {
		for j := range n {
			sum += v[i] * m[i][j] * v[j]
		}
	}
	return max(sum, 0)
}

// covariance of the parameters by the Jacobian. With Huber's loss the scatter is that of the
// median. ok is false where the Jacobian is singular.
func (l *sumLaw) covariance(theta []float64, nodes []node) (covariance matrix, ok bool) {
	d := l.descent(nodes)
	d.loss.delta = 0
	var at vector
	copy(at[:], theta)
	n, p := len(nodes), l.dim()
	variance := 2 * d.value(&at) / float64(n-p)
	var s slopes
	d.derive(&at, &s)
	if l.loss.delta > 0 {
		r := residuals(l, theta, nodes)
		for i := range r {
			r[i] = math.Abs(r[i] * math.Ln10)
		}
		variance = square(1.4826*median(r)) * float64(n) / float64(n-p)
	}
	covariance, ok = invert(&s.above, p)
	for i := range p {
		for j := range p {
			covariance[i][j] *= variance
		}
	}
	return covariance, ok
}

// invert gives the inverse of the first n rows of a positive definite matrix of which a has the
// upper triangle. ok is false when, scaled to a unit diagonal, it is singular to 13 digits.
func invert(a *matrix, n int) (inverse matrix, ok bool) {
	var scale vector
	for i := range n {
		scale[i] = math.Sqrt(a[i][i])
		if !(scale[i] > 0) {
			return inverse, false
		}
	}
	var scaled matrix
	for i := range n {
		for j := i; j < n; j++ {
			scaled[i][j] = a[i][j] / (scale[i] * scale[j])
		}
	}
	for column := range n {
		factor, b := scaled, vector{}
		b[column] = 1
		if !cholesky(&factor, &b, n) {
			return inverse, false
		}
		for i := range n {
			if factor[i][i] < 3e-7 { // its square is the share that the others do not explain
				return inverse, false
			}
			inverse[i][column] = b[i] / (scale[i] * scale[column])
		}
	}
	return inverse, true
}
