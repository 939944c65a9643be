// Package openclip is open_clip's CLIP in Go: a vision transformer and a text transformer with
// hand-written forward and backward passes over the operations of package op. Shapes, names and
// numbers are open_clip's (3.3.0); docs/openclip.md says what is implemented and how far the
// two agree.
package openclip

import (
	"fmt"
	"math"

	"github.com/scalelaw/scalelaw/sweep"
	"github.com/scalelaw/scalelaw/trainer/clip/dual"
	"github.com/scalelaw/scalelaw/trainer/clip/params"
	"github.com/scalelaw/scalelaw/trainer/op"
)

// Model is a CLIP model on a device. One goroutine uses it at a time; after New it allocates
// nothing in Go.
type Model struct {
	*dual.Model
	config sweep.OpenCLIP
	device op.Device
}

// New makes a model whose weights are zero: Draw or load them.
func New(config sweep.OpenCLIP, device op.Device, use dual.Use) (*Model, error) {
	if config.Vision.Channels != 0 && config.Vision.Channels != Channels {
		return nil, fmt.Errorf("vision_cfg.channels is %d: %w: the model takes %d", config.Vision.Channels, sweep.ErrUnsupported, Channels)
	}
	layout := newLayout(config)
	if layout.Size() > math.MaxInt32 {
		return nil, fmt.Errorf("the model has %d parameters: %w: at most %d in this version", layout.Size(), sweep.ErrUnsupported, math.MaxInt32)
	}
	b := &builder{State: params.NewState(layout, device, use.Train), config: config, device: device, use: use}
	v := config.Vision
	shape := dual.Shape{Image: Channels * v.ImageSize * v.ImageSize, Context: config.Text.ContextLength, Dims: config.EmbedDim}
	m := dual.New(b.State, device, use, shape, b.newImageTower(), b.newTextTower(), config.InitLogitBias != nil)
	return &Model{Model: m, config: config, device: device}, nil
}

// Draw gives the model its first weights. The same seed gives the same.
func (m *Model) Draw(seed int64) { m.Write(m.State.Draw(random(seed))) }

// builder makes the towers of a model.
type builder struct {
	*params.State
	config sweep.OpenCLIP
	device op.Device
	use    dual.Use
}

// activations gives memory for activations, kept from the forward pass to the backward one.
func (b *builder) activations(n int) op.Floats { return b.device.Activations(n) }

// gradients gives memory that only training needs.
func (b *builder) gradients(n int) op.Floats {
	if !b.use.Train {
		return op.Floats{}
	}
	return b.device.Activations(n)
}

func (b *builder) activation() op.Activation {
	if b.config.QuickGELU {
		return op.QuickGELU
	}
	return op.GELU
}
