package synthetic

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"iter"
	"math"

	"github.com/scalelaw/scalelaw/sweep"
)

// course is how a run would go: its loss falls as a power of the steps towards log(N) times the
// error of the law, its learning rate warms up and falls as a cosine.
type course struct {
	run      sweep.Run
	end      float64 // share of the steps that was made
	diverges bool
	points   int // of a stream of a whole run
	seed     uint64
}

// noise is a number from -1 to 1 that depends on the run and on i: splitmix64.
func (c course) noise(i uint64) float64 {
	z := c.seed + (i+1)*0x9e3779b97f4a7c15
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return float64(int64(z^z>>31)) / (1 << 63)
}

// final is the error at the last step: that of the sweep's law, with its noise.
func (c course) final() float64 {
	law := c.run.Surface
	return min(law.Chance, (law.Floor+law.Beta*math.Pow(c.run.GMACsTotal, law.Alpha))*math.Exp(1.7*law.Noise*c.noise(1)))
}

// streams are the metrics of a run by name, as functions of the share of the steps made (t) and
// a number that tells the points apart.
func (c course) streams() []stream {
	chance, final, end := math.Log(float64(c.run.Recipe.BatchSize)), 4*c.final(), c.end
	return []stream{
		{"grad_norm", func(t, noise float64) float64 { return 0.4*math.Exp(-2*t) + 0.1 + 0.03*noise }},
		{"learning_rate", func(t, _ float64) float64 {
			return c.run.Recipe.LearningRate * min(t/0.05, 0.5*(1+math.Cos(math.Pi*t)))
		}},
		{"logit_scale", func(t, noise float64) float64 { return 2.66 + 1.9*(1-math.Exp(-5*t)) + 0.002*noise }},
		{"loss", func(t, noise float64) float64 {
			if c.diverges && t > 0.9*end {
				return math.NaN()
			}
			return final + (chance-final)*math.Pow(1+200*t, -0.7) + 0.02*noise
		}},
		{"samples_per_second", func(t, noise float64) float64 { return 30000 + 900*noise + 300*math.Sin(40*t) }},
	}
}

type stream struct {
	name string
	at   func(t, noise float64) float64
}

// metrics are the streams, one after the other.
func (c course) metrics() iter.Seq[sweep.Metric] {
	return func(yield func(sweep.Metric) bool) {
		steps := c.run.Steps()
		for k, s := range c.streams() {
			before := int64(0)
			for i := 1; i <= int(c.end*float64(c.points)); i++ {
				step := steps * int64(i) / int64(c.points)
				if step == before {
					continue
				}
				before = step
				m := sweep.Metric{Name: s.name, Step: step, SamplesSeen: step * int64(c.run.Recipe.BatchSize)}
				m.Value = s.at(float64(i)/float64(c.points), c.noise(uint64(100+i*8+k)))
				if !yield(m) {
					return
				}
			}
		}
	}
}

// kept are the steps of n checkpoints, as far as the run came.
func (c course) kept(n int) (steps []int64) {
	for i := 1; i <= n; i++ {
		if step := c.run.Steps() * int64(i) / int64(n); step > 0 && float64(i) <= c.end*float64(n) {
			steps = append(steps, step)
		}
	}
	return steps
}

func (c course) checkpoints(n int) (all []sweep.Checkpoint) {
	for _, step := range c.kept(n) {
		sum := sha256.Sum256(fmt.Appendf(nil, "%s %s %d", MadeBy, c.run.ID, step))
		all = append(all, sweep.Checkpoint{
			RunID: c.run.ID, Attempt: 1, Step: step, SamplesSeen: step * int64(c.run.Recipe.BatchSize), Kept: true,
			Weights: sweep.Artifact{URI: "none: " + MadeBy, SHA256: hex.EncodeToString(sum[:]), Bytes: 4 * c.run.Model.Params()},
		})
	}
	return all
}

// evaluations are 36 scores of each checkpoint: the law's error, higher early on, and what the
// other tasks and scores make of it.
func (c course) evaluations(n int) (all []sweep.Evaluation) {
	for _, step := range c.kept(n) {
		share := float64(step) / float64(c.run.Steps())
		for i, task := range tasks {
			for k, metric := range scores {
				e := c.final() * math.Pow(share, -0.15) * (1 + 0.12*float64(i)) / float64(1+k)
				if i+k > 0 {
					e *= 1 + 0.03*c.noise(uint64(step)*64+uint64(8*i+k))
				}
				all = append(all, sweep.Evaluation{RunID: c.run.ID, Step: step, Score: sweep.Score{
					Task: task, Metric: metric, Revision: "synthetic-1", Evaluator: MadeBy, Value: min(e, c.run.Surface.Chance),
				}})
			}
		}
	}
	return all
}
