package plain

import "github.com/scalelaw/scalelaw/trainer/op"

// LayerNorm implements op.Device.
func (d *Device[T]) LayerNorm(y, stats, x, gain, bias op.Floats, rows, width int) {
	g, b := d.Values(gain), d.Values(bias)
	for r := range rows {
		in, out := row(d.Values(x), r, width), row(d.Values(y), r, width)
		var mean, variance T
		for _, v := range in {
			mean += v / T(width)
		}
		for _, v := range in {
			variance += (v - mean) * (v - mean) / T(width)
		}
		scale := 1 / sqrt(variance+1e-5)
		row(d.Values(stats), r, 2)[0], row(d.Values(stats), r, 2)[1] = mean, scale
		for j, v := range in {
			out[j] = g[j]*(v-mean)*scale + b[j]
		}
	}
}

// LayerNormBack implements op.Device: dx = scale (g dy - mean(g dy) - hat mean(g dy hat)).
func (d *Device[T]) LayerNormBack(dx, dgain, dbias, dy, x, stats, gain, residual op.Floats, rows, width int) {
	g, dg, db := d.Values(gain), d.Values(dgain), d.Values(dbias)
	hat := make([]T, width)
	for r := range rows {
		in, from, out := row(d.Values(x), r, width), row(d.Values(dy), r, width), row(d.Values(dx), r, width)
		mean, scale := d.Values(stats)[2*r], d.Values(stats)[2*r+1]
		var sum, along T
		for j, v := range from {
			hat[j] = (in[j] - mean) * scale
			sum += g[j] * v / T(width)
			along += g[j] * v * hat[j] / T(width)
			dg[j] += v * hat[j]
			db[j] += v
		}
		for j, v := range from {
			through := scale * (g[j]*v - sum - hat[j]*along)
			if !residual.None() {
				through += row(d.Values(residual), r, width)[j]
			}
			out[j] = through
		}
	}
}

// Normalize implements op.Device.
func (d *Device[T]) Normalize(y, inverse, x op.Floats, rows, width int) {
	for r := range rows {
		in, out := row(d.Values(x), r, width), row(d.Values(y), r, width)
		s := 1 / sqrt(dot(in, in)+1e-24)
		d.Values(inverse)[r] = s
		for j, v := range in {
			out[j] = v * s
		}
	}
}

// NormalizeBack implements op.Device.
func (d *Device[T]) NormalizeBack(dx, dy, y, inverse op.Floats, rows, width int) {
	for r := range rows {
		from, unit, out := row(d.Values(dy), r, width), row(d.Values(y), r, width), row(d.Values(dx), r, width)
		along := dot(from, unit)
		for j, v := range from {
			out[j] = d.Values(inverse)[r] * (v - unit[j]*along)
		}
	}
}
