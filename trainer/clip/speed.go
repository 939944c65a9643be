package clip

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"golang.org/x/sys/unix"

	"github.com/scalelaw/scalelaw/sweep"
	"github.com/scalelaw/scalelaw/trainer/clip/dual"
	"github.com/scalelaw/scalelaw/trainer/op"
)

// Speed is how fast whole training steps are: forward, backward, gradient's length, AdamW.
type Speed struct {
	BestSamples   float64 // a second, in the best window
	MedianSamples float64 // in the median one
	GFLOPS        float64 // in the best window: 6 for each multiply-add of a forward pass
	StepCPU       float64 // processor seconds of a step, in the window with the fewest
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
func (e Engine) Speed(ctx context.Context, m sweep.Model, batch int, precision string, threads int, length time.Duration) (Speed, error) {
	device, err := e.one(need{place: e.Place, precision: precision, threads: threads})
	if err != nil {
		return Speed{}, err
	}
	defer device.Close()
	model, err := newModel(m, device, dual.Use{Batch: batch, Train: true, Record: true})
	if err != nil {
		return Speed{}, fmt.Errorf("measure: %w", err)
	}
	model.Draw(0)
	step := stepper(model, shapeOf(m), batch)
	for range 3 { // memory is touched, threads are awake
		if err := step(); err != nil {
			return Speed{}, err
		}
	}
	var rates []float64
	cost := math.Inf(1)
	for end := time.Now().Add(length); len(rates) == 0 || time.Now().Before(end); {
		rate, cpu, err := measure(ctx, step)
		if err != nil {
			return Speed{}, err
		}
		rates, cost = append(rates, rate*float64(batch)), min(cost, cpu)
	}
	slices.Sort(rates)
	s := Speed{BestSamples: rates[len(rates)-1], MedianSamples: median(rates), Parameters: m.Params(), StepCPU: cost, Device: device.Name(), Windows: len(rates)}
	s.GFLOPS = s.BestSamples * 6 * m.GMACs().Total()
	if p, ok := device.(peaker); ok {
		if peak := p.Peak(); peak > 0 {
			s.PeakShare = 1e9 * s.GFLOPS / peak
		}
	}
	return s, nil
}

// measure gives the steps a second of one window, and the processor seconds of a step.
func measure(ctx context.Context, step func() error) (rate, cpu float64, err error) {
	began, used, steps := time.Now(), processTime(), 0.0
	for time.Since(began) < window {
		if err := step(); err != nil {
			return 0, 0, err
		}
		if err := ctx.Err(); err != nil {
			return 0, 0, context.Cause(ctx)
		}
		steps++
	}
	return steps / time.Since(began).Seconds(), (processTime() - used) / steps, nil
}

// processTime is the processor time of this process in seconds; 0 where the system does not say.
func processTime() float64 {
	var u unix.Rusage
	if unix.Getrusage(unix.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return float64(u.Utime.Nano()+u.Stime.Nano()) / 1e9
}

// stepper gives a function that does a whole training step on one random batch, which stays on
// the device. As training does, it looks at a step's outcome only when the next step is on its
// way, where the device runs behind.
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
	s.Step = 1
	model.Load(images, ids, s)
	var last func() (dual.Outcome, error)
	return func() (err error) {
		model.Train()
		before := last
		last = model.Fetch()
		s.Step++
		model.Load(nil, nil, s)
		if before != nil {
			_, err = before()
		}
		if !model.Behind() {
			_, err = last()
		}
		return err
	}
}

func median(sorted []float64) float64 {
	n := len(sorted)
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}
