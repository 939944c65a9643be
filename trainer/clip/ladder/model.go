// Package ladder is the model icons-wN: a patch convolution with an MLP beside a bag of words,
// with hand-written forward and backward passes over the operations of package op.
// docs/ladder.md has its shapes.
package ladder

import (
	"github.com/scalelaw/scalelaw/sweep"
	"github.com/scalelaw/scalelaw/trainer/clip/dual"
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

// Model is a ladder model on a device. One goroutine uses it at a time; after New it allocates
// nothing. It has few and small blocks: dual.Use.Checkpoint saves nothing here.
type Model struct {
	*dual.Model
	ladder sweep.Ladder
}

// New makes a model whose weights are zero: Draw or load them.
func New(l sweep.Ladder, device op.Device, use dual.Use) *Model {
	b := &builder{State: params.NewState(newLayout(l), device, use.Train), ladder: l, device: device, use: use}
	shape := dual.Shape{Image: ImageSize, Context: l.Context, Dims: l.EmbedDim}
	return &Model{dual.New(b.State, device, use, shape, b.newImageTower(), b.newTextTower(), false), l}
}

// Draw gives the model its first weights. The same seed gives the same.
func (m *Model) Draw(seed int64) { m.Write(initial(m.ladder, m.Layout, seed)) }

// builder makes the towers of a model.
type builder struct {
	*params.State
	ladder sweep.Ladder
	device op.Device
	use    dual.Use
}

// activations gives memory of a width for each sample that is seen at a time.
func (b *builder) activations(width int) op.Floats {
	return b.device.Activations(b.use.Rows() * width)
}

// floats is activations of numbers that stay in float32.
func (b *builder) floats(width int) op.Floats { return b.device.Floats(b.use.Rows() * width) }

// gradients is activations that only training needs.
func (b *builder) gradients(width int) op.Floats {
	if !b.use.Train {
		return op.Floats{}
	}
	return b.activations(width)
}
