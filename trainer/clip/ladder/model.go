// Package ladder is the model icons-wN: a patch convolution with an MLP beside a bag of words,
// with hand-written forward and backward passes over the operations of package op.
// docs/ladder.md has its shapes.
package ladder

import (
	"github.com/scalelaw/scalelaw/sweep"
	"github.com/scalelaw/scalelaw/trainer/clip/params"
	"github.com/scalelaw/scalelaw/trainer/op"
)

// Shapes of the image tower's input: a 32x32 image makes 8x8 positions of 8x8 patches.
const (
	side      = 32
	patch     = 8
	stride    = 4
	padding   = 2
	positions = 64
	patchSize = patch * patch

	// ImageSize is the numbers of an image.
	ImageSize = side * side
)

// Model is a ladder model on a device, for batches of up to a fixed number of pairs. One
// goroutine uses it at a time; after New it allocates nothing.
type Model struct {
	*params.State
	ladder sweep.Ladder
	device op.Device
	train  bool

	loss  op.Floats // [2] loss, length of the gradient
	image imageTower
	text  textTower
	read  [2]float32
}

// New makes a model whose weights are zero: Draw or load them. Without training it has no
// memory for gradients and only embeds.
func New(l sweep.Ladder, device op.Device, batch int, training bool) *Model {
	m := &Model{State: params.NewState(newLayout(l), device, training), ladder: l, device: device, train: training}
	if training {
		m.loss = device.Floats(2)
	}
	m.image, m.text = m.newImageTower(batch), m.newTextTower(batch)
	return m
}

// Draw gives the model its first weights. The same seed gives the same.
func (m *Model) Draw(seed int64) { m.Write(initial(m.ladder, m.Layout, seed)) }

// Step runs n pairs forward and backward: images [n, 32*32], ids [n, context], 0 for no word.
// It leaves the loss and the gradients on the device (see Loss and Update).
func (m *Model) Step(images []float32, ids []int32, n int) {
	d := m.device
	d.Write(m.image.x, images[:n*ImageSize])
	d.WriteInts(m.text.ids, ids[:n*m.ladder.Context])
	m.ZeroGrads()
	d.InfoNCE(op.Contrast{
		Rows: n, Width: m.ladder.EmbedDim, Image: m.image.forward(d, n), Text: m.text.forward(d, n),
		LogScale: m.Param(params.LogitScale), Loss: m.loss.Slice(0, 1), DImage: m.image.head.dUnit, DText: m.text.head.dUnit, DLogScale: m.Grad(params.LogitScale),
	})
	m.image.backward(d, n)
	m.text.backward(d, n)
	m.GradNorm(m.loss.Slice(1, 1))
}

// Loss reads the last step's loss in nats and the Euclidean length of its gradient.
func (m *Model) Loss() (loss, length float64, err error) {
	err = m.device.Read(m.read[:], m.loss)
	return float64(m.read[0]), float64(m.read[1]), err
}

// Update is one AdamW step on the last step's gradients, with s.Decay only for matrices and
// embeddings; then the logit scale is clamped.
func (m *Model) Update(s op.AdamW) {
	m.SetPace(s)
	m.State.Update(s, m.loss.Slice(1, 1))
}

// EmbedImages writes the unit vectors [n, embed] of images [n, 32*32], n at most the model's
// batch.
func (m *Model) EmbedImages(dst, images []float32, n int) error {
	m.device.Write(m.image.x, images[:n*ImageSize])
	return m.device.Read(dst[:n*m.ladder.EmbedDim], m.image.forward(m.device, n))
}

// EmbedTexts writes the unit vectors [n, embed] of ids [n, context].
func (m *Model) EmbedTexts(dst []float32, ids []int32, n int) error {
	m.device.WriteInts(m.text.ids, ids[:n*m.ladder.Context])
	return m.device.Read(dst[:n*m.ladder.EmbedDim], m.text.forward(m.device, n))
}
