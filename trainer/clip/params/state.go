package params

import (
	"strings"

	"github.com/scalelaw/scalelaw/trainer/clip/safetensors"
	"github.com/scalelaw/scalelaw/trainer/op"
)

// Prefixes of the optimizer's moments in a state file.
const (
	firstMoment  = "m."
	secondMoment = "v."
)

// LogitScale is the name of the natural logarithm of the factor of the cosines, which every
// CLIP model has.
const LogitScale = "logit_scale"

// LogitBias is the name of what SigLIP's models add to every logit.
const LogitBias = "logit_bias"

// maxLogitScale is ln 100, where open_clip and Radford et al. 2021 (section 2.5) clamp it.
const maxLogitScale = 4.605170185988092

// State is a model's parameters on a device and, to train them, their gradients and AdamW's
// moments. One goroutine uses it at a time.
type State struct {
	*Layout
	device               op.Device
	params               op.Floats // [Size]
	grads, first, second op.Floats // [Size]; none in a model that only embeds
	pace                 op.Floats // [op.Paces]; likewise
	scale                [1]float32
	numbers              [op.Paces]float32
}

// NewState makes the memory, all zero: with gradients and moments for training.
func NewState(l *Layout, device op.Device, training bool) *State {
	s := &State{Layout: l, device: device, params: device.Floats(l.size)}
	if training {
		s.grads, s.first, s.second = device.Floats(l.size), device.Floats(l.size), device.Floats(l.size)
		s.pace = device.Floats(op.Paces)
	}
	return s
}

// Param is a parameter on the device; the zero handle when the model has none such.
func (s *State) Param(name string) op.Floats { return s.of(s.params, name) }

// Grad is a parameter's gradient; the zero handle also in a model that only embeds.
func (s *State) Grad(name string) op.Floats { return s.of(s.grads, name) }

// Grads are all gradients [Size].
func (s *State) Grads() op.Floats { return s.grads }

// Matrices are the gradients of those tensors that decay and whose names begin with a prefix,
// where they lie next to each other without a gap; else none.
func (s *State) Matrices(prefix string) op.Floats {
	from, to, sum := s.size, 0, 0
	for _, t := range s.tensors {
		if t.Decay && strings.HasPrefix(t.Name, prefix) {
			from, to, sum = min(from, t.at), max(to, t.at+t.Size()), sum+t.Size()
		}
	}
	if sum == 0 || to-from != sum {
		return op.Floats{}
	}
	return s.grads.Slice(from, sum)
}

// ZeroGrads makes all gradients zero.
func (s *State) ZeroGrads() { s.device.Zero(s.grads) }

// GradNorm writes the Euclidean length of all gradients to dst [1].
func (s *State) GradNorm(dst op.Floats) { s.device.Norm(dst, s.grads) }

// Pace is where the numbers of an AdamW step lie that are of that step alone [op.Paces].
func (s *State) Pace() op.Floats { return s.pace }

// SetPace puts the numbers of an AdamW step that are of that step alone on the device.
func (s *State) SetPace(a op.AdamW) {
	s.numbers = a.Pace()
	s.device.Write(s.pace, s.numbers[:])
}

// Update is one AdamW step on the gradients, whose length [1] is given, at the pace that was
// set; only those tensors decay that decay applies to. Then the logit scale is clamped to
// 0 ... ln 100.
func (s *State) Update(a op.AdamW, length op.Floats) {
	u := op.Update{Beta1: a.Beta1, Beta2: a.Beta2, Eps: a.Eps, Pace: s.pace, Decays: true, Norm: length, MaxNorm: a.MaxNorm}
	s.update(0, s.decayed, u)
	u.Decays = false
	s.update(s.decayed, s.size-s.decayed, u)
	s.device.Clamp(s.Param(LogitScale), 0, maxLogitScale)
}

func (s *State) update(at, n int, u op.Update) {
	s.device.AdamW(s.params.Slice(at, n), s.grads.Slice(at, n), s.first.Slice(at, n), s.second.Slice(at, n), u)
}

// LogitScale reads the natural logarithm of the logit scale.
func (s *State) LogitScale() (float64, error) {
	err := s.device.Read(s.scale[:], s.Param(LogitScale))
	return float64(s.scale[0]), err
}

// Write puts parameters that lie as Layout says on the device.
func (s *State) Write(flat []float32) { s.device.Write(s.params, flat) }

// Weights reads the parameters from the device, by the names and shapes of a file.
func (s *State) Weights() ([]safetensors.Tensor, error) { return s.read(s.params, "") }

// Gradients reads the last step's gradients, as Weights does.
func (s *State) Gradients() ([]safetensors.Tensor, error) { return s.read(s.grads, "") }

// Moments reads the optimizer's moments, under the names "m." and "v." and the parameter's.
func (s *State) Moments() ([]safetensors.Tensor, error) {
	first, err := s.read(s.first, firstMoment)
	if err != nil {
		return nil, err
	}
	second, err := s.read(s.second, secondMoment)
	return append(first, second...), err
}

func (s *State) read(from op.Floats, prefix string) ([]safetensors.Tensor, error) {
	flat := make([]float32, s.size)
	if err := s.device.Read(flat, from); err != nil {
		return nil, err
	}
	return s.Unpack(flat, prefix), nil
}

// SetWeights loads the parameters: all must be there, in shape. On an error nothing is loaded.
func (s *State) SetWeights(tensors []safetensors.Tensor) error { return s.SetNamed(ByName(tensors)) }

// SetNamed is SetWeights of tensors by their names.
func (s *State) SetNamed(named map[string]safetensors.Tensor) error {
	flat, err := s.Pack(named, "")
	if err != nil {
		return err
	}
	s.Write(flat)
	return nil
}

// SetMoments loads what Moments gave, or nothing.
func (s *State) SetMoments(tensors []safetensors.Tensor) error {
	named := ByName(tensors)
	first, err := s.Pack(named, firstMoment)
	if err != nil {
		return err
	}
	second, err := s.Pack(named, secondMoment)
	if err != nil {
		return err
	}
	s.device.Write(s.first, first)
	s.device.Write(s.second, second)
	return nil
}

// ByName gives tensors by their names.
func ByName(tensors []safetensors.Tensor) map[string]safetensors.Tensor {
	named := make(map[string]safetensors.Tensor, len(tensors))
	for _, t := range tensors {
		named[t.Name] = t
	}
	return named
}
