package fit

import (
	"math"

	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"
)

// line is log10 E = intercept + slope * log10 C: alpha is the slope, beta 10^intercept.
type line struct {
	intercept, slope float64
}

func (l line) at(x float64) float64 { return l.intercept + l.slope*x }

// columns are the nodes as the slices that gonum's regression takes, reused between resamples.
type columns struct {
	x, y, w []float64
}

func (c *columns) set(nodes []node) {
	c.x, c.y, c.w = c.x[:0], c.y[:0], c.w[:0]
	for _, n := range nodes {
		c.x, c.y, c.w = append(c.x, n.x), append(c.y, n.y), append(c.w, n.weight)
	}
}

// leastSquares is the weighted ordinary least squares of y on x. ok is false when x does not
// vary, so that there is no slope.
func (c *columns) leastSquares() (line, bool) {
	if len(c.x) < 2 {
		return line{}, false
	}
	intercept, slope := stat.LinearRegression(c.x, c.y, c.w, false)
	if math.IsNaN(slope) || math.IsInf(slope, 0) || !varies(c.x) {
		return line{}, false
	}
	return line{intercept, slope}, true
}

func varies(x []float64) bool {
	for _, v := range x {
		if v != x[0] {
			return true
		}
	}
	return false
}

// distinct counts the values of a sorted slice.
func distinct(x []float64) int {
	n := 0
	for i := range x {
		if i == 0 || x[i] != x[i-1] {
			n++
		}
	}
	return n
}

// residuals are y minus the line.
func (c *columns) residuals(l line) []float64 {
	r := make([]float64, len(c.x))
	for i := range r {
		r[i] = c.y[i] - l.at(c.x[i])
	}
	return r
}

// r2 is the share of the variance of y that the line explains.
func (c *columns) r2(l line) float64 {
	mean := stat.Mean(c.y, c.w)
	var unexplained, total float64
	for i := range c.x {
		unexplained += c.w[i] * square(c.y[i]-l.at(c.x[i]))
		total += c.w[i] * square(c.y[i]-mean)
	}
	if total == 0 {
		return 1
	}
	return 1 - unexplained/total
}

func square(x float64) float64 { return x * x }

func sumSquares(r []float64) float64 {
	var s float64
	for _, v := range r {
		s += v * v
	}
	return s
}

// curvature is the p-value of the t-test that a quadratic term in log C is zero (Student's t
// with n-3 degrees of freedom); 1 when there are too few points to say. The quadratic term is
// the regression of the residuals on what the line leaves of x squared (Frisch-Waugh-Lovell).
func (c *columns) curvature(l line) float64 {
	n := float64(len(c.x))
	if n < 5 {
		return 1
	}
	centre := stat.Mean(c.x, nil)
	q := columns{x: c.x, y: make([]float64, len(c.x)), w: nil}
	for i, x := range c.x {
		q.y[i] = square(x - centre)
	}
	ql, ok := q.leastSquares()
	if !ok {
		return 1
	}
	rq, ry := q.residuals(ql), c.residuals(l)
	var sqq, sqy float64
	for i := range rq {
		sqq += rq[i] * rq[i]
		sqy += rq[i] * ry[i]
	}
	left := sumSquares(ry) - sqy*sqy/sqq
	if sqq < 1e-12 || left <= 0 {
		return 1
	}
	t := math.Abs(sqy/sqq) / math.Sqrt(left/(n-3)/sqq)
	return 2 * distuv.StudentsT{Mu: 0, Sigma: 1, Nu: n - 3}.Survival(t)
}
