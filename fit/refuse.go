package fit

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// refuse says why no law may be fitted to the taken nodes, sorted by compute; nil when one may.
func (e *estimate) refuse() *Note {
	nodes := e.taken
	if n := distinct(nodes); n < 3 {
		return &Note{"too_few_points", fmt.Sprintf("the frontier has %d distinct amounts of compute; a line with an interval needs 3", n)}
	}
	if span := nodes[len(nodes)-1].x - nodes[0].x; span < halfDecade {
		return &Note{"narrow_range", fmt.Sprintf("the frontier spans a factor of %.3g in compute; a slope needs half a decade (3.16)", pow10(span))}
	}
	if l, ok := e.law.(*sumLaw); ok && len(nodes) <= l.dim() {
		return &Note{"too_few_points", fmt.Sprintf("%d points cannot determine %d coefficients and their scatter", len(nodes), l.dim())}
	}
	info, _ := infoOf(e.o.Law)
	for _, c := range []struct {
		name string
		of   func(n node) float64
	}{{"E", func(n node) float64 { return n.y }}, {"N", func(n node) float64 { return n.n }}, {"D", func(n node) float64 { return n.d }}} {
		if (c.name == "E" || containsByte(info.columns, c.name[0])) && constant(nodes, c.of) {
			return &Note{"no_variation", fmt.Sprintf("every point that is fitted has the same %s: there is nothing to explain", c.name)}
		}
	}
	if containsByte(info.columns, 'U') && !repeated(nodes) {
		return &Note{"not_identifiable", "no run sees its data more than once, so that the worth of repetition (R) is not identifiable; fit the law chinchilla"}
	}
	return nil
}

func containsByte(s string, b byte) bool {
	for i := range len(s) {
		if s[i] == b {
			return true
		}
	}
	return false
}

func constant(nodes []node, of func(node) float64) bool {
	for _, n := range nodes {
		if of(n) != of(nodes[0]) {
			return false
		}
	}
	return true
}

// repeated reports whether some run sees more samples than it has unique ones.
func repeated(nodes []node) bool {
	for _, n := range nodes {
		if n.d > n.u {
			return true
		}
	}
	return false
}

// distinct counts the amounts of compute of sorted nodes.
func distinct(nodes []node) int {
	n := 0
	for i := range nodes {
		if i == 0 || nodes[i].x != nodes[i-1].x {
			n++
		}
	}
	return n
}

// doubt says why the fitted numbers mean nothing: the points leave some direction of the
// parameters open, the descent did not settle, or a simpler law does as well. nil: no doubt.
func (e *estimate) doubt() *Note {
	l, ok := e.law.(*sumLaw)
	if !ok {
		return nil
	}
	covariance, ok := l.covariance(e.theta, e.taken)
	if !ok {
		return &Note{"singular", "the Jacobian at the optimum is singular: some coefficients can be traded for others" + e.instead()}
	}
	if name, half := l.leastKnown(e, &covariance); half > math.Ln10 {
		instead := e.instead()
		if name == "E" {
			instead = "; fit it without E (no floor)"
		}
		if half > 100 {
			return &Note{"not_identifiable", fmt.Sprintf("%s is not determined by the points: the law is as good without it%s", name, instead)}
		}
		return &Note{"not_identifiable", fmt.Sprintf("%s could as well be %.3g times more or less (by the Jacobian, 95 %%): the points do not determine it%s", name, math.Exp(half), instead)}
	}
	if !e.converged {
		return &Note{"no_convergence", fmt.Sprintf("the best of %d starts did not settle at a minimum%s", e.starts, e.instead())}
	}
	return e.nested()
}

// instead names the law to fit where this one is refused.
func (e *estimate) instead() string {
	info, _ := infoOf(e.o.Law)
	if len(info.simpler) == 0 {
		return ""
	}
	return "; fit the law " + info.simpler[len(info.simpler)-1]
}

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

// nested refuses a law that explains the points no better than one with fewer coefficients, by
// the F test of the extra sum of squares at 5 %. Laws fitted by Huber's loss have no such test.
func (e *estimate) nested() *Note {
	info, _ := infoOf(e.o.Law)
	for _, name := range info.simpler {
		if e.law.(*sumLaw).loss.delta > 0 {
			return nil
		}
		simple := e.as(name)
		if simple.fit() != nil {
			continue
		}
		if p := extraSquares(simple, e); p >= 0.05 {
			return &Note{"not_identifiable", fmt.Sprintf("the points do not tell the law %s from %s (F test, p = %.2g): its further coefficients are not identifiable; fit the law %s", e.o.Law, name, p, name)}
		}
	}
	return nil
}

// as is the same points and nodes under another law.
func (e *estimate) as(name string) *estimate {
	other := *e
	other.o.Law, other.solution = name, solution{}
	info, _ := infoOf(name)
	other.law = info.build(e.nodes, other.o)
	return &other
}

// extraSquares is the p-value of the F test that the larger law explains no more.
func extraSquares(simple, large *estimate) float64 {
	n, p0, p1 := float64(len(large.taken)), float64(len(simple.theta)), float64(len(large.theta))
	if large.objective >= simple.objective || simple.objective <= tiny(len(large.taken)) {
		return 1
	}
	f := (simple.objective - large.objective) / (p1 - p0) / (large.objective / (n - p1))
	if math.IsInf(f, 1) {
		return 0
	}
	return distuv.F{D1: p1 - p0, D2: n - p1}.Survival(f)
}
