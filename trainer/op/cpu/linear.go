package cpu

import (
	"unsafe"

	"github.com/scalelaw/scalelaw/trainer/op"
)

// linear is a product and what is done to each block of it while it is in the cache.
type linear struct {
	d        *Device
	p        product
	g        grid
	act      op.Activation
	slope    []float32
	residual []float32
	factor   []float32
}

// Linear implements op.Products.
func (d *Device) Linear(y, x, w op.Floats, s op.Linear) {
	d.linear = linear{
		d: d, act: s.Act, slope: d.of(s.Slope), residual: d.of(s.Residual),
		p: product{m: s.Rows, n: s.Out, k: s.In, a: d.of(x), rs: s.In, cs: 1, b: d.of(w), ldb: s.In, transposed: true, c: d.of(y), ldc: s.Out, init: d.of(s.Bias), bf16: d.bf16},
	}
	if s.Residual == y && s.Act == op.Identity && s.Bias.None() {
		d.linear.p.init, d.linear.p.ldi, d.linear.residual = d.of(y), s.Out, nil
	} else if s.Residual == y && !y.None() {
		d.linear.residual = d.copyOf(d.of(y)[:s.Rows*s.Out])
	}
	d.product(&d.linear)
}

// copyOf keeps numbers that an operation overwrites before it needs them.
func (d *Device) copyOf(x []float32) []float32 {
	kept := d.partial(len(x))
	copy(kept, x)
	return kept
}

// LinearInputs implements op.Products.
func (d *Device) LinearInputs(dx, dy, w, slope op.Floats, rows, in, out int) {
	d.linear = linear{
		d: d, factor: d.of(slope),
		p: product{m: rows, n: in, k: out, a: d.of(dy), rs: out, cs: 1, b: d.of(w), ldb: in, c: d.of(dx), ldc: in, bf16: d.bf16},
	}
	d.product(&d.linear)
}

func (d *Device) product(t *linear) {
	t.g = gridOf(d.k, t.p.m, t.p.n, t.p.k, len(d.crew.workers))
	d.crew.run(t, t.g.chunks())
}

func (t *linear) do(chunk int, w *worker) {
	k, p := t.d.k, &t.p
	m0, m1, n0, n1 := t.g.block(chunk, p.m, p.n)
	if m0 >= m1 || n0 >= n1 {
		return
	}
	w.multiply(k, p, m0, m1, n0, n1)
	at, ld := m0*p.ldc+n0, 4*p.ldc
	y := &p.c[at]
	t.activate(y, at, m1-m0, n1-n0)
	if t.factor != nil {
		k.Mul(y, ld, &t.factor[at], ld, m1-m0, n1-n0)
	}
	if t.residual != nil {
		k.Add(y, ld, &t.residual[at], ld, m1-m0, n1-n0)
	}
}

func (t *linear) activate(y *float32, at, rows, n int) {
	if t.act == op.Identity && t.slope == nil {
		return
	}
	slope := y
	if t.slope != nil {
		slope = &t.slope[at]
	}
	t.d.activate(t.act, y, slope, 4*t.p.ldc, rows, n)
}

func (d *Device) activate(act op.Activation, y, slope *float32, ld, rows, n int) {
	switch act {
	case op.GELU:
		d.k.GELU(y, ld, slope, ld, rows, n)
	case op.QuickGELU:
		d.k.QuickGELU(y, ld, slope, ld, rows, n)
	default:
		ones(slope, ld, rows, n)
	}
}

// ones is the slope of no activation.
func ones(slope *float32, ld, rows, n int) {
	for r := range rows {
		row := unsafe.Slice((*float32)(unsafe.Add(unsafe.Pointer(slope), r*ld)), n)
		for i := range row {
			row[i] = 1
		}
	}
}
