package cpu

import "github.com/scalelaw/scalelaw/trainer/op"

// normRows is how many rows a chunk of a norm has; the gains' gradient is summed in parts of it.
const normRows = 128

type layerNorm struct {
	d                       *Device
	y, stats, x, gain, bias []float32
	rows, width             int
}

// LayerNorm implements op.Device.
func (d *Device) LayerNorm(y, stats, x, gain, bias op.Floats, rows, width int) {
	d.norm = layerNorm{d, d.of(y), d.of(stats), d.of(x), d.of(gain), d.of(bias), rows, width}
	d.crew.run(&d.norm, ceil(rows, normRows))
}

func (t *layerNorm) do(chunk int, _ *worker) {
	r := chunk * normRows
	at := r * t.width
	t.d.k.LayerNorm(ptr(t.y, at), &t.stats[2*r], ptr(t.x, at), ptr(t.gain, 0), ptr(t.bias, 0), min(normRows, t.rows-r), t.width)
}

type layerNormBack struct {
	d                                *Device
	dx, dy, x, stats, gain, residual []float32
	parts                            []float32 // dgain, dbias of each chunk
	rows, width                      int
}

// LayerNormBack implements op.Device.
func (d *Device) LayerNormBack(dx, dgain, dbias, dy, x, stats, gain, residual op.Floats, rows, width int) {
	chunks := ceil(rows, normRows)
	d.normBack = layerNormBack{d, d.of(dx), d.of(dy), d.of(x), d.of(stats), d.of(gain), d.of(residual), d.partial(chunks * 2 * width), rows, width}
	d.crew.run(&d.normBack, chunks)
	d.sum = sumParts{d: d, parts: d.normBack.parts, size: 2 * width, count: chunks, weights: width, dw: d.of(dgain), db: d.of(dbias)}
	d.crew.run(&d.sum, ceil(2*width, sumChunk))
}

func (t *layerNormBack) do(chunk int, _ *worker) {
	r := chunk * normRows
	at := r * t.width
	part := t.parts[chunk*2*t.width:][:2*t.width]
	clear(part)
	t.d.k.LayerNormBack(ptr(t.dx, at), ptr(part, 0), ptr(part, t.width), ptr(t.dy, at), ptr(t.x, at), &t.stats[2*r], ptr(t.gain, 0), ptr(t.residual, at), min(normRows, t.rows-r), t.width)
}

// unit is Normalize and its backward pass.
type unit struct {
	d             *Device
	y, inverse, x []float32
	dx, dy        []float32
	rows, width   int
	back          bool
}

// Normalize implements op.Device.
func (d *Device) Normalize(y, inverse, x op.Floats, rows, width int) {
	d.unit = unit{d: d, y: d.of(y), inverse: d.of(inverse), x: d.of(x), rows: rows, width: width}
	d.crew.run(&d.unit, ceil(rows, normRows))
}

// NormalizeBack implements op.Device.
func (d *Device) NormalizeBack(dx, dy, y, inverse op.Floats, rows, width int) {
	d.unit = unit{d: d, y: d.of(y), inverse: d.of(inverse), dx: d.of(dx), dy: d.of(dy), rows: rows, width: width, back: true}
	d.crew.run(&d.unit, ceil(rows, normRows))
}

func (t *unit) do(chunk int, _ *worker) {
	k := t.d.k
	for r := chunk * normRows; r < min((chunk+1)*normRows, t.rows); r++ {
		at := r * t.width
		if !t.back {
			x := ptr(t.x, at)
			t.inverse[r] = 1 / sqrt(k.Dot(x, x, t.width)+1e-24)
			k.Scale(ptr(t.y, at), x, t.width, t.inverse[r])
			continue
		}
		dx, dy, y, inverse := ptr(t.dx, at), ptr(t.dy, at), ptr(t.y, at), t.inverse[r]
		along := k.Dot(dy, y, t.width)
		k.Scale(dx, dy, t.width, inverse)
		k.AddScaled(dx, y, t.width, -along*inverse)
	}
}
