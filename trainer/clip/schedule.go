package clip

import (
	"math"

	"github.com/scalelaw/scalelaw/sweep"
)

// rateAt is the learning rate of a step (from 0) of so many: linear warm-up, then cosine to zero
// or constant.
func rateAt(r sweep.Recipe, step, steps int64) float64 {
	if step < r.WarmupSteps {
		return r.LearningRate * float64(step+1) / float64(r.WarmupSteps)
	}
	if r.Schedule != "cosine" {
		return r.LearningRate
	}
	done := float64(step-r.WarmupSteps) / float64(max(steps-r.WarmupSteps, 1))
	return r.LearningRate * 0.5 * (1 + math.Cos(math.Pi*done))
}
