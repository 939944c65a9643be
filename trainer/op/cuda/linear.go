package cuda

import (
	"github.com/scalelaw/scalelaw/trainer/cuda/driver"
	"github.com/scalelaw/scalelaw/trainer/op"
)

// Linear implements op.Products. Without an activation it is one product, which adds bias and
// residual by itself; with one, a second kernel finishes it. (cublasLt's own GELU is the tanh
// approximation, which is another function.)
func (d *Device) Linear(y, x, w op.Floats, s op.Linear) {
	if s.Rows == 0 {
		return
	}
	d.run("Linear", func() error { return d.linear(d.reals(y), d.reals(x), w, d.reals(s.Slope), d.reals(s.Residual), s) })
}

func (d *Device) linear(y, x driver.Pointer, w op.Floats, slope, residual driver.Pointer, s op.Linear) error {
	weights, err := d.weights(w)
	if err != nil {
		return err
	}
	bias, err := d.weights(s.Bias)
	if err != nil {
		return err
	}
	p := product{m: s.Rows, n: s.Out, k: s.In, a: matrix{at: x, step: s.In}, b: matrix{at: weights, step: s.In, across: true}, to: y, step: s.Out}
	if s.Act == op.Identity && slope == 0 && aligned(bias) {
		p.bias, p.plus = bias, residual
		return d.multiply(p)
	}
	if residual == y {
		if p.to, err = d.scratch.take(s.Rows * s.Out * d.real()); err != nil {
			return err
		}
	}
	if err := d.multiply(p); err != nil {
		return err
	}
	vectors := s.Out%d.vector() == 0 && aligned(y, slope, p.to, d.wide(s.Bias), residual)
	n, each := s.Rows*s.Out, 1
	if vectors {
		each = d.vector()
	}
	return d.launch("finish_linear", strided(n, each), y, slope, p.to, d.wide(s.Bias), residual, int64(n), s.Out, int(s.Act), vectors)
}

// LinearInputs implements op.Products.
func (d *Device) LinearInputs(dx, dy, w, slope op.Floats, rows, in, out int) {
	if rows == 0 {
		return
	}
	d.run("LinearInputs", func() error {
		weights, err := d.weights(w)
		if err != nil {
			return err
		}
		to, factor := d.reals(dx), d.reals(slope)
		p := product{m: rows, n: in, k: out, a: matrix{at: d.reals(dy), step: out}, b: matrix{at: weights, step: in}, to: to, step: in}
		if err := d.multiply(p); err != nil || factor == 0 {
			return err
		}
		return d.launch("times", strided(rows*in, d.vector()), to, factor, int64(rows*in), aligned(to, factor))
	})
}

// LinearWeights implements op.Products.
func (d *Device) LinearWeights(dw, db, dy, x op.Floats, rows, in, out int) {
	if rows == 0 {
		return
	}
	d.run("LinearWeights", func() error { return d.linearWeights(d.wide(dw), d.wide(db), d.reals(dy), d.reals(x), rows, in, out) })
}

func (d *Device) linearWeights(dw, db, dy, x driver.Pointer, rows, in, out int) error {
	p := product{m: out, n: in, k: rows, a: matrix{at: dy, step: out, across: true}, b: matrix{at: x, step: in}, to: dw, step: in, wide: true, plus: dw}
	if err := d.multiply(p); err != nil || db == 0 {
		return err
	}
	return d.addColumns(db, dy, rows, out, out)
}

// rowsPart is how many rows are summed at once, and partsMost how many such sums there are at most.
const (
	rowsPart  = 256
	partsMost = 128
	lanes     = 8 // LANES
)

// addColumns adds the column sums of x [rows, cols], whose rows lie step apart, to y: at once where
// one part has all rows.
func (d *Device) addColumns(y, x driver.Pointer, rows, cols, step int) error {
	each := ceil(rows, min(ceil(rows, rowsPart), partsMost))
	count := ceil(rows, each)
	parts := y
	if count > 1 {
		var err error
		if parts, err = d.scratch.takeFloats(count * cols); err != nil {
			return err
		}
	}
	name, width := "column_sums", warp
	if v := d.vector(); cols%v == 0 && step%v == 0 && aligned(x) {
		name, width = "column_sums_vectors", warp*v
	}
	s := shape{grid: driver.Dim{X: ceil(cols, width), Y: count}, block: driver.Dim{X: warp, Y: lanes}}
	if err := d.launch(name, s, parts, x, rows, cols, int64(step), each); err != nil || count == 1 {
		return err
	}
	return d.addParts(y, 0, parts, count, cols, cols)
}

// addParts adds the sums of parts [count, cols] to y for the columns before split, to y2
// (optional) for the others.
func (d *Device) addParts(y, y2, parts driver.Pointer, count, split, cols int) error {
	s := shape{grid: driver.Dim{X: ceil(cols, warp)}, block: driver.Dim{X: warp, Y: lanes}}
	return d.launch("add_parts", s, y, y2, parts, count, split, cols)
}
