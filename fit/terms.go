package fit

import "math"

// term is one summand of a law, exp(theta[offset] + theta[slope] g): a power of something
// whose logarithm is g. Every law but isoflop is a sum of such terms, so that ln E is the
// logarithm of a sum of exponentials.
type term struct {
	offset int
	slope  int                                          // none: the term is a constant
	g      func(n *node) float64                        // where it has a slope and no shape
	shape  int                                          // the parameter that g depends on; none: on none
	bend   func(n *node, s float64) (g, g1, g2 float64) // g and its derivatives in the shape
}

const none = -1

// maxTerms is how many terms a law has at most.
const maxTerms = 3

// problem is the nodes as a sum of terms sees them. Its slices are reused, and hold what the
// last call of value computed, for derive.
type problem struct {
	terms  []term
	loss   loss
	dim    int
	nodes  []node
	y, w   []float64    // ln E and weight of each node
	f      []float64    // what the law says of ln E
	column []termColumn // of each term
}

// termColumn is a term at each node: g with its derivatives in the shape, and the share of the
// term in the sum.
type termColumn struct {
	g, g1, g2, share []float64
}

func (p *problem) set(nodes []node) {
	n := len(nodes)
	p.nodes, p.y, p.w, p.f = nodes, grown(p.y, n), grown(p.w, n), grown(p.f, n)
	for i := range nodes {
		p.y[i], p.w[i] = nodes[i].y*math.Ln10, nodes[i].weight
	}
	for len(p.column) < len(p.terms) {
		p.column = append(p.column, termColumn{})
	}
	for k, t := range p.terms {
		c := &p.column[k]
		c.g, c.g1, c.g2, c.share = grown(c.g, n), grown(c.g1, n), grown(c.g2, n), grown(c.share, n)
		if t.g == nil {
			continue
		}
		for i := range nodes {
			c.g[i] = t.g(&nodes[i])
		}
	}
}

// grown is a slice of length n that uses the memory of s where it can.
func grown(s []float64, n int) []float64 {
	if cap(s) < n {
		return make([]float64, n)
	}
	return s[:n]
}

type (
	vector [maxDim]float64
	matrix [maxDim][maxDim]float64 // of symmetric ones the upper triangle
)

// slopes are the derivatives of the objective at a theta: gradient, Hessian, and the Hessian
// of reweighted least squares, which is never indefinite.
type slopes struct {
	gradient vector
	hessian  matrix
	above    matrix
	weight   float64 // of all points in above
}

// value is the objective at a theta: the sum over nodes of weight times loss.
func (p *problem) value(theta *vector) float64 {
	for k := range p.terms {
		p.exponents(theta, k)
	}
	p.sum()
	var sum float64
	w := p.w[:len(p.y)]
	f := p.f[:len(p.y)]
	for i, y := range p.y {
		sum += w[i] * p.loss.value(y, f[i])
	}
	return sum
}

// exponents fills the share of term k with its exponent.
func (p *problem) exponents(theta *vector, k int) {
	t, c := &p.terms[k], &p.column[k]
	offset := theta[t.offset]
	if t.slope == none {
		for i := range c.share {
			c.share[i] = offset
		}
		return
	}
	slope, g := theta[t.slope], c.g[:len(c.share)]
	if t.shape != none {
		for i := range p.nodes {
			g[i], c.g1[i], c.g2[i] = t.bend(&p.nodes[i], theta[t.shape])
		}
	}
	for i := range c.share {
		c.share[i] = offset + slope*g[i]
	}
}

// sum turns exponents into f = ln sum exp t_k, without overflow, and shares exp(t_k - f).
func (p *problem) sum() {
	first := p.column[0].share
	if len(p.terms) == 1 {
		for i, t := range first {
			p.f[i], first[i] = t, 1
		}
		return
	}
	second, third := p.column[1].share[:len(first)], first
	if len(p.terms) == 3 {
		third = p.column[2].share[:len(first)]
	}
	for i, a := range first {
		b, c := second[i], math.Inf(-1)
		if len(p.terms) == 3 {
			c = third[i]
		}
		top := max(a, b, c)
		a, b, c = exp(a-top), exp(b-top), exp(c-top)
		total := a + b + c
		p.f[i] = top + lnSmall(total)
		first[i], second[i] = a/total, b/total
		if len(p.terms) == 3 {
			third[i] = c / total
		}
	}
}

// exp is e^x for x <= 0; the largest of the terms needs no call.
func exp(x float64) float64 {
	if x == 0 {
		return 1
	}
	return math.Exp(x)
}

// lnSmall is ln x for x in [1, 3], to the last digit or two, several times as fast as math.Log:
// ln x = ln c + 2 artanh s with s = (x-c)/(x+c), and c the middle of x's half, so |s| <= 1/9.
func lnSmall(x float64) float64 {
	middle := &middles[min(max(int(2*x)-2, 0), len(middles)-1)]
	s := (x - middle.c) / (x + middle.c)
	q := s * s
	series := 1 + q*(1.0/3+q*(1.0/5+q*(1.0/7+q*(1.0/9+q*(1.0/11+q*(1.0/13+q*(1.0/15+q/17)))))))
	return middle.ln + 2*s*series
}

// middles are of [1, 1.5), [1.5, 2), [2, 2.5) and [2.5, 3], with their logarithms.
var middles = [4]struct{ c, ln float64 }{
	{1.25, 0.22314355131420975577}, {1.75, 0.55961578793542268627}, {2.25, 0.81093021621632876396}, {2.75, 1.0116009116784799},
}

// derive fills s with the derivatives at the theta of the last call of value. With
// f = ln sum exp t_k and p_k = exp(t_k - f): df = sum p_k dt_k and
// ddf = sum p_k (dt_k dt_k' + ddt_k) - df df'.
func (p *problem) derive(theta *vector, s *slopes) {
	*s = slopes{}
	for i, y := range p.y {
		first, second, above := p.loss.slopes(y, p.f[i])
		w := p.w[i]
		var df vector
		for k := range p.terms {
			p.terms[k].derive(theta, &p.column[k], i, w*first, &df, &s.hessian)
		}
		first, second, above = w*first, w*(second-first), w*above
		s.weight += above
		for a := range df {
			if a >= p.dim {
				break
			}
			da := df[a]
			s.gradient[a] += first * da
			sa, ma := second*da, above*da
			h, m := &s.hessian[a], &s.above[a]
			for b := a; b < len(df); b++ {
				h[b] += sa * df[b]
				m[b] += ma * df[b]
			}
		}
	}
	for a := range p.dim { // terms also add below the diagonal
		for b := a + 1; b < p.dim; b++ {
			s.hessian[a][b] += s.hessian[b][a]
		}
	}
}

// derive adds p dt to df and first p (dt dt' + ddt) to the Hessian.
func (t *term) derive(theta *vector, c *termColumn, i int, first float64, df *vector, hessian *matrix) {
	p := c.share[i]
	df[t.offset] += p
	fp := first * p
	hessian[t.offset][t.offset] += fp
	if t.slope == none {
		return
	}
	g := c.g[i]
	df[t.slope] += p * g
	hessian[t.offset][t.slope] += fp * g
	hessian[t.slope][t.slope] += fp * g * g
	if t.shape == none {
		return
	}
	ds := theta[t.slope] * c.g1[i]
	df[t.shape] += p * ds
	hessian[t.offset][t.shape] += fp * ds
	hessian[t.slope][t.shape] += fp * (g*ds + c.g1[i])
	hessian[t.shape][t.shape] += fp * (ds*ds + theta[t.slope]*c.g2[i])
}
