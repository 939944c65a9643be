package fit

import (
	"math"
)

// studentT makes intervals of Student's t from a sandwich. A law that averages several adds
// what they differ by: the half-width is the mean over laws i, with Akaike's weight w_i, of
// sqrt((t_i s_i)^2 + z^2 (f_i - f)^2), f_i being law i's number, f their mean, s_i and t_i its
// standard error and quantile, z the normal one (Burnham and Anderson 2002, section 4.3.3,
// after Buckland, Burnham and Augustin 1997).
type studentT struct {
	e    *estimate
	laws []weighted
}

func (t *studentT) method() string {
	return "Student's t on the law linearised, the wider of the covariance CR2 by clusters of runs with the freedom of Bell and McCaffrey and that of equal errors; run intervals add the variance of a run"
}

func (t *studentT) degenerate() int { return 0 }

type weighted struct {
	*sandwich
	weight float64
}

// newStudentT is for an estimate of least squares; ok is false when no freedom is left.
func newStudentT(e *estimate) (*studentT, bool) {
	t := &studentT{e: e}
	cluster := clusterOf(e.points)
	add := func(l law, weight float64, theta []float64) {
		if s, ok := newSandwich(l, theta, e.taken, cluster); ok {
			t.laws = append(t.laws, weighted{s, weight})
		}
	}
	if several, ok := e.law.(*envelope); ok {
		several.parts(e.theta, func(_ int, s *surface, weight float64, own []float64) { add(s, weight, own) })
	} else {
		add(e.law, 1, e.theta)
	}
	var sum float64
	for _, l := range t.laws {
		sum += l.weight
	}
	for i := range t.laws {
		t.laws[i].weight /= sum
	}
	return t, len(t.laws) > 0
}

// around is the interval of a number of the laws about its mean. beside is the variance that a
// new run adds, given that of the law's own runs.
func (t *studentT) around(f place, beside func(variance float64) float64) [2]float64 {
	var centre, half float64
	for _, l := range t.laws {
		centre += l.weight * f(l.law, l.theta)
	}
	normal := student(t.e.o.Level, math.Inf(1))
	for _, l := range t.laws {
		reach := l.reach(l.gradient(func(theta []float64) float64 { return f(l.law, theta) }), t.e.o.Level)
		width := square(reach) + square(normal*(f(l.law, l.theta)-centre))
		if beside != nil {
			width += square(student(t.e.o.Level, l.freedom)) * beside(l.variance)
		}
		half += l.weight * math.Sqrt(width)
	}
	return [2]float64{centre - half, centre + half}
}

// coefficient is the interval of coefficient i: of its logarithm for a factor.
func (t *studentT) coefficient(i int) [2]float64 {
	if !t.e.amplitude(i) {
		return t.around(func(l law, theta []float64) float64 { return l.coefficients(theta)[i] }, nil)
	}
	r := t.around(func(l law, theta []float64) float64 { return math.Log10(max(l.coefficients(theta)[i], 1e-300)) }, nil)
	return [2]float64{pow10(r[0]), pow10(r[1])}
}

func (t *studentT) prediction(place place) (ofLaw, ofRun [2]float64) {
	a, b := t.around(place, nil), t.around(place, func(variance float64) float64 { return t.e.varianceAt(place, variance) })
	return [2]float64{pow10(a[0]), pow10(a[1])}, [2]float64{pow10(b[0]), pow10(b[1])}
}
