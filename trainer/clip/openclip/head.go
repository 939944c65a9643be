package openclip

import "github.com/scalelaw/scalelaw/trainer/op"

// head makes one unit vector of a tower's tokens: pooling, layer norm, projection. A pooling
// that picks one token comes before the norm, which gives the same numbers and costs less; a
// mean comes after it, unless the configuration has ln_post behind it.
type head struct {
	op.Pooling
	embed     int
	normFirst bool
	ids       op.Ints // of PoolEnd

	gain, bias, project, projBias     op.Floats
	dGain, dBias, dProject, dProjBias op.Floats

	normed, stats, pooled op.Floats // rows of the norm: all tokens when normFirst, else samples
	projected             op.Floats // [n, embed]
	unit, inverse         op.Floats // [n, embed], [n]

	dUnit, dProjected, dInner, dPooled op.Floats
}

// newHead takes the names of the norm and of the projection, and how many samples a batch has
// at most.
func (m *Model) newHead(h head, norm, project, bias string, max int) *head {
	h.gain, h.bias = m.Param(norm+".weight"), m.Param(norm+".bias")
	h.project, h.projBias = m.Param(project), m.Param(bias)
	f, rows := m.device.Floats, max
	if h.normFirst {
		rows = max * h.Tokens
	}
	h.normed, h.stats, h.pooled = f(rows*h.Width), f(2*rows), f(max*h.Width)
	h.projected, h.unit, h.inverse = f(max*h.embed), f(max*h.embed), f(max)
	if m.training {
		h.dGain, h.dBias = m.Grad(norm+".weight"), m.Grad(norm+".bias")
		h.dProject, h.dProjBias = m.Grad(project), m.Grad(bias)
		h.dUnit, h.dProjected, h.dInner, h.dPooled = f(max*h.embed), f(max*h.embed), f(rows*h.Width), f(max*h.Width)
	}
	return &h
}

// forward gives unit vectors [n, embed] of x [n*Tokens, Width].
func (h *head) forward(d op.Device, x op.Floats, n int) op.Floats {
	last := h.pooled
	if h.normFirst {
		d.LayerNorm(h.normed, h.stats, x, h.gain, h.bias, n*h.Tokens, h.Width)
		d.Pool(h.pooled, h.normed, h.ids, h.of(n))
	} else {
		d.Pool(h.pooled, x, h.ids, h.of(n))
		d.LayerNorm(h.normed, h.stats, h.pooled, h.gain, h.bias, n, h.Width)
		last = h.normed
	}
	d.Linear(h.projected, last, h.project, op.Linear{Rows: n, In: h.Width, Out: h.embed, Bias: h.projBias})
	d.Normalize(h.unit, h.inverse, h.projected, n, h.embed)
	return h.unit
}

// backward gives dx, the gradient by the tokens x, from dUnit.
func (h *head) backward(d op.Device, dx, x op.Floats, n int) {
	last := h.pooled
	if !h.normFirst {
		last = h.normed
	}
	d.NormalizeBack(h.dProjected, h.dUnit, h.unit, h.inverse, n, h.embed)
	d.LinearWeights(h.dProject, h.dProjBias, h.dProjected, last, n, h.Width, h.embed)
	d.LinearInputs(h.dPooled, h.dProjected, h.project, op.Floats{}, n, h.Width, h.embed)
	if h.normFirst {
		d.PoolBack(h.dInner, h.dPooled, h.ids, h.of(n))
		d.LayerNormBack(dx, h.dGain, h.dBias, h.dInner, x, h.stats, h.gain, op.Floats{}, n*h.Tokens, h.Width)
		return
	}
	d.LayerNormBack(h.dInner, h.dGain, h.dBias, h.dPooled, h.pooled, h.stats, h.gain, op.Floats{}, n, h.Width)
	d.PoolBack(dx, h.dInner, h.ids, h.of(n))
}

// of is the pooling's shape for n samples.
func (h *head) of(n int) op.Pooling {
	p := h.Pooling
	p.Batch = n
	return p
}
