package plain

import (
	"math"

	"github.com/scalelaw/scalelaw/trainer/op"
)

// Norm implements op.Optimizer.
func (d *Device[T]) Norm(y, x op.Floats) {
	var sum float64
	for _, v := range d.Values(x) {
		sum += float64(v) * float64(v)
	}
	d.Values(y)[0] = T(math.Sqrt(sum))
}

// AdamW implements op.Optimizer.
func (d *Device[T]) AdamW(p, g, m, v op.Floats, s op.Update) {
	param, grad, first, second := d.Values(p), d.Values(g), d.Values(m), d.Values(v)
	clip := T(1)
	if s.MaxNorm > 0 {
		clip = min(1, T(s.MaxNorm)/(d.Values(s.Norm)[0]+1e-6))
	}
	pace := d.Values(s.Pace)
	size, root, keep := pace[op.PaceSize], pace[op.PaceRoot], T(1)
	if s.Decays {
		keep = pace[op.PaceKeep]
	}
	for i := range param {
		x := clip * grad[i]
		first[i] = T(s.Beta1)*first[i] + T(1-s.Beta1)*x
		second[i] = T(s.Beta2)*second[i] + T(1-s.Beta2)*x*x
		param[i] = keep*param[i] - size*first[i]/(sqrt(second[i])*root+T(s.Eps))
	}
}
