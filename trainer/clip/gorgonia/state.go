package gorgonia

import (
	"fmt"

	"github.com/scalelaw/scalelaw/sweep"
	"github.com/scalelaw/scalelaw/trainer/clip/openclip"
	"github.com/scalelaw/scalelaw/trainer/clip/safetensors"
)

// Weights are the parameters, by open_clip's names and shapes.
func (m *Model[T]) Weights() ([]safetensors.Tensor, error) { return m.tensors(0, ""), m.failed }

// Gradients are the last step's, likewise.
func (m *Model[T]) Gradients() ([]safetensors.Tensor, error) { return m.tensors(1, ""), m.failed }

// Moments are the optimizer's, as the native engine names them.
func (m *Model[T]) Moments() ([]safetensors.Tensor, error) {
	return append(m.tensors(2, "m."), m.tensors(3, "v.")...), m.failed
}

func (m *Model[T]) tensors(i int, prefix string) (all []safetensors.Tensor) {
	for _, p := range m.params {
		data := make([]float32, p.size)
		for k, v := range m.values(i, p) {
			data[k] = float32(v)
		}
		all = append(all, safetensors.Tensor{Name: prefix + p.name, Shape: p.shape, Data: data})
	}
	return all
}

// SetWeights loads a checkpoint's parameters.
func (m *Model[T]) SetWeights(tensors []safetensors.Tensor) error {
	if err := openclip.Check(m.config, tensors); err != nil {
		return err
	}
	return m.set(0, tensors, "")
}

// SetMoments loads what Moments gave.
func (m *Model[T]) SetMoments(tensors []safetensors.Tensor) error {
	if err := m.set(2, tensors, "m."); err != nil {
		return err
	}
	return m.set(3, tensors, "v.")
}

func (m *Model[T]) set(i int, tensors []safetensors.Tensor, prefix string) error {
	named := map[string][]float32{}
	for _, t := range tensors {
		named[t.Name] = t.Data
	}
	for _, p := range m.params {
		data := named[prefix+p.name]
		if len(data) != p.size {
			return fmt.Errorf("%w: tensor %s has %d numbers, the graph wants %d, by its own name", sweep.ErrBadInput, prefix+p.name, len(data), p.size)
		}
		m.device.Write(m.flat[i].Slice(p.at, p.size), data)
	}
	return nil
}
