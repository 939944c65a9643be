package cuda

import (
	"github.com/scalelaw/scalelaw/trainer/cuda/driver"
	"github.com/scalelaw/scalelaw/trainer/op"
)

// LayerNorm implements op.Device.
func (d *Device) LayerNorm(y, stats, x, gain, bias op.Floats, rows, width int) {
	if rows == 0 {
		return
	}
	d.run("LayerNorm", func() error {
		to, from, g, b := d.reals(y), d.reals(x), d.wide(gain), d.wide(bias)
		vectors := width%d.vector() == 0 && aligned(to, from, g, b)
		return d.launch("layer_norm", byRows(rows), to, d.wide(stats), from, g, b, rows, width, vectors)
	})
}

// Blocks of layer_norm_back: each has so many rows, unless there would be too many blocks.
const (
	normRows    = 16
	normBlocks  = 528
	blockWidest = 1024 // threads
)

// LayerNormBack implements op.Device. The sums for gain and bias are taken in two stages.
func (d *Device) LayerNormBack(dx, dgain, dbias, dy, x, stats, gain, residual op.Floats, rows, width int) {
	if rows == 0 {
		return
	}
	d.run("LayerNormBack", func() error {
		to, from, in, g, rest := d.reals(dx), d.reals(dy), d.reals(x), d.wide(gain), d.reals(residual)
		name, threads := "layer_norm_back_single", width
		if v := d.vector(); width%v == 0 && width/v <= usual && aligned(to, from, in, g, rest) {
			name, threads = "layer_norm_back", width/v
		}
		if threads > blockWidest {
			return driver.Errorf(driver.Unsupported, "a layer norm of %d numbers: a GPU does up to %d, or multiples of %d up to %d", width, blockWidest, d.vector(), usual*d.vector())
		}
		each := max(normRows, ceil(rows, normBlocks))
		count := ceil(rows, each)
		sums, err := d.scratch.takeFloats(count * 2 * width)
		if err != nil {
			return err
		}
		s := shape{grid: driver.Dim{X: count}, block: driver.Dim{X: ceil(threads, warp) * warp}}
		if err := d.launch(name, s, to, sums, from, in, d.wide(stats), g, rest, rows, width, each); err != nil {
			return err
		}
		return d.addParts(d.wide(dgain), d.wide(dbias), sums, count, width, 2*width)
	})
}

// Normalize implements op.Device.
func (d *Device) Normalize(y, inverse, x op.Floats, rows, width int) {
	if rows == 0 {
		return
	}
	d.run("Normalize", func() error {
		return d.launch("normalize", byRows(rows), d.wide(y), d.wide(inverse), d.reals(x), rows, width)
	})
}

// NormalizeBack implements op.Device.
func (d *Device) NormalizeBack(dx, dy, y, inverse op.Floats, rows, width int) {
	if rows == 0 {
		return
	}
	d.run("NormalizeBack", func() error {
		return d.launch("normalize_back", byRows(rows), d.reals(dx), d.wide(dy), d.wide(y), d.wide(inverse), rows, width)
	})
}
