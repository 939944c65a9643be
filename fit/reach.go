package fit

import (
	"math"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat/distuv"
)

// spread is the standard error of a number that has this gradient by theta, and the degrees of
// freedom of Student's t that its square has, after Satterthwaite, where errors are equal and
// independent (Bell and McCaffrey 2002, section 4).
func (s *sandwich) spread(gradient []float64) (deviation, freedom float64) {
	var along mat.VecDense
	along.MulVec(s.bread, mat.NewVecDense(s.dim, gradient))
	inner := mat.NewSymDense(s.dim, nil) // sum of b b', b = slopes' a
	var variance, trace, squares float64
	for _, c := range s.clusters {
		variance += square(mat.Dot(&along, mat.NewVecDense(s.dim, c.score)))
		var a, b mat.VecDense
		a.MulVec(c.adjusted, &along)
		b.MulVec(c.slopes.T(), &a)
		own, through := mat.Dot(&a, &a), mat.Inner(&b, s.bread, &b)
		trace += own - through
		squares += own*own - 2*own*through
		inner.SymRankOne(inner, 1, &b)
	}
	var product mat.Dense
	product.Mul(s.bread, inner)
	for i := range s.dim {
		for j := range s.dim {
			squares += product.At(i, j) * product.At(j, i)
		}
	}
	return math.Sqrt(variance), max(trace*trace/squares, 1)
}

// reach is half the width of the interval of a number with this gradient: the larger of that
// of the sandwich and that of equal, independent errors (Angrist and Pischke 2009, section 8.1,
// advise the larger standard error, since in small samples the robust one is often too small).
func (s *sandwich) reach(gradient []float64, level float64) float64 {
	deviation, freedom := s.spread(gradient)
	plain := math.Sqrt(s.form(gradient, gradient) * s.plain)
	return max(student(level, freedom)*deviation, student(level, s.freedom)*plain)
}

// student is the quantile of Student's t that leaves (1-level)/2 above.
func student(level, freedom float64) float64 {
	if math.IsInf(freedom, 1) {
		return distuv.UnitNormal.Quantile((1 + level) / 2)
	}
	return distuv.StudentsT{Mu: 0, Sigma: 1, Nu: freedom}.Quantile((1 + level) / 2)
}
