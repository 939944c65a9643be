package op

import "math"

// AdamW are the numbers of one optimizer step, as the host has them.
type AdamW struct {
	Rate         float64 // the step's learning rate
	Beta1, Beta2 float64
	Eps          float64
	Decay        float64 // p is first multiplied by 1 - Rate*Decay
	Step         int64   // from 1: corrects the moments' bias
	MaxNorm      float64 // gradients are scaled by min(1, MaxNorm/(length + 1e-6)); 0: not
}

// Pace are the numbers of AdamW that change from step to step, in the order of Pace.
const (
	PaceSize = iota // Rate / (1 - Beta1^Step)
	PaceRoot        // 1 / sqrt(1 - Beta2^Step)
	PaceKeep        // 1 - Rate*Decay
	Paces           // how many there are
)

// Pace gives what changes from step to step. It lies in the device's memory, so that work that
// was recorded once does the next step too.
func (s AdamW) Pace() [Paces]float32 {
	correct1, correct2 := 1-math.Pow(s.Beta1, float64(s.Step)), 1-math.Pow(s.Beta2, float64(s.Step))
	return [Paces]float32{PaceSize: float32(s.Rate / correct1), PaceRoot: float32(1 / math.Sqrt(correct2)), PaceKeep: float32(1 - s.Rate*s.Decay)}
}

// Update is an optimizer step as a device does it:
//
//	m = Beta1 m + (1-Beta1) clip g
//	v = Beta2 v + (1-Beta2) (clip g)^2
//	p = keep p - size m / (sqrt(v) root + Eps)
//
// with size, root and keep from Pace; keep is 1 without Decays. clip is 1 without MaxNorm, else
// min(1, MaxNorm/(Norm + 1e-6)).
type Update struct {
	Beta1, Beta2, Eps float64
	Pace              Floats // [Paces]
	Decays            bool
	Norm              Floats // [1], the gradient's length; needed with MaxNorm
	MaxNorm           float64
}
