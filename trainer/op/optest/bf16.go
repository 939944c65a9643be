package optest

import (
	"maps"
	"math"
	"testing"

	"github.com/scalelaw/scalelaw/trainer/op"
)

// unit is how much rounding to bfloat16, which keeps 8 bits of a number, changes it at most,
// relatively.
const unit = 1.0 / (1 << 8)

// CheckBF16 is Check for a device that rounds the factors of linear layers to bfloat16, and
// nothing else: factors that bfloat16 has give what the definition gives, and any others differ
// from it by the rounding's bound at most.
func CheckBF16(t *testing.T, rounds int, tolerance float64, make func() op.Device) {
	all := maps.Clone(checks)
	all["bound of linear"], all["bound of linear inputs"], all["bound of linear weights"] = linearBound, inputsBound, weightsBound
	check(t, all, Options{Rounds: rounds, Tolerance: tolerance}, RoundBF16, make)
}

// RoundBF16 is the bfloat16 nearest to x, of two the even one. x is finite.
func RoundBF16(x float32) float32 {
	b := math.Float32bits(x)
	return math.Float32frombits((b + 0x7fff + b>>16&1) &^ 0xffff)
}

func linearBound(p *pair, _ float64) {
	rows, in, out := p.sizes()
	p.bound(rows*in, out*in, rows*out, func(d op.Device, y, x, w op.Floats) {
		d.Linear(y, x, w, op.Linear{Rows: rows, In: in, Out: out})
	})
}

func inputsBound(p *pair, _ float64) {
	rows, in, out := p.sizes()
	p.bound(rows*out, out*in, rows*in, func(d op.Device, dx, dy, w op.Floats) {
		d.LinearInputs(dx, dy, w, op.Floats{}, rows, in, out)
	})
}

func weightsBound(p *pair, _ float64) {
	rows, in, out := p.sizes()
	p.bound(rows*out, rows*in, out*in, func(d op.Device, dw, dy, x op.Floats) {
		d.LinearWeights(dw, op.Floats{}, dy, x, rows, in, out)
	})
}

// bound checks a product c of a and b, given their sizes, of any numbers: each term is off by
// two roundings at most, so that c is by as much of the same product of magnitudes.
func (p *pair) bound(a, b, c int, multiply func(d op.Device, c, a, b op.Floats)) {
	x, y, exact, magnitudes := p.normal(a), p.normal(b), p.both(c), p.both(c)
	p.run(func(d op.Device) { multiply(d, exact, x, y) })
	multiply(p.plain, magnitudes, p.magnitudes(x), p.magnitudes(y))
	got, want, most := make([]float32, c), p.plain.Values(exact), p.plain.Values(magnitudes)
	if err := p.device.Read(got, exact); err != nil {
		p.t.Fatal(err)
	}
	for i, v := range want {
		if limit := (2*unit + unit*unit + 1e-5) * most[i]; !(math.Abs(float64(got[i])-v) <= limit) {
			p.t.Errorf("[%d] of %d is %g, by the definition %g: more than %g off", i, c, got[i], v, limit)
			return
		}
		p.ran++
	}
}

// magnitudes gives the absolute values of what the definition has.
func (p *pair) magnitudes(f op.Floats) op.Floats {
	values := make([]float32, f.Len)
	for i, v := range p.plain.Values(f) {
		values[i] = float32(math.Abs(v))
	}
	m := p.both(f.Len)
	p.plain.Write(m, values)
	return m
}
