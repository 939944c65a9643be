package fit

// slopes are the derivatives of the objective at a theta: gradient, Hessian, and the Hessian
// of reweighted least squares, which is never indefinite.
type slopes struct {
	gradient vector
	hessian  matrix
	above    matrix
	weight   float64 // of all points in above
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
