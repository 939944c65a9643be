// Package openclip is open_clip's CLIP in Go: a vision transformer and a text transformer with
// hand-written forward and backward passes over the operations of package op. Shapes, names and
// numbers are open_clip's (3.3.0); docs/openclip.md says what is implemented and how far the
// two agree.
package openclip

import (
	"fmt"
	"math"

	"github.com/scalelaw/scalelaw/sweep"
	"github.com/scalelaw/scalelaw/trainer/clip/params"
	"github.com/scalelaw/scalelaw/trainer/op"
)

// Model is a CLIP model on a device, for batches of up to a fixed number of pairs. One
// goroutine uses it at a time; after New it allocates nothing in Go.
type Model struct {
	*params.State
	config   sweep.OpenCLIP
	device   op.Device
	training bool

	loss, length op.Floats // [1]
	image        *imageTower
	text         *textTower
	scalar       [1]float32 // read into, so that reading allocates nothing
}

// New makes a model whose weights are zero: Draw or load them. Without training it has no memory for
// gradients and only embeds.
func New(config sweep.OpenCLIP, device op.Device, batch int, training bool) (*Model, error) {
	if config.Vision.Channels != 0 && config.Vision.Channels != Channels {
		return nil, fmt.Errorf("vision_cfg.channels is %d: %w: the model takes %d", config.Vision.Channels, sweep.ErrUnsupported, Channels)
	}
	layout := newLayout(config)
	if layout.Size() > math.MaxInt32 {
		return nil, fmt.Errorf("the model has %d parameters: %w: at most %d in this version", layout.Size(), sweep.ErrUnsupported, math.MaxInt32)
	}
	m := &Model{State: params.NewState(layout, device, training), config: config, device: device, training: training}
	if training {
		m.loss, m.length = device.Floats(1), device.Floats(1)
	}
	m.image, m.text = m.newImageTower(batch), m.newTextTower(batch)
	return m, nil
}

// Draw gives the model its first weights. The same seed gives the same.
func (m *Model) Draw(seed int64) { m.Write(m.State.Draw(random(seed))) }

func (m *Model) activation() op.Activation {
	if m.config.QuickGELU {
		return op.QuickGELU
	}
	return op.GELU
}

// Step runs n pairs forward and backward: images [n, 3, side, side], ids [n, context]. It
// leaves the loss and the gradients on the device (see Loss and Update).
func (m *Model) Step(images []float32, ids []int32, n int) {
	d := m.device
	d.Write(m.image.images, images[:n*m.image.size()])
	d.WriteInts(m.text.ids, ids[:n*m.text.Tokens])
	m.ZeroGrads()
	s := op.Contrast{
		Rows: n, Width: m.config.EmbedDim, Image: m.image.forward(d, n), Text: m.text.forward(d, n),
		LogScale: m.Param(params.LogitScale), LogBias: m.Param("logit_bias"),
		Loss: m.loss, DImage: m.image.head.dUnit, DText: m.text.head.dUnit,
		DLogScale: m.Grad(params.LogitScale), DLogBias: m.Grad("logit_bias"),
	}
	if m.config.InitLogitBias != nil {
		d.SigLIP(s)
	} else {
		d.InfoNCE(s)
	}
	m.image.backward(d, n)
	m.text.backward(d, n)
	m.GradNorm(m.length)
}

// Loss reads the last step's loss and the Euclidean length of its gradient.
func (m *Model) Loss() (loss, length float64, err error) {
	if err := m.device.Read(m.scalar[:], m.loss); err != nil {
		return 0, 0, err
	}
	loss = float64(m.scalar[0])
	err = m.device.Read(m.scalar[:], m.length)
	return loss, float64(m.scalar[0]), err
}

// Update is one AdamW step on the last step's gradients, with s.Decay only for matrices and
// embeddings; then the logit scale is clamped.
func (m *Model) Update(s op.AdamW) {
	m.SetPace(s)
	m.State.Update(s, m.length)
}

// EmbedImages writes the unit vectors [n, embed] of images [n, 3, side, side], n at most the
// model's batch.
func (m *Model) EmbedImages(dst, images []float32, n int) error {
	m.device.Write(m.image.images, images[:n*m.image.size()])
	return m.device.Read(dst[:n*m.config.EmbedDim], m.image.forward(m.device, n))
}

// EmbedTexts writes the unit vectors [n, embed] of ids [n, context].
func (m *Model) EmbedTexts(dst []float32, ids []int32, n int) error {
	m.device.WriteInts(m.text.ids, ids[:n*m.text.Tokens])
	return m.device.Read(dst[:n*m.config.EmbedDim], m.text.forward(m.device, n))
}
