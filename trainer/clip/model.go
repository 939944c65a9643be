package clip

import (
	"fmt"

	"github.com/scalelaw/scalelaw/sweep"
	"github.com/scalelaw/scalelaw/trainer/clip/ladder"
	"github.com/scalelaw/scalelaw/trainer/clip/openclip"
	"github.com/scalelaw/scalelaw/trainer/clip/safetensors"
	"github.com/scalelaw/scalelaw/trainer/op"
	"github.com/scalelaw/scalelaw/trainer/op/cpu"
)

// Learner is a CLIP model as training drives it.
type Learner interface {
	// Draw gives the model its first weights.
	Draw(seed int64)
	// Step runs n pairs forward and backward and leaves loss and gradients on the device.
	Step(images []float32, ids []int32, n int)
	// Update is an AdamW step on the last gradients.
	Update(s op.AdamW)
	// Loss reads the last step's loss in nats and its gradient's length.
	Loss() (loss, length float64, err error)
	// LogitScale reads the natural logarithm of the logit scale.
	LogitScale() (float64, error)
	Weights() ([]safetensors.Tensor, error)
	Moments() ([]safetensors.Tensor, error)
	SetWeights([]safetensors.Tensor) error
	SetMoments([]safetensors.Tensor) error
}

// Model is a CLIP model on a device. Every architecture that this trainer knows implements it.
type Model interface {
	Learner
	// EmbedImages and EmbedTexts write the unit vectors of n images or texts.
	EmbedImages(dst, images []float32, n int) error
	EmbedTexts(dst []float32, ids []int32, n int) error
}

// shape is what a model takes for a sample, and gives.
type shape struct {
	image int // numbers of an image
	ids   int // of a caption
	words int // ids are below it
	dims  int // of the shared space
}

func shapeOf(m sweep.Model) shape {
	if o := m.OpenCLIP; o != nil {
		return shape{openclip.Channels * o.Vision.ImageSize * o.Vision.ImageSize, o.Text.ContextLength, o.Text.VocabSize, o.EmbedDim}
	}
	return shape{ladder.ImageSize, m.Ladder.Context, m.Ladder.Vocabulary + 2, m.Ladder.EmbedDim}
}

// newModel puts a model on a device, for batches of up to some pairs. training says whether it
// needs memory for gradients.
func newModel(m sweep.Model, device op.Device, batch int, training bool) (Model, shape, error) {
	switch {
	case m.Ladder != nil:
		return ladder.New(*m.Ladder, device, batch, training), shapeOf(m), nil
	case m.OpenCLIP != nil:
		model, err := openclip.New(*m.OpenCLIP, device, batch, training)
		return model, shapeOf(m), err
	}
	return nil, shape{}, fmt.Errorf("model %s: %w: it has no architecture", m.Name, sweep.ErrBadInput)
}

// Engine is what a Trainer computes with. The zero value is all cores, and the fastest kernels
// that the CPU has.
type Engine struct {
	Level string     // of the CPU's kernels: see kernel.Choose
	Cores *cpu.Cores // shared by all runs of the process; nil: a run has the cores for itself

	Other *OtherEngine // trains instead of the devices; nil: they do
}

// OtherEngine trains models by other means than package op, such as trainer/clip/gorgonia.
type OtherEngine struct {
	Name  string
	Learn func(m sweep.Model, batch int) (Learner, error)
}

// learner makes the model of a run that is to be trained, and names what computes.
func (e Engine) learner(run sweep.Run, device op.Device) (Learner, string, error) {
	m, batch := run.Model, run.Recipe.BatchSize
	if e.Other != nil {
		if p := run.Recipe.Precision; p != sweep.PrecisionFP32 {
			return nil, "", fmt.Errorf("%w: engine %s computes in fp32, not in %s", sweep.ErrUnsupported, e.Other.Name, p)
		}
		l, err := e.Other.Learn(m, batch)
		return l, e.Other.Name, err
	}
	l, _, err := newModel(m, device, batch, true)
	return l, device.Name(), err
}

// device makes a device that computes in a precision of sweep's; "" is fp32.
func (e Engine) device(threads int, precision string) (op.Device, error) {
	if precision == sweep.PrecisionTF32 {
		return nil, fmt.Errorf("%w: precision tf32 is one of GPUs; take fp32", sweep.ErrNoDevice)
	}
	return cpu.New(cpu.Options{Threads: threads, Level: e.Level, Cores: e.Cores, BF16: precision == sweep.PrecisionBF16})
}
