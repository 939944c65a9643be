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

// First are the weights that Draw gives, by open_clip's names and shapes.
func First(o sweep.OpenCLIP, seed int64) []safetensors.Tensor {
	y := newLayout(o)
	return y.tensorsOf(y.initial(seed), "")
}

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
	flat, err := m.layout.weights32(tensors)
	if err != nil {
		return err
	}
	m.device.Write(m.params, flat)
	return nil
}

// Check reports whether SetWeights of such a model would take the tensors.
func Check(o sweep.OpenCLIP, tensors []safetensors.Tensor) error {
	_, err := newLayout(o).weights32(tensors)
	return err
}

// weights32 gives a checkpoint's parameters as they lie in memory.
func (y *layout) weights32(tensors []safetensors.Tensor) ([]float32, error) {
	named, err := y.named(tensors)
	if err != nil {
		return nil, err
	}
	if _, ok := named["logit_bias"]; !ok && y.config.InitLogitBias != nil {
		named["logit_bias"] = safetensors.Tensor{Name: "logit_bias", Data: make([]float32, 1)}
	}
	flat, err := y.flat(named, "")
	if err != nil {
		return nil, err
	}
	for name := range named {
		if _, ok := y.index[name]; !ok {
			return nil, fmt.Errorf("%w: the checkpoint has a tensor %s, which the model has not", sweep.ErrBadInput, name)
		}
	}
	return flat, nil
}

// SetMoments loads what Moments gave.
func (m *Model) SetMoments(tensors []safetensors.Tensor) error {
	named := map[string]safetensors.Tensor{}
	for _, t := range tensors {
		named[t.Name] = t
	}
	first, err := m.layout.flat(named, firstMoment)
	if err != nil {
		return err
	}
	second, err := m.layout.flat(named, secondMoment)
	if err != nil {
		return err
	}
	m.device.Write(m.first, first)
	m.device.Write(m.second, second)
	return nil
}

// buffers of old checkpoints that are no parameters.
var buffers = []string{"attn_mask", "input_resolution", "context_length", "vocab_size"}

// named gives a checkpoint's tensors by the names that this model has for them.
func (y *layout) named(tensors []safetensors.Tensor) (map[string]safetensors.Tensor, error) {
	named := make(map[string]safetensors.Tensor, len(tensors))
	for _, t := range tensors {
		name := strings.TrimPrefix(t.Name, "module.")
		if slices.Contains(buffers, strings.TrimPrefix(name, customText)) {
			continue
		}
		if !strings.HasPrefix(name, "visual.") && !strings.HasPrefix(name, "logit_") {
			name = y.textPrefix() + strings.TrimPrefix(name, customText)
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
	return m.layout.tensorsOf(flat, prefix), nil
}

// tensorsOf gives a flat buffer as open_clip's tensors, under a prefix.
func (y *layout) tensorsOf(flat []float32, prefix string) (all []safetensors.Tensor) {
	for _, t := range y.tensors {
		data := flat[t.at:][:t.size()]
		if t.transposed {
			data = transposed(data, t.shape[1], t.shape[0])
		}
		all = append(all, safetensors.Tensor{Name: prefix + t.name, Shape: t.shape, Data: data})
	}
	return all
}

// flat puts tensors under a prefix in their places; all must be there, in shape.
func (y *layout) flat(named map[string]safetensors.Tensor, prefix string) ([]float32, error) {
	flat := make([]float32, y.size)
	for _, t := range y.tensors {
		got, ok := named[prefix+t.name]
		if !ok {
			return nil, fmt.Errorf("%w: the checkpoint has no tensor %s", sweep.ErrBadInput, prefix+t.name)
		}
		if !sameShape(got.Shape, t.shape) || len(got.Data) != t.size() {
			return nil, fmt.Errorf("%w: tensor %s has shape %v, the model wants %v", sweep.ErrBadInput, prefix+t.name, got.Shape, t.shape)
		}
		data := got.Data
		if t.transposed {
			data = transposed(data, t.shape[0], t.shape[1])
		}
		copy(flat[t.at:], data)
	}
	return flat, nil
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
