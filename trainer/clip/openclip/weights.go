package openclip

import (
	"fmt"
	"slices"
	"strings"

	"github.com/scalelaw/scalelaw/sweep"
	"github.com/scalelaw/scalelaw/trainer/clip/safetensors"
	"github.com/scalelaw/scalelaw/trainer/op"
)

// Prefixes of the optimizer's moments in a state file.
const (
	firstMoment  = "m."
	secondMoment = "v."
)

// Weights reads the parameters from the device, by open_clip's names and shapes.
func (m *Model) Weights() ([]safetensors.Tensor, error) { return m.read(m.params, "") }

// Gradients reads the last step's gradients, as Weights does.
func (m *Model) Gradients() ([]safetensors.Tensor, error) { return m.read(m.grads, "") }

// Moments reads the optimizer's moments, under the names "m." and "v." and the parameter's.
func (m *Model) Moments() ([]safetensors.Tensor, error) {
	first, err := m.read(m.first, firstMoment)
	if err != nil {
		return nil, err
	}
	second, err := m.read(m.second, secondMoment)
	return append(first, second...), err
}

// SetWeights loads the parameters of a checkpoint of open_clip's or of this package's: all must
// be there in shape, and nothing else but the buffers of old files. Names may begin with
// "module." (a model trained on several GPUs), and those of the text tower with or without
// "text.". A missing logit bias is zero, as open_clip has it.
func (m *Model) SetWeights(tensors []safetensors.Tensor) error {
	named, err := m.named(tensors)
	if err != nil {
		return err
	}
	if _, ok := named["logit_bias"]; !ok && m.config.InitLogitBias != nil {
		named["logit_bias"] = safetensors.Tensor{Name: "logit_bias", Data: make([]float32, 1)}
	}
	if err := m.write(m.params, named, ""); err != nil {
		return err
	}
	for name := range named {
		if _, ok := m.layout.index[name]; !ok {
			return fmt.Errorf("%w: the checkpoint has a tensor %s, which the model has not", sweep.ErrBadInput, name)
		}
	}
	return nil
}

// SetMoments loads what Moments gave.
func (m *Model) SetMoments(tensors []safetensors.Tensor) error {
	named := map[string]safetensors.Tensor{}
	for _, t := range tensors {
		named[t.Name] = t
	}
	if err := m.write(m.first, named, firstMoment); err != nil {
		return err
	}
	return m.write(m.second, named, secondMoment)
}

// buffers of old checkpoints that are no parameters.
var buffers = []string{"attn_mask", "input_resolution", "context_length", "vocab_size"}

// named gives a checkpoint's tensors by the names that this model has for them.
func (m *Model) named(tensors []safetensors.Tensor) (map[string]safetensors.Tensor, error) {
	named := make(map[string]safetensors.Tensor, len(tensors))
	for _, t := range tensors {
		name := strings.TrimPrefix(t.Name, "module.")
		if slices.Contains(buffers, strings.TrimPrefix(name, customText)) {
			continue
		}
		if !strings.HasPrefix(name, "visual.") && !strings.HasPrefix(name, "logit_") {
			name = m.layout.textPrefix() + strings.TrimPrefix(name, customText)
		}
		if _, twice := named[name]; twice {
			return nil, fmt.Errorf("%w: the checkpoint has tensor %s twice", sweep.ErrBadInput, name)
		}
		named[name] = t
	}
	return named, nil
}

func (m *Model) read(from op.Floats, prefix string) ([]safetensors.Tensor, error) {
	flat := make([]float32, m.layout.size)
	if err := m.device.Read(flat, from); err != nil {
		return nil, err
	}
	var all []safetensors.Tensor
	for _, t := range m.layout.tensors {
		data := flat[t.at:][:t.size()]
		if t.transposed {
			data = transposed(data, t.shape[1], t.shape[0])
		}
		all = append(all, safetensors.Tensor{Name: prefix + t.name, Shape: t.shape, Data: data})
	}
	return all, nil
}

func (m *Model) write(to op.Floats, named map[string]safetensors.Tensor, prefix string) error {
	flat := make([]float32, m.layout.size)
	for _, t := range m.layout.tensors {
		got, ok := named[prefix+t.name]
		if !ok {
			return fmt.Errorf("%w: the checkpoint has no tensor %s", sweep.ErrBadInput, prefix+t.name)
		}
		if !sameShape(got.Shape, t.shape) || len(got.Data) != t.size() {
			return fmt.Errorf("%w: tensor %s has shape %v, the model wants %v", sweep.ErrBadInput, prefix+t.name, got.Shape, t.shape)
		}
		data := got.Data
		if t.transposed {
			data = transposed(data, t.shape[0], t.shape[1])
		}
		copy(flat[t.at:], data)
	}
	m.device.Write(to, flat)
	return nil
}

// sameShape takes [1] for a scalar, as open_clip does.
func sameShape(a, b []int) bool {
	return slices.Equal(a, b) || len(b) == 0 && len(a) == 1 && a[0] == 1
}

// transposed turns x [rows, columns] into [columns, rows].
func transposed(x []float32, rows, columns int) []float32 {
	y := make([]float32, len(x))
	for r := range rows {
		for c := range columns {
			y[c*rows+r] = x[r*columns+c]
		}
	}
	return y
}
