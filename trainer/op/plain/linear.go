package plain

import (
	"math"

	"github.com/scalelaw/scalelaw/trainer/op"
)

// Linear implements op.Products.
func (d *Device[T]) Linear(y, x, w op.Floats, s op.Linear) {
	out, in, weight := d.Values(y), d.Values(x), d.Values(w)
	bias, slope, residual := d.Values(s.Bias), d.Values(s.Slope), d.Values(s.Residual)
	for r := range s.Rows {
		for j := range s.Out {
			u := dot(row(in, r, s.In), row(weight, j, s.In))
			if bias != nil {
				u += bias[j]
			}
			at := r*s.Out + j
			v, derivative := activate(s.Act, u)
			if slope != nil {
				slope[at] = derivative
			}
			if residual != nil {
				v += residual[at]
			}
			out[at] = v
		}
	}
}

// activate gives an activation's value and derivative at u.
func activate[T Real](a op.Activation, u T) (value, derivative T) {
	x := float64(u)
	switch a {
	case op.GELU:
		phi := 0.5 * math.Erfc(-x/math.Sqrt2)
		density := math.Exp(-0.5*x*x) / math.Sqrt(2*math.Pi)
		return T(x * phi), T(phi + x*density)
	case op.QuickGELU:
		sigmoid := 1 / (1 + math.Exp(-1.702*x))
		return T(x * sigmoid), T(sigmoid + 1.702*x*sigmoid*(1-sigmoid))
	default:
		return u, 1
	}
}

// LinearInputs implements op.Products.
func (d *Device[T]) LinearInputs(dx, dy, w, slope op.Floats, rows, in, out int) {
	to, from, weight, factor := d.Values(dx), d.Values(dy), d.Values(w), d.Values(slope)
	for r := range rows {
		for i := range in {
			var sum T
			for j := range out {
				sum += from[r*out+j] * weight[j*in+i]
			}
			if factor != nil {
				sum *= factor[r*in+i]
			}
			to[r*in+i] = sum
		}
	}
}

// LinearWeights implements op.Products.
func (d *Device[T]) LinearWeights(dw, db, dy, x op.Floats, rows, in, out int) {
	weightsBack(d.Values(dw), d.Values(db), d.Values(dy), d.Values(x), rows, in, out)
}

func weightsBack[T Real](dw, db, dy, x []T, rows, in, out int) {
	for r := range rows {
		for j, g := range row(dy, r, out) {
			if db != nil {
				db[j] += g
			}
			for i, v := range row(x, r, in) {
				dw[j*in+i] += g * v
			}
		}
	}
}

// PatchEmbed implements op.Products.
func (d *Device[T]) PatchEmbed(y, x, w op.Floats, s op.Patches) {
	rows := s.Batch * s.Positions()
	patches := d.Floats(rows * s.Size())
	cut(d.Values(patches), d.Values(x), s)
	d.Linear(y, patches, w, op.Linear{Rows: rows, In: s.Size(), Out: s.Width, Bias: s.Bias, Act: s.Act, Slope: s.Slope})
	d.drop()
}

// PatchEmbedBack implements op.Products.
func (d *Device[T]) PatchEmbedBack(dw, db, dy, x op.Floats, s op.Patches) {
	rows := s.Batch * s.Positions()
	patches := make([]T, rows*s.Size())
	cut(patches, d.Values(x), s)
	weightsBack(d.Values(dw), d.Values(db), d.Values(dy), patches, rows, s.Size(), s.Width)
}

// drop forgets the last allocation.
func (d *Device[T]) drop() { d.floats = d.floats[:len(d.floats)-1] }

// cut writes the patches of images [Batch, Channels, Side, Side]: [Batch*positions, Size].
func cut[T Real](patches, images []T, s op.Patches) {
	at := 0
	for b := range s.Batch {
		image := row(images, b, s.Channels*s.Side*s.Side)
		for p := range s.Positions() {
			top, left := p/s.Along()*s.Stride-s.Padding, p%s.Along()*s.Stride-s.Padding
			for k := range s.Size() {
				c, y, x := k/(s.Patch*s.Patch), top+k/s.Patch%s.Patch, left+k%s.Patch
				patches[at] = 0
				if y >= 0 && y < s.Side && x >= 0 && x < s.Side {
					patches[at] = image[(c*s.Side+y)*s.Side+x]
				}
				at++
			}
		}
	}
}
