package openclip

import (
	"fmt"
	"slices"
	"strings"

	"github.com/scalelaw/scalelaw/sweep"
	"github.com/scalelaw/scalelaw/trainer/clip/params"
	"github.com/scalelaw/scalelaw/trainer/clip/safetensors"
)

// First are the weights that Draw gives, by open_clip's names and shapes.
func First(o sweep.OpenCLIP, seed int64) []safetensors.Tensor {
	y := newLayout(o)
	return y.Unpack(y.Draw(random(seed)), "")
}

// SetWeights loads the parameters of a checkpoint of open_clip's or of this package's, see
// Named: all must be there in shape.
func (m *Model) SetWeights(tensors []safetensors.Tensor) error {
	named, err := Named(m.config, tensors)
	if err != nil {
		return err
	}
	return m.SetNamed(named)
}

// Check reports whether SetWeights of such a model would take the tensors.
func Check(o sweep.OpenCLIP, tensors []safetensors.Tensor) error {
	_, err := pack(o, tensors)
	return err
}

// pack gives a checkpoint's parameters as they lie in memory.
func pack(o sweep.OpenCLIP, tensors []safetensors.Tensor) ([]float32, error) {
	named, err := Named(o, tensors)
	if err != nil {
		return nil, err
	}
	return newLayout(o).Pack(named, "")
}

// buffers of old checkpoints that are no parameters.
var buffers = []string{"attn_mask", "input_resolution", "context_length", "vocab_size"}

// Named gives a checkpoint's tensors by the names that such a model has for them. Names may
// begin with "module." (a model trained on several GPUs), and those of the text tower with or
// without "text."; a missing logit bias is zero, as open_clip has it. What the model has not is
// an error, but for the buffers of old files.
func Named(o sweep.OpenCLIP, tensors []safetensors.Tensor) (map[string]safetensors.Tensor, error) {
	y, prefix := newLayout(o), textPrefix(o)
	named := make(map[string]safetensors.Tensor, len(tensors))
	for _, t := range tensors {
		name := nameOf(t.Name, prefix)
		if name == "" {
			continue
		}
		if !y.Has(name) {
			return nil, fmt.Errorf("%w: the checkpoint has a tensor %s, which the model has not", sweep.ErrBadInput, name)
		}
		if _, twice := named[name]; twice {
			return nil, fmt.Errorf("%w: the checkpoint has tensor %s twice", sweep.ErrBadInput, name)
		}
		named[name] = t
	}
	if _, ok := named[params.LogitBias]; !ok && y.Has(params.LogitBias) {
		named[params.LogitBias] = safetensors.Tensor{Name: params.LogitBias, Data: make([]float32, 1)}
	}
	return named, nil
}

// nameOf is a checkpoint's name as a model has it whose text tower's names begin with prefix;
// "" for buffers.
func nameOf(name, prefix string) string {
	name = strings.TrimPrefix(name, "module.")
	bare := strings.TrimPrefix(name, customText)
	switch {
	case slices.Contains(buffers, bare):
		return ""
	case strings.HasPrefix(name, "visual."), strings.HasPrefix(name, "logit_"):
		return name
	}
	return prefix + bare
}
