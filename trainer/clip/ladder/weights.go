package ladder

import (
	"fmt"
	"slices"

	"github.com/scalelaw/scalelaw/sweep"
	"github.com/scalelaw/scalelaw/trainer/clip/safetensors"
	"github.com/scalelaw/scalelaw/trainer/op"
)

// Prefixes of the optimizer's moments in a state file.
const (
	firstMoment  = "m."
	secondMoment = "v."
)

// Weights reads the parameters from the device.
func (m *Model) Weights() ([]safetensors.Tensor, error) { return m.tensors(m.params, "") }

// Moments reads the optimizer's moments, under the names "m." and "v." and the parameter's.
func (m *Model) Moments() ([]safetensors.Tensor, error) {
	first, err := m.tensors(m.first, firstMoment)
	if err != nil {
		return nil, err
	}
	second, err := m.tensors(m.second, secondMoment)
	return append(first, second...), err
}

// SetWeights loads the parameters; all must be there, in shape.
func (m *Model) SetWeights(tensors []safetensors.Tensor) error { return m.fill(m.params, tensors, "") }

// SetMoments loads what Moments gave.
func (m *Model) SetMoments(tensors []safetensors.Tensor) error {
	if err := m.fill(m.first, tensors, firstMoment); err != nil {
		return err
	}
	return m.fill(m.second, tensors, secondMoment)
}

// CheckWeights reports whether tensors are the weights of a ladder model, without a device.
func CheckWeights(l sweep.Ladder, tensors []safetensors.Tensor) error {
	_, err := newLayout(l).flat(tensors, "")
	return err
}

func (m *Model) tensors(from op.Floats, prefix string) (all []safetensors.Tensor, err error) {
	flat := make([]float32, m.y.size)
	if err := m.device.Read(flat, from); err != nil {
		return nil, err
	}
	for _, t := range m.y.tensors {
		all = append(all, safetensors.Tensor{Name: prefix + t.name, Shape: t.shape, Data: flat[t.at:][:t.size()]})
	}
	return all, nil
}

func (m *Model) fill(to op.Floats, tensors []safetensors.Tensor, prefix string) error {
	flat, err := m.y.flat(tensors, prefix)
	if err != nil {
		return err
	}
	m.device.Write(to, flat)
	return nil
}

// flat puts the tensors under a prefix in their places.
func (y *layout) flat(tensors []safetensors.Tensor, prefix string) ([]float32, error) {
	flat := make([]float32, y.size)
	for _, t := range y.tensors {
		i := slices.IndexFunc(tensors, func(got safetensors.Tensor) bool { return got.Name == prefix+t.name })
		if i < 0 {
			return nil, fmt.Errorf("%w: there is no tensor %s%s", sweep.ErrBadInput, prefix, t.name)
		}
		if got := tensors[i]; len(got.Data) != t.size() {
			return nil, fmt.Errorf("%w: tensor %s%s has shape %v, the model wants %v", sweep.ErrBadInput, prefix, t.name, got.Shape, t.shape)
		}
		copy(flat[t.at:], tensors[i].Data)
	}
	return flat, nil
}
