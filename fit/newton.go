package fit

import "math"

// descent minimises a problem in a box by Newton's method with exact derivatives. Its damping
// adds the Hessian of reweighted least squares (and some of its diagonal), so that far from
// the optimum a step is one of reweighted least squares, and near it Newton's.
type descent struct {
	problem
	lower, upper []float64
	here         slopes
	convex       bool // leave the Hessian out: reweighted least squares all the way
}

// run descends from theta until a step promises less than tolerance times the objective, at
// most steps steps, and returns the objective. settled is false when it ran out of steps.
func (d *descent) run(theta *vector, tolerance float64, steps int) (value float64, settled bool) {
	clip(theta, d.lower, d.upper)
	value = d.value(theta)
	d.derive(theta, &d.here)
	damping := 1e-3
	for range steps {
		step, promised, ok := d.step(theta, damping)
		if ok && damping < 1 && promised <= tolerance*value {
			return value, true
		}
		if ok {
			next := d.moved(theta, &step)
			if v := d.value(&next); v < value {
				*theta, value = next, v
				d.derive(theta, &d.here)
				damping = max(damping/8, 1e-9)
				continue
			}
		}
		if damping *= 8; damping > 1e12 {
			return value, true // no step is short enough to get lower: the last digits
		}
	}
	return value, false
}

// polish adds Newton steps below the resolution of the objective, while they shrink.
func (d *descent) polish(theta *vector, value float64) float64 {
	last := math.Inf(1)
	for range 6 {
		d.value(theta)
		d.derive(theta, &d.here)
		step, promised, ok := d.step(theta, 0)
		if !ok || promised >= last || promised > 1e-6*value {
			break
		}
		next := d.moved(theta, &step)
		v := d.value(&next)
		if !(v <= value*(1+1e-12)) {
			break
		}
		*theta, value, last = next, min(v, value), promised
	}
	return value
}

func (d *descent) moved(theta, step *vector) vector {
	next := *theta
	for i := range d.dim {
		next[i] += step[i]
	}
	clip(&next, d.lower, d.upper)
	return next
}

// step solves (H + damping S) step = -gradient on the parameters that are not held at a bound,
// and tells by how much the quadratic model falls. ok is false when the matrix is not positive
// definite or the step is no descent.
func (d *descent) step(theta *vector, damping float64) (step vector, promised float64, ok bool) {
	var a matrix
	var b vector
	var free [maxDim]int
	n := 0
	for i := range d.dim {
		if !d.held(theta, i) {
			free[n] = i
			n++
		}
	}
	for i := range n {
		fi := free[i]
		for j := i; j < n; j++ {
			fj := free[j]
			if a[i][j] = d.here.hessian[fi][fj] + damping*d.here.above[fi][fj]; d.convex {
				a[i][j] = (1 + damping) * d.here.above[fi][fj]
			}
		}
		a[i][i] += damping * 0.01 * (d.here.above[fi][fi] + 10*d.here.weight)
		b[i] = -d.here.gradient[fi]
	}
	rhs := b
	if !cholesky(&a, &b, n) {
		return step, 0, false
	}
	for i := range n {
		step[free[i]] = b[i]
		promised += rhs[i] * b[i] / 2
	}
	return step, promised, promised >= 0
}

// held reports whether parameter i is at a bound that the objective pushes it against.
func (d *descent) held(theta *vector, i int) bool {
	return theta[i] <= d.lower[i] && d.here.gradient[i] > 0 || theta[i] >= d.upper[i] && d.here.gradient[i] < 0
}

func clip(theta *vector, lower, upper []float64) {
	for i := range lower {
		theta[i] = min(max(theta[i], lower[i]), upper[i])
	}
}

// cholesky solves a x = b in place of b, for the first n rows of the upper triangle of a. It
// reports whether a is positive definite.
func cholesky(a *matrix, b *vector, n int) bool {
	for i := range n {
		for k := range i {
			a[i][i] -= a[k][i] * a[k][i]
		}
		if !(a[i][i] > 0) || math.IsInf(a[i][i], 0) {
			return false
		}
		a[i][i] = math.Sqrt(a[i][i])
		for j := i + 1; j < n; j++ {
			for k := range i {
				a[i][j] -= a[k][i] * a[k][j]
			}
			a[i][j] /= a[i][i]
		}
	}
	for i := range n {
		for k := range i {
			b[i] -= a[k][i] * b[k]
		}
		b[i] /= a[i][i]
	}
	for i := n - 1; i >= 0; i-- {
		for k := i + 1; k < n; k++ {
			b[i] -= a[i][k] * b[k]
		}
		b[i] /= a[i][i]
	}
	return true
}
