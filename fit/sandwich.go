package fit

import (
	"math"

	"gonum.org/v1/gonum/mat"
)

// sandwich is the covariance of a least-squares theta that needs neither equal nor independent
// errors within a cluster: the estimator CR2 of Bell and McCaffrey (2002, Survey Methodology
// 28(2), 169-181) on the law linearised at theta. Residuals of a cluster g are scaled by
// (I - H_gg)^(-1/2), H being the projection on the law's slopes, which makes the covariance
// unbiased where errors are in fact equal and independent.
type sandwich struct {
	law      law
	theta    []float64
	dim      int
	bread    *mat.SymDense // (J'J)^-1
	clusters []bundle
	variance float64 // of one run about the law
	plain    float64 // the same, of equal and independent errors
	freedom  float64 // clusters less parameters
}

// bundle is a cluster: slopes of its nodes (rows), and its residuals and slopes times
// (I - H_gg)^(-1/2).
type bundle struct {
	slopes   *mat.Dense
	adjusted *mat.Dense // (I - H_gg)^(-1/2) slopes
	score    []float64  // slopes' (I - H_gg)^(-1/2) residuals
}

// newSandwich linearises the law at theta. cluster says of each point which cluster it is in.
// Nodes count by the square root of their weight. ok is false when the slopes are dependent or
// no freedom is left.
func newSandwich(l law, theta []float64, nodes []node, cluster []int) (*sandwich, bool) {
	s := &sandwich{law: l, theta: theta, dim: len(theta)}
	slopes, left := s.linearise(nodes)
	members := map[int][]int{}
	for i, n := range nodes {
		members[cluster[n.source]] = append(members[cluster[n.source]], i)
	}
	s.freedom = float64(len(members) - s.dim)
	if s.freedom < 1 || !s.invert(slopes) {
		return nil, false
	}
	for g := range cluster {
		if rows := members[g]; len(rows) > 0 {
			s.clusters = append(s.clusters, s.bundle(slopes, left, rows))
		}
	}
	s.plain = sumSquares(left) / max(float64(len(nodes)-s.dim), 1)
	for i := range nodes {
		row := slopes.RawRowView(i)
		s.variance += square(left[i]) / max(1-s.form(row, row), 0.05) / float64(len(nodes))
	}
	return s, true
}

// linearise gives the slopes of the law by theta at each node, by central differences, and the
// residuals.
func (s *sandwich) linearise(nodes []node) (slopes *mat.Dense, left []float64) {
	slopes, left = mat.NewDense(len(nodes), s.dim, nil), make([]float64, len(nodes))
	for i, n := range nodes {
		root := math.Sqrt(n.weight)
		left[i] = root * (n.y - s.law.at(s.theta, n))
		copy(slopes.RawRowView(i), s.gradient(func(theta []float64) float64 { return root * s.law.at(theta, n) }))
	}
	return slopes, left
}

// gradient is that of f at theta, by central differences.
func (s *sandwich) gradient(f func(theta []float64) float64) []float64 {
	theta, g := append([]float64(nil), s.theta...), make([]float64, s.dim)
	for i, was := range s.theta {
		h := 1e-5 * max(1, math.Abs(was))
		theta[i] = was + h
		up := f(theta)
		theta[i] = was - h
		g[i] = (up - f(theta)) / (2 * h)
		theta[i] = was
	}
	return g
}

// invert fills bread. Columns are scaled to unit length first, so that its condition is that
// of the angles between them.
func (s *sandwich) invert(slopes *mat.Dense) bool {
	scale := make([]float64, s.dim)
	for j := range scale {
		scale[j] = mat.Norm(slopes.ColView(j), 2)
		if scale[j] == 0 || math.IsNaN(scale[j]) {
			return false
		}
	}
	var product mat.Dense
	product.Mul(slopes.T(), slopes)
	scaled := mat.NewSymDense(s.dim, nil)
	for i := range scale {
		for j := i; j < s.dim; j++ {
			scaled.SetSym(i, j, product.At(i, j)/scale[i]/scale[j])
		}
	}
	var cholesky mat.Cholesky
	if !cholesky.Factorize(scaled) || cholesky.Cond() > 1e12 {
		return false
	}
	s.bread = mat.NewSymDense(s.dim, nil)
	if cholesky.InverseTo(s.bread) != nil {
		return false
	}
	for i := range scale {
		for j := i; j < s.dim; j++ {
			s.bread.SetSym(i, j, s.bread.At(i, j)/scale[i]/scale[j])
		}
	}
	return true
}

// form is a' (J'J)^-1 b.
func (s *sandwich) form(a, b []float64) float64 {
	return mat.Inner(mat.NewVecDense(s.dim, a), s.bread, mat.NewVecDense(s.dim, b))
}

func (s *sandwich) bundle(slopes *mat.Dense, left []float64, rows []int) bundle {
	b := bundle{slopes: mat.NewDense(len(rows), s.dim, nil), adjusted: &mat.Dense{}}
	own := mat.NewVecDense(len(rows), nil)
	for k, i := range rows {
		b.slopes.SetRow(k, slopes.RawRowView(i))
		own.SetVec(k, left[i])
	}
	root := s.inverseRoot(b.slopes)
	b.adjusted.Mul(root, b.slopes)
	var score mat.VecDense
	score.MulVec(b.adjusted.T(), own)
	b.score = score.RawVector().Data
	return b
}

// inverseRoot is (I - H_gg)^(-1/2), without the directions that the law follows exactly
// (Pustejovsky and Tipton 2018, section 2.2).
func (s *sandwich) inverseRoot(slopes *mat.Dense) *mat.Dense {
	n, _ := slopes.Dims()
	if n == 1 {
		row := slopes.RawRowView(0)
		return mat.NewDense(1, 1, []float64{1 / math.Sqrt(max(1-s.form(row, row), 1e-8))})
	}
	rest := mat.NewSymDense(n, nil)
	for i := range n {
		for j := i; j < n; j++ {
			rest.SetSym(i, j, -s.form(slopes.RawRowView(i), slopes.RawRowView(j)))
		}
		rest.SetSym(i, i, 1+rest.At(i, i))
	}
	var eigen mat.EigenSym
	root := mat.NewDense(n, n, nil)
	if !eigen.Factorize(rest, true) {
		return root
	}
	var vectors mat.Dense
	eigen.VectorsTo(&vectors)
	for k, value := range eigen.Values(nil) {
		if value > 1e-8 {
			v := vectors.ColView(k)
			root.RankOne(root, 1/math.Sqrt(value), v, v)
		}
	}
	return root
}
