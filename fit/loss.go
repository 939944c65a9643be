package fit

import "math"

// loss says how far a law may miss a point: least squares of ln E, Huber's loss of ln E, or
// least squares of E itself.
type loss struct {
	delta   float64 // of Huber's loss, in ln E; 0: squares
	onError bool    // on E itself
	scale   float64 // from the loss to the objective that a result reports
}

var (
	logSquares   = loss{scale: 2 / (math.Ln10 * math.Ln10)} // reported: sum of squares of log10 E
	errorSquares = loss{onError: true, scale: 2}            // reported: sum of squares of E
)

// huber is the loss of Hoffmann et al. 2022 (eq. 3), summed over points, on ln E.
func huber(delta float64) loss { return loss{delta: delta, scale: 1} }

// value is the loss of a point at ln E = y where the law says f.
func (l loss) value(y, f float64) float64 {
	if l.onError {
		r := math.Exp(y) - math.Exp(f)
		return r * r / 2
	}
	r := math.Abs(y - f)
	if l.delta == 0 || r <= l.delta {
		return r * r / 2
	}
	return l.delta * (r - l.delta/2)
}

// slopes are the first and second derivative of value in f, and the curvature of the parabola
// that touches it from above, as reweighted least squares uses it.
func (l loss) slopes(y, f float64) (first, second, above float64) {
	r := y - f
	switch {
	case l.onError:
		e := math.Exp(f)
		r = math.Exp(y) - e
		return -r * e, e*e - r*e, e * e
	case l.delta == 0 || math.Abs(r) <= l.delta:
		return -r, 1, 1
	case r > 0:
		return -l.delta, 0, l.delta / r
	}
	return l.delta, 0, -l.delta / r
}
