package clip

import (
	"fmt"

	"github.com/scalelaw/scalelaw/sweep"
	"github.com/scalelaw/scalelaw/trainer/clip/dual"
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
	// Load hands over the batch of the next Train, and how AdamW is to step.
	Load(images []float32, ids []int32, a op.AdamW)
	// Train does the whole step: forward, backward, AdamW.
	Train()
	// Behind reports whether Train returns before its step is done.
	Behind() bool
	// Fetch asks for the outcome of the step that was called last; wait gives it.
	Fetch() (wait func() (dual.Outcome, error))
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

// newModel puts a model on a device.
func newModel(m sweep.Model, device op.Device, use dual.Use) (Model, error) {
	switch {
	case m.Ladder != nil:
		return ladder.New(*m.Ladder, device, use), nil
	case m.OpenCLIP != nil:
		return openclip.New(*m.OpenCLIP, device, use)
	}
	return nil, fmt.Errorf("model %s: %w: it has no architecture", m.Name, sweep.ErrBadInput)
}

// Engine is what a Trainer computes with. The zero value is all cores of the CPU, and the fastest
// kernels that it has.
type Engine struct {
	Level string       // of the CPU's kernels: see kernel.Choose
	Cores *cpu.Cores   // shared by all runs of the process; nil: a run has the cores for itself
	GPUs  GPUs         // of the host; nil: none are used
	Warn  func(string) // hears why the CPU computes where a GPU was looked for; may be nil
	Place Place        // of evaluations and embeddings, and of runs that say nothing of it

	Other *OtherEngine // trains instead of the devices; nil: they do
}

// OtherEngine trains models by other means than package op, such as trainer/clip/gorgonia.
type OtherEngine struct {
	Name  string
	Learn func(m sweep.Model, batch int) (Learner, error)
}

// learner makes the model of a run that is to be trained, on devices that are the caller's to
// close, and names what computes.
func (e Engine) learner(run sweep.Run, d *devices) (Learner, string, error) {
	if e.Other != nil {
		r := run.Recipe
		switch {
		case r.Precision != sweep.PrecisionFP32:
			return nil, "", fmt.Errorf("%w: engine %s computes in fp32, not in %s", sweep.ErrUnsupported, e.Other.Name, r.Precision)
		case r.AccumFreq > 1 || r.Devices > 1:
			return nil, "", fmt.Errorf("%w: engine %s takes a batch at once and on one device: leave out accum_freq and devices", sweep.ErrUnsupported, e.Other.Name)
		}
		l, err := e.Other.Learn(run.Model, r.BatchSize)
		return l, e.Other.Name, err
	}
	if len(d.all) == 1 {
		l, err := newModel(run.Model, d.all[0], useOf(run.Recipe, 1, nil))
		return l, d.name(), err
	}
	l, err := newReplicas(run, d)
	return l, d.name(), err
}
