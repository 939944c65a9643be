package ladder

import "github.com/scalelaw/scalelaw/trainer/op"

// dense is a linear layer's parameters and their gradients; b and db may be none.
type dense struct {
	in, out      int
	w, b, dw, db op.Floats
}

func (m *Model) dense(name string, in, out int, bias bool) dense {
	l := dense{in: in, out: out, w: m.Param(name + ".weight"), dw: m.Grad(name + ".weight")}
	if bias {
		l.b, l.db = m.Param(name+".bias"), m.Grad(name+".bias")
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

func (m *Model) norm(name string, width, batch int) norm {
	return norm{
		width: width, gain: m.Param(name + ".weight"), bias: m.Param(name + ".bias"), dGain: m.Grad(name + ".weight"), dBias: m.Grad(name + ".bias"),
		y: m.device.Floats(batch * width), stats: m.device.Floats(2 * batch),
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

func (m *Model) block(name string, c, hidden, batch int) block {
	b := block{
		norm: m.norm(name+".norm", c, batch), fc1: m.dense(name+".fc1", c, hidden, true), fc2: m.dense(name+".fc2", hidden, c, true),
		inner: m.device.Floats(batch * hidden), out: m.device.Floats(batch * c),
	}
	b.slope, b.dInner, b.dNormed = m.training(batch*hidden), m.training(batch*hidden), m.training(batch*c)
	return b
}

// training gives memory that only training needs.
func (m *Model) training(n int) op.Floats {
	if !m.train {
		return op.Floats{}
	}
	return m.device.Floats(n)
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
	norm                       norm
	proj                       dense
	x                          op.Floats
	projected, unit, inverse   op.Floats
	dUnit, dProjected, dNormed op.Floats
}

func (m *Model) head(tower string, c, e, batch int) head {
	return head{
		norm: m.norm(tower+".norm", c, batch), proj: m.dense(tower+".proj", c, e, false),
		projected: m.device.Floats(batch * e), unit: m.device.Floats(batch * e), inverse: m.device.Floats(batch),
		dUnit: m.training(batch * e), dProjected: m.training(batch * e), dNormed: m.training(batch * c),
	}
}

// forward gives unit vectors [n, e].
func (h *head) forward(d op.Device, x op.Floats, n int) op.Floats {
	h.x = x
	h.norm.forward(d, x, n)
	d.Linear(h.projected, h.norm.y, h.proj.w, op.Linear{Rows: n, In: h.proj.in, Out: h.proj.out})
	d.Normalize(h.unit, h.inverse, h.projected, n, h.proj.out)
	return h.unit
}

// backward gives the gradient by x [n, c], from that in dUnit.
func (h *head) backward(d op.Device, dx op.Floats, n int) {
	d.NormalizeBack(h.dProjected, h.dUnit, h.unit, h.inverse, n, h.proj.out)
	h.proj.backward(d, h.dNormed, h.dProjected, h.norm.y, op.Floats{}, n)
	h.norm.backward(d, dx, h.dNormed, h.x, op.Floats{}, n)
}
