package fit

import "math"

// levenberg finds the least squares of a surface by Levenberg and Marquardt's method (Nocedal
// and Wright 2006, section 10.3) inside the surface's bounds.
type levenberg struct {
	s            *surface
	nodes        []node
	lower, upper slope6
	normal       [surfaceDim]slope6 // lower triangle of J'WJ
	pull         slope6             // J'W r
}

// descend lowers the weighted sum of squares from theta, in place. ok is false when the normal
// matrix is singular at the end or a bound was reached: the points do not determine the surface.
func (l *levenberg) descend(theta []float64) (sum float64, ok bool) {
	l.lower, l.upper = l.s.bounds()
	sum = l.linearise(theta)
	var next [surfaceDim]float64
	damping := 1e-3
	for range 100 {
		step, solved := l.step(damping)
		for i := range theta {
			next[i] = min(max(theta[i]+step[i], l.lower[i]), l.upper[i])
		}
		after := math.Inf(1)
		if solved {
			after = l.sum(next[:len(theta)])
		}
		if after <= sum {
			copy(theta, next[:len(theta)])
			small := sum-after <= 1e-11*sum
			sum, damping = l.linearise(theta), max(damping/10, 1e-12)
			if small {
				break
			}
			continue
		}
		if damping *= 10; damping > 1e12 {
			break
		}
	}
	return sum, l.inside(theta) && l.determined(len(theta))
}

func (l *levenberg) sum(theta []float64) float64 {
	var g slope6
	var sum float64
	for i := range l.nodes {
		n := &l.nodes[i]
		sum += n.weight * square(n.y-l.s.derive(theta, n, &g))
	}
	return sum
}

// linearise fills the normal equations at theta and returns the sum of squares.
func (l *levenberg) linearise(theta []float64) float64 {
	l.normal, l.pull = [surfaceDim]slope6{}, slope6{}
	var g slope6
	var sum float64
	for k := range l.nodes {
		n := &l.nodes[k]
		if n.weight == 0 {
			continue
		}
		r := n.y - l.s.derive(theta, n, &g)
		sum += n.weight * r * r
		for i := range theta {
			weighted := n.weight * g[i]
			l.pull[i] += weighted * r
			for j := 0; j <= i; j++ {
				l.normal[i][j] += weighted * g[j]
			}
		}
	}
	return sum
}

// step solves (J'WJ + damping diag) step = J'W r.
func (l *levenberg) step(damping float64) (slope6, bool) {
	dim := l.s.dim()
	a, b := l.normal, l.pull
	for i := range dim {
		a[i][i] += damping * (l.normal[i][i] + 1e-12)
	}
	if !factor(&a, dim, 0) {
		return b, false
	}
	for i := range dim {
		for k := range i {
			b[i] -= a[i][k] * b[k]
		}
		b[i] /= a[i][i]
	}
	for i := dim - 1; i >= 0; i-- {
		for k := i + 1; k < dim; k++ {
			b[i] -= a[k][i] * b[k]
		}
		b[i] /= a[i][i]
	}
	return b, true
}

// factor is Cholesky's, in place of the lower triangle. It fails at a pivot that is not above
// least.
func factor(a *[surfaceDim]slope6, dim int, least float64) bool {
	for i := range dim {
		for j := 0; j <= i; j++ {
			sum := a[i][j]
			for k := range j {
				sum -= a[i][k] * a[j][k]
			}
			if i != j {
				a[i][j] = sum / a[j][j]
				continue
			}
			if !(sum > least) || math.IsInf(sum, 0) {
				return false
			}
			a[i][i] = math.Sqrt(sum)
		}
	}
	return true
}

func (l *levenberg) inside(theta []float64) bool {
	for i, t := range theta {
		if t <= l.lower[i] || t >= l.upper[i] || math.IsNaN(t) {
			return false
		}
	}
	return true
}

// determined reports whether no parameter's slopes are, to 1 part in 10^8 of their squares, a
// mixture of the others'.
func (l *levenberg) determined(dim int) bool {
	a := l.normal
	for i := range dim {
		for j := 0; j <= i; j++ {
			a[i][j] /= math.Sqrt(l.normal[i][i] * l.normal[j][j])
		}
	}
	return factor(&a, dim, 1e-8)
}
