package openclip

import "github.com/scalelaw/scalelaw/trainer/op"

// head makes one unit vector of a tower's tokens: pooling, layer norm, projection. A pooling
// that picks one token comes before the norm, which gives the same numbers and costs less; a
// mean comes after it, unless the configuration has ln_post behind it.
type head struct {
	op.Pooling
	embed     int
	normFirst bool
	ids       op.Ints // of PoolEnd, where they are not the input's

	gain, bias, project, projBias     op.Floats
	dGain, dBias, dProject, dProjBias op.Floats

	normed, stats, pooled op.Floats // rows of the norm: all tokens when normFirst, else samples
	projected             op.Floats // [n, embed]
	inverse               op.Floats // [n]

	dProjected, dInner, dPooled op.Floats
}

// newHead takes the names of the norm and of the projection.
func (b *builder) newHead(h head, norm, project, bias string) *head {
	h.gain, h.bias = b.Param(norm+".weight"), b.Param(norm+".bias")
	h.project, h.projBias = b.Param(project), b.Param(bias)
	samples, x := b.use.Rows(), b.activations
	rows := samples
	if h.normFirst {
		rows *= h.Tokens
	}
	h.normed, h.stats, h.pooled = x(rows*h.Width), b.device.Floats(2*rows), x(samples*h.Width)
	h.projected, h.inverse = x(samples*h.embed), b.device.Floats(samples)
	h.dGain, h.dBias = b.Grad(norm+".weight"), b.Grad(norm+".bias")
	h.dProject, h.dProjBias = b.Grad(project), b.Grad(bias)
	h.dProjected, h.dInner, h.dPooled = b.gradients(samples*h.embed), b.gradients(rows*h.Width), b.gradients(samples*h.Width)
	return &h
}

// forward gives unit vectors [n, embed] of x [n*Tokens, Width].
func (h *head) forward(d op.Device, x op.Floats, ids op.Ints, n int, unit op.Floats) {
	last := h.pooled
	if h.normFirst {
		d.LayerNorm(h.normed, h.stats, x, h.gain, h.bias, n*h.Tokens, h.Width)
		d.Pool(h.pooled, h.normed, h.ends(ids), h.of(n))
	} else {
		d.Pool(h.pooled, x, h.ends(ids), h.of(n))
		d.LayerNorm(h.normed, h.stats, h.pooled, h.gain, h.bias, n, h.Width)
		last = h.normed
	}
	d.Linear(h.projected, last, h.project, op.Linear{Rows: n, In: h.Width, Out: h.embed, Bias: h.projBias})
	d.Normalize(unit, h.inverse, h.projected, n, h.embed)
}

// backward gives dx, the gradient by the tokens x, from dUnit.
func (h *head) backward(d op.Device, dx, x op.Floats, ids op.Ints, n int, unit, dUnit op.Floats) {
	last := h.pooled
	if !h.normFirst {
		last = h.normed
	}
	d.NormalizeBack(h.dProjected, dUnit, unit, h.inverse, n, h.embed)
	d.LinearWeights(h.dProject, h.dProjBias, h.dProjected, last, n, h.Width, h.embed)
	d.LinearInputs(h.dPooled, h.dProjected, h.project, op.Floats{}, n, h.Width, h.embed)
	if h.normFirst {
		d.PoolBack(h.dInner, h.dPooled, h.ends(ids), h.of(n))
		d.LayerNormBack(dx, h.dGain, h.dBias, h.dInner, x, h.stats, h.gain, op.Floats{}, n*h.Tokens, h.Width)
		return
	}
	d.LayerNormBack(h.dInner, h.dGain, h.dBias, h.dPooled, h.pooled, h.stats, h.gain, op.Floats{}, n, h.Width)
	d.PoolBack(dx, h.dInner, h.ends(ids), h.of(n))
}

// ends are the ids whose largest are pooled: the input's, or the head's own.
func (h *head) ends(ids op.Ints) op.Ints {
	if h.ids.Block == 0 {
		return ids
	}
	return h.ids
}

// of is the pooling's shape for n samples.
func (h *head) of(n int) op.Pooling {
	p := h.Pooling
	p.Batch = n
	return p
}
