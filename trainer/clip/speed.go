package clip

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/scalelaw/scalelaw/sweep"
	"github.com/scalelaw/scalelaw/trainer/op"
)

// Speed is how fast whole training steps are: forward, backward, gradient's length, AdamW.
type Speed struct {
	BestSamples   float64 // a second, in the best window
	MedianSamples float64 // in the median one
	GFLOPS        float64 // in the best window: 6 for each multiply-add of a forward pass
	PeakShare     float64 // GFLOPS over the multiply-adds that the device can do; 0: not known
	Parameters    int64
	Device        string
	Windows       int
}

// window is how long one measurement lasts.
const window = 500 * time.Millisecond

// peaker is a device that can measure its peak.
type peaker interface{ Peak() float64 }

// Speed measures training steps of a model on random data, for a while in windows of half a
// second. A window's first step is a whole step, its last too.
func (e Engine) Speed(ctx context.Context, m sweep.Model, batch, threads int, length time.Duration) (Speed, error) {
	device, err := e.device(threads)
	if err != nil {
		return Speed{}, err
	}
	defer device.Close()
	model, shape, err := newModel(m, device, batch, true)
	if err != nil {
		return Speed{}, fmt.Errorf("measure: %w", err)
	}
	model.Draw(0)
	step := stepper(model, shape, batch)
	for range 3 { // memory is touched, threads are awake
		if err := step(); err != nil {
			return Speed{}, err
		}
	}
	var rates []float64
	for end := time.Now().Add(length); len(rates) == 0 || time.Now().Before(end); {
		rate, err := measure(ctx, step)
		if err != nil {
			return Speed{}, err
		}
		rates = append(rates, rate*float64(batch))
	}
	slices.Sort(rates)
	s := Speed{BestSamples: rates[len(rates)-1], MedianSamples: median(rates), Parameters: m.Params(), Device: device.Name(), Windows: len(rates)}
	s.GFLOPS = s.BestSamples * 6 * m.GMACs().Total()
	if p, ok := device.(peaker); ok {
		s.PeakShare = 1e9 * s.GFLOPS / p.Peak()
	}
	return s, nil
}

// measure gives the steps a second of one window.
func measure(ctx context.Context, step func() error) (float64, error) {
	began, steps := time.Now(), 0
	for time.Since(began) < window {
		if err := step(); err != nil {
			return 0, err
		}
		if err := ctx.Err(); err != nil {
			return 0, context.Cause(ctx)
		}
		steps++
	}
	return float64(steps) / time.Since(began).Seconds(), nil
}

// stepper gives a function that does a whole training step on one random batch.
func stepper(model Model, shape shape, batch int) func() error {
	random := rand.New(rand.NewPCG(1, 1))
	images, ids := make([]float32, batch*shape.image), make([]int32, batch*shape.ids)
	for i := range images {
		images[i] = float32(random.NormFloat64())
	}
	for i := range ids {
		ids[i] = int32(random.IntN(shape.words))
	}
	s := op.AdamW{Rate: 1e-4, Beta1: 0.9, Beta2: 0.98, Eps: 1e-8, Decay: 0.1}
	return func() error {
		s.Step++
		model.Step(images, ids, batch)
		model.Update(s)
		_, _, err := model.Loss()
		return err
	}
}

func median(sorted []float64) float64 {
	n := len(sorted)
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}
