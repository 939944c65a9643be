package clip

import (
	"errors"
	"sync"

	"github.com/scalelaw/scalelaw/sweep"
	"github.com/scalelaw/scalelaw/trainer/clip/dual"
	"github.com/scalelaw/scalelaw/trainer/clip/safetensors"
	"github.com/scalelaw/scalelaw/trainer/op"
)

// replicas are one model on several devices. Each takes its share of every batch, in the order
// of ranks; all have the same weights, and step together.
type replicas struct {
	all   []Model
	shape shape
	share int // pairs of each
}

// newReplicas puts a run's model on its devices.
func newReplicas(run sweep.Run, d *devices) (*replicas, error) {
	r := &replicas{shape: shapeOf(run.Model), share: run.Recipe.BatchSize / len(d.all)}
	for i, device := range d.all {
		m, err := newModel(run.Model, device, useOf(run.Recipe, len(d.all), d.group(i)))
		if err != nil {
			return nil, err
		}
		r.all = append(r.all, m)
	}
	return r, nil
}

// useOf is how a recipe uses one of some devices.
func useOf(r sweep.Recipe, devices int, group op.Group) dual.Use {
	return dual.Use{Batch: r.BatchSize / devices, Train: true, Parts: r.Accumulations(), Checkpoint: r.GradCheckpointing, Record: true, Group: group}
}

func (r *replicas) Draw(seed int64) {
	for _, m := range r.all {
		m.Draw(seed)
	}
}

func (r *replicas) Load(images []float32, ids []int32, a op.AdamW) {
	for i, m := range r.all {
		m.Load(images[i*r.share*r.shape.image:], ids[i*r.share*r.shape.ids:], a)
	}
}

// Train steps on all devices at once: what they exchange waits for all of them.
func (r *replicas) Train() {
	var wait sync.WaitGroup
	for _, m := range r.all[1:] {
		wait.Go(m.Train)
	}
	r.all[0].Train()
	wait.Wait()
}

func (r *replicas) Behind() bool { return r.all[0].Behind() }

// Fetch gives the outcome, which all members have, and the failures of any.
func (r *replicas) Fetch() func() (dual.Outcome, error) {
	var waits []func() (dual.Outcome, error)
	for _, m := range r.all {
		waits = append(waits, m.Fetch())
	}
	return func() (first dual.Outcome, err error) {
		for i, wait := range waits {
			o, failed := wait()
			if err = errors.Join(err, failed); i == 0 {
				first = o
			}
		}
		return first, err
	}
}

func (r *replicas) Weights() ([]safetensors.Tensor, error) { return r.all[0].Weights() }
func (r *replicas) Moments() ([]safetensors.Tensor, error) { return r.all[0].Moments() }

func (r *replicas) SetWeights(tensors []safetensors.Tensor) error {
	return r.each(func(m Model) error { return m.SetWeights(tensors) })
}

func (r *replicas) SetMoments(tensors []safetensors.Tensor) error {
	return r.each(func(m Model) error { return m.SetMoments(tensors) })
}

func (r *replicas) each(f func(Model) error) error {
	for _, m := range r.all {
		if err := f(m); err != nil {
			return err
		}
	}
	return nil
}
