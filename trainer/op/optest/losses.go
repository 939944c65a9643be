package optest

import (
	"math"

	"github.com/scalelaw/scalelaw/trainer/op"
)

// pairs gives unit vectors and a scale up to the largest that training allows.
func (p *pair) pairs(bias bool) op.Contrast {
	n, e := p.size(1, 90), p.size(1, 40)
	s := op.Contrast{Rows: n, Width: e, Image: p.both(n * e), Text: p.both(n * e), LogScale: p.both(1)}
	inverse := p.both(n)
	for _, unit := range []op.Floats{s.Image, s.Text} {
		x := p.input(n * e)
		p.run(func(d op.Device) { d.Normalize(unit, inverse, x, n, e) })
	}
	scale := []float32{float32(4.6 * p.random.Float64())}
	p.device.Write(s.LogScale, scale)
	p.plain.Write(s.LogScale, scale)
	s.Loss, s.DImage, s.DText, s.DLogScale = p.both(1), p.both(n*e), p.both(n*e), p.normal(1)
	if bias {
		s.LogBias, s.DLogBias = p.normal(1), p.normal(1)
	}
	return s
}

func infoNCE(p *pair, tolerance float64) {
	s := p.pairs(p.random.IntN(4) == 0)
	p.run(func(d op.Device) { d.InfoNCE(s) })
	p.loss(tolerance, s)
}

func sigLIP(p *pair, tolerance float64) {
	s := p.pairs(p.random.IntN(4) > 0)
	p.run(func(d op.Device) { d.SigLIP(s) })
	p.loss(tolerance, s)
}

// loss compares a loss's results. A logit is exact to 6e-8 of the scale, and so, relatively, is
// each softmax; the derivatives are differences of those times the scale.
func (p *pair) loss(tolerance float64, s op.Contrast) {
	floor := 1.0
	if p.o.TF32 { // both factors of a cosine are rounded, and the slopes
		tolerance, floor = max(tolerance, 3*tf32/10), math.Exp(p.largest(s.LogScale))
	}
	p.same(10*tolerance, floor, map[string]op.Floats{"loss": s.Loss, "dscale": s.DLogScale, "dbias": s.DLogBias})
	p.same(10*tolerance, math.Exp(p.largest(s.LogScale)), map[string]op.Floats{"dimage": s.DImage, "dtext": s.DText})
}

func adamw(p *pair, tolerance float64) {
	n := p.size(0, 20_000)
	params, grads, m, v, length := p.normal(n), p.normal(n), p.both(n), p.both(n), p.both(1)
	s := op.AdamW{Rate: 0.01, Beta1: 0.9, Beta2: 0.98, Eps: 1e-6, Decay: p.random.Float64()}
	u := op.Update{Beta1: s.Beta1, Beta2: s.Beta2, Eps: s.Eps, Pace: p.both(op.Paces), Decays: p.random.IntN(2) == 0, Norm: length, MaxNorm: float64(p.random.IntN(2)) * 3}
	for s.Step = 1; s.Step <= 3; s.Step++ {
		pace := s.Pace()
		p.run(func(d op.Device) {
			d.Write(u.Pace, pace[:])
			d.Norm(length, grads)
			d.AdamW(params, grads, m, v, u)
		})
	}
	p.same(tolerance, 1e-3, map[string]op.Floats{"p": params, "m": m, "v": v})
}

func norm(p *pair, tolerance float64) {
	x, y := p.normal(p.size(0, 40_000)), p.both(1)
	p.run(func(d op.Device) { d.Norm(y, x) })
	p.same(tolerance, 1e-3, map[string]op.Floats{"norm": y})
}

func add(p *pair, tolerance float64) {
	n := p.size(0, 40_000)
	y, x, z := p.normal(n), p.normal(n), p.normal(n)
	from, to := p.random.IntN(n+1), n
	p.run(func(d op.Device) {
		d.Add(y, x)
		d.Clamp(y, -1, 0.5)
		d.Zero(z.Slice(from, to-from))
	})
	p.same(tolerance, 1e-3, map[string]op.Floats{"y": y, "z": z})
}

func addActivations(p *pair, tolerance float64) {
	n := p.size(0, 40_000)
	y, x, z := p.input(n), p.input(n), p.input(n)
	from, to := p.random.IntN(n+1), n
	p.run(func(d op.Device) {
		d.Add(y, x)
		d.Zero(z.Slice(from, to-from))
	})
	p.same(tolerance, 1e-3, map[string]op.Floats{"y": y, "z": z})
}
