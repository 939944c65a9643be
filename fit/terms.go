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
