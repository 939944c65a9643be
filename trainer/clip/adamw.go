package clip

import (
	"math"

	"github.com/scalelaw/scalelaw/sweep"
)

// adamw is AdamW (Loshchilov and Hutter 2019, algorithm 2): decoupled weight decay scaled by
// the learning rate, none on gains, biases and the logit scale.
type adamw struct {
	y      *layout
	recipe sweep.Recipe
	steps  int64 // of the whole run
	m, v   []float32
}

func newAdamW(y *layout, recipe sweep.Recipe, steps int64) *adamw {
	return &adamw{y: y, recipe: recipe, steps: steps, m: make([]float32, y.size), v: make([]float32, y.size)}
}

// rate is the learning rate of a step (from 0): linear warm-up, then cosine to zero or constant.
func (a *adamw) rate(step int64) float64 {
	r := a.recipe
	if step < r.WarmupSteps {
		return r.LearningRate * float64(step+1) / float64(r.WarmupSteps)
	}
	if r.Schedule != "cosine" {
		return r.LearningRate
	}
	done := float64(step-r.WarmupSteps) / float64(max(a.steps-r.WarmupSteps, 1))
	return r.LearningRate * 0.5 * (1 + math.Cos(math.Pi*done))
}

// update changes params by one step (counted from 0).
func (a *adamw) update(params, grads []float32, step int64) {
	r, rate := a.recipe, a.rate(step)
	correct1 := 1 - math.Pow(r.Beta1, float64(step+1))
	correct2 := 1 - math.Pow(r.Beta2, float64(step+1))
	size, root := float32(rate/correct1), float32(1/math.Sqrt(correct2))
	for _, t := range a.y.tensors {
		keep := float32(1)
		if t.decay {
			keep = float32(1 - rate*r.WeightDecay)
		}
		end := t.at + t.size()
		adam(params[t.at:end], grads[t.at:end], a.m[t.at:end], a.v[t.at:end], float32(r.Beta1), float32(r.Beta2), float32(r.Eps), keep, size, root)
	}
	scale := &params[a.y.tensors[a.y.index["logit_scale"]].at]
	*scale = min(*scale, maxLogitScale)
}

// adam updates one tensor: p = keep*p - size*m/(sqrt(v)*root + eps).
func adam(p, g, m, v []float32, beta1, beta2, eps, keep, size, root float32) {
	g, m, v = g[:len(p)], m[:len(p)], v[:len(p)]
	for i, d := range g {
		m[i] = beta1*m[i] + (1-beta1)*d
		v[i] = beta2*v[i] + (1-beta2)*d*d
		p[i] = keep*p[i] - size*m[i]/(float32(math.Sqrt(float64(v[i])))*root+eps)
	}
}

// norm is the Euclidean length of all gradients together.
func norm(grads []float32) float64 {
	var sum float64
	for _, g := range grads {
		sum += float64(g) * float64(g)
	}
	return math.Sqrt(sum)
}
