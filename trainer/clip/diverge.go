package clip

import (
	"fmt"
	"math"

	"github.com/scalelaw/scalelaw/sweep"
	"github.com/scalelaw/scalelaw/trainer"
)

// watch decides when a run is lost. It is: when the loss or the length of the gradient is not
// a finite number; and when, after the warm-up, the loss stays at or above chance (what guessing
// gives, within 0.001) for a window of steps on end. The window is a
// quarter of the run's steps, at least 25 and at most 50. A healthy run is below chance before
// its warm-up ends.
type watch struct {
	chance float64
	after  int64 // warm-up steps
	window int64
	high   int64 // steps on end at or above chance; part of the saved state
}

func newWatch(chance float64, warmup, steps int64) *watch {
	return &watch{chance: chance, after: warmup, window: min(max(steps/4, 25), 50)}
}

// chance is the loss of guessing among n pairs: ln n for InfoNCE, and for SigLIP the least that
// a constant logit gives, ln n - (n-1) ln(1 - 1/n).
func chance(run sweep.Run) float64 {
	n := float64(run.Recipe.BatchSize)
	if o := run.Model.OpenCLIP; o != nil && o.InitLogitBias != nil {
		return math.Log(n) - (n-1)*math.Log1p(-1/n)
	}
	return math.Log(n)
}

// see judges a step (from 1).
func (w *watch) see(step int64, loss, gradNorm float64) *trainer.Divergence {
	switch {
	case math.IsNaN(loss) || math.IsInf(loss, 0):
		return &trainer.Divergence{Step: step, Reason: fmt.Sprintf("the loss is %g at step %d", loss, step)}
	case math.IsNaN(gradNorm) || math.IsInf(gradNorm, 0):
		return &trainer.Divergence{Step: step, Reason: fmt.Sprintf("the gradient's length is %g at step %d", gradNorm, step)}
	}
	if step <= w.after || loss < w.chance-1e-3 {
		w.high = 0
		return nil
	}
	if w.high++; w.high < w.window {
		return nil
	}
	return &trainer.Divergence{Step: step, Reason: fmt.Sprintf("the loss has been at or above chance (%.3f) for %d steps on end at step %d: %.4g", w.chance, w.high, step, loss)}
}
