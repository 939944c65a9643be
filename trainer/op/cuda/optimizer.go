package cuda

import (
	"github.com/scalelaw/scalelaw/trainer/cuda/driver"
	"github.com/scalelaw/scalelaw/trainer/op"
)

// squaresEach is how many numbers a block squares at least, and squaresMost how many blocks do.
const (
	squaresEach = 4096
	squaresMost = 1024
)

// Norm implements op.Optimizer.
func (d *Device) Norm(y, x op.Floats) {
	d.run("Norm", func() error {
		count := min(max(ceil(x.Len, squaresEach), 1), squaresMost)
		parts, err := d.scratch.takeFloats(count)
		if err != nil {
			return err
		}
		block := driver.Dim{X: usual}
		if err := d.launch("squares", shape{grid: driver.Dim{X: count}, block: block}, parts, d.wide(x), int64(x.Len)); err != nil {
			return err
		}
		return d.launch("length", shape{block: block}, d.wide(y), parts, count)
	})
}

// AdamW implements op.Optimizer.
func (d *Device) AdamW(p, g, m, v op.Floats, s op.Update) {
	if p.Len == 0 {
		return
	}
	d.run("AdamW", func() error {
		param, grad, first, second, copied := d.wide(p), d.wide(g), d.wide(m), d.wide(v), d.copyOf(p)
		return d.launch("adamw", strided(p.Len, 4), param, grad, first, second, copied, d.wide(s.Pace), d.wide(s.Norm), int64(p.Len),
			float32(s.Beta1), float32(1-s.Beta1), float32(s.Beta2), float32(1-s.Beta2), float32(s.Eps), float32(s.MaxNorm), s.Decays,
			aligned(param, grad, first, second, copied))
	})
}

// Zero implements op.Device.
func (d *Device) Zero(x op.Floats) {
	if x.Len == 0 {
		return
	}
	d.run("Zero", func() error {
		if b := d.floats[x.Block-1]; b.narrow {
			return d.gpu.FillAsync(d.stream, d.reals(x), 0, x.Len*bf16Size)
		}
		if err := d.gpu.FillAsync(d.stream, d.wide(x), 0, x.Len*floatSize); err != nil {
			return err
		}
		return d.refresh(x)
	})
}

// Add implements op.Device.
func (d *Device) Add(y, x op.Floats) {
	if y.Len == 0 {
		return
	}
	d.run("Add", func() error {
		if b := d.floats[y.Block-1]; b.narrow {
			to, from := d.reals(y), d.reals(x)
			return d.launch("add", strided(y.Len, d.vector()), to, from, int64(y.Len), aligned(to, from))
		}
		if err := d.launch("add_floats", strided(y.Len, 1), d.wide(y), d.wide(x), int64(y.Len)); err != nil {
			return err
		}
		return d.refresh(y)
	})
}

// Clamp implements op.Device.
func (d *Device) Clamp(x op.Floats, low, high float64) {
	if x.Len == 0 {
		return
	}
	d.run("Clamp", func() error {
		if err := d.launch("clamp", strided(x.Len, 1), d.wide(x), int64(x.Len), float32(low), float32(high)); err != nil {
			return err
		}
		return d.refresh(x)
	})
}
