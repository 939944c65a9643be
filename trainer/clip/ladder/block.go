package ladder

import "github.com/scalelaw/scalelaw/trainer/op"

// dense is a linear layer's parameters and their gradients; b and db may be none.
type dense struct {
	in, out      int
	w, b, dw, db op.Floats
}

func (b *builder) dense(name string, in, out int, bias bool) dense {
	l := dense{in: in, out: out, w: b.Param(name + ".weight"), dw: b.Grad(name + ".weight")}
	if bias {
		l.b, l.db = b.Param(name+".bias"), b.Grad(name+".bias")
	}
	return l
}

// backward adds to the gradients of the parameters, and gives that of the input times slope.
func (l *dense) backward(d op.Device, dx, dy, x, slope op.Floats, n int) {
	d.LinearWeights(l.dw, l.db, dy, x, n, l.in, l.out)
	d.LinearInputs(dx, dy, l.w, slope, n, l.in, l.out)
}

// norm is a layer norm with its memory.
type norm struct {
	width                    int
	gain, bias, dGain, dBias op.Floats
	y, stats                 op.Floats
}

func (b *builder) norm(name string, width int) norm {
	return norm{
		width: width, gain: b.Param(name + ".weight"), bias: b.Param(name + ".bias"), dGain: b.Grad(name + ".weight"), dBias: b.Grad(name + ".bias"),
		y: b.activations(width), stats: b.floats(2),
	}
}

func (l *norm) forward(d op.Device, x op.Floats, n int) {
	d.LayerNorm(l.y, l.stats, x, l.gain, l.bias, n, l.width)
}

func (l *norm) backward(d op.Device, dx, dy, x, residual op.Floats, n int) {
	d.LayerNormBack(dx, l.dGain, l.dBias, dy, x, l.stats, l.gain, residual, n, l.width)
}

// block is x + fc2(gelu(fc1(norm(x)))): c wide, hidden inside.
type block struct {
	norm              norm
	fc1, fc2          dense
	x                 op.Floats // the input, kept by whoever made it
	inner, slope, out op.Floats
	dInner, dNormed   op.Floats
}

func (b *builder) block(name string, c, hidden int) block {
	return block{
		norm: b.norm(name+".norm", c), fc1: b.dense(name+".fc1", c, hidden, true), fc2: b.dense(name+".fc2", hidden, c, true),
		inner: b.activations(hidden), out: b.activations(c),
		slope: b.gradients(hidden), dInner: b.gradients(hidden), dNormed: b.gradients(c),
	}
}

func (b *block) forward(d op.Device, x op.Floats, n int) op.Floats {
	b.x = x
	b.norm.forward(d, x, n)
	d.Linear(b.inner, b.norm.y, b.fc1.w, op.Linear{Rows: n, In: b.fc1.in, Out: b.fc1.out, Bias: b.fc1.b, Act: op.GELU, Slope: b.slope})
	d.Linear(b.out, b.inner, b.fc2.w, op.Linear{Rows: n, In: b.fc2.in, Out: b.fc2.out, Bias: b.fc2.b, Residual: x})
	return b.out
}

// backward turns the gradient by the block's output, in dx, into that by its input.
func (b *block) backward(d op.Device, dx op.Floats, n int) {
	b.fc2.backward(d, b.dInner, dx, b.inner, b.slope, n)
	b.fc1.backward(d, b.dNormed, b.dInner, b.norm.y, op.Floats{}, n)
	b.norm.backward(d, dx, b.dNormed, b.x, dx, n)
}

// head is normalize(proj(norm(x))): from c to e wide.
type head struct {
	norm                norm
	proj                dense
	x                   op.Floats
	projected, inverse  op.Floats
	dProjected, dNormed op.Floats
}

func (b *builder) head(tower string, c, e int) head {
	return head{
		norm: b.norm(tower+".norm", c), proj: b.dense(tower+".proj", c, e, false),
		projected: b.activations(e), inverse: b.floats(1), dProjected: b.gradients(e), dNormed: b.gradients(c),
	}
}

// forward writes unit vectors [n, e].
func (h *head) forward(d op.Device, x op.Floats, n int, unit op.Floats) {
	h.x = x
	h.norm.forward(d, x, n)
	d.Linear(h.projected, h.norm.y, h.proj.w, op.Linear{Rows: n, In: h.proj.in, Out: h.proj.out})
	d.Normalize(unit, h.inverse, h.projected, n, h.proj.out)
}

// backward gives the gradient by x [n, c].
func (h *head) backward(d op.Device, dx op.Floats, n int, unit, dUnit op.Floats) {
	d.NormalizeBack(h.dProjected, dUnit, unit, h.inverse, n, h.proj.out)
	h.proj.backward(d, h.dNormed, h.dProjected, h.norm.y, op.Floats{}, n)
	h.norm.backward(d, dx, h.dNormed, h.x, op.Floats{}, n)
}
