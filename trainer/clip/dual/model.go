package dual

import (
	"github.com/scalelaw/scalelaw/trainer/clip/params"
	"github.com/scalelaw/scalelaw/trainer/op"
)

// Model is two towers on a device. One goroutine uses it at a time.
type Model struct {
	*params.State
	Shape
	device op.Device
	queue  op.Queue // the device, where it is one
	use    Use
	image  Tower
	text   Tower
	in     Input

	sides    [2]side     // image, text
	contrast op.Contrast // Rows apart
	lose     func(op.Contrast)
	outcome  op.Floats // [outcomes]
	shared   []op.Floats
	share    func(op.Floats) // nil: not in a group
	adamw    op.AdamW        // of the step that was loaded last
	pace     [op.Paces]float32
	replay   func() // the recorded step; nil before
	done     bool   // a step by plain calls
	read     [outcomes]float32
}

// side are a tower's unit vectors and their gradients: of this device's batch, and, in a group,
// of all members' batches.
type side struct {
	unit, dUnit op.Floats // [batch, dims], dUnit a part of dAll
	all, dAll   op.Floats // [members*batch, dims]
}

// What a step leaves behind, in the order of the outcome.
const (
	lossAt   = iota // nats
	lengthAt        // of the gradient
	scaleAt         // natural logarithm of the logit scale, after the step
	outcomes
)

// New puts two towers together, which use the parameters of state and live on the same device.
// sigmoid chooses the loss of SigLIP.
func New(state *params.State, device op.Device, use Use, shape Shape, image, text Tower, sigmoid bool) *Model {
	m := &Model{State: state, Shape: shape, device: device, use: use, image: image, text: text}
	m.queue, _ = device.(op.Queue)
	m.in = Input{device.Activations(use.Batch * shape.Image), device.Ints(use.Batch * shape.Context)}
	for i := range m.sides {
		m.sides[i] = m.newSide()
	}
	if !use.Train {
		return m
	}
	m.outcome = device.Floats(outcomes)
	m.lose = device.InfoNCE
	if sigmoid {
		m.lose = device.SigLIP
	}
	m.contrast = m.newContrast()
	if use.Group != nil {
		m.share = m.shareNow
	}
	return m
}

func (m *Model) newSide() (s side) {
	f, own, all := m.device.Floats, m.use.Batch*m.Dims, m.use.members()*m.use.Batch*m.Dims
	s.unit = f(own)
	if !m.use.Train {
		return s
	}
	s.all, s.dAll = s.unit, f(all)
	s.dUnit = s.dAll
	if g := m.use.Group; g != nil {
		s.all = f(all)
	}
	return s
}

// newContrast is the loss over the batches of all members, which each of them computes whole:
// it is little beside the towers, and needs no gradients of vectors to travel. What belongs to
// no sample is added to the gradients by the first member alone.
func (m *Model) newContrast() op.Contrast {
	c := op.Contrast{
		Width: m.Dims, Image: m.sides[0].all, Text: m.sides[1].all, DImage: m.sides[0].dAll, DText: m.sides[1].dAll,
		LogScale: m.Param(params.LogitScale), LogBias: m.Param(params.LogitBias), Loss: m.outcome.Slice(lossAt, 1),
		DLogScale: m.Grad(params.LogitScale), DLogBias: m.Grad(params.LogitBias),
	}
	if g := m.use.Group; g != nil && g.Rank() > 0 {
		c.DLogScale = m.device.Floats(1)
		if !c.DLogBias.None() {
			c.DLogBias = m.device.Floats(1)
		}
	}
	return c
}

// EmbedImages writes the unit vectors [n, dims] of images [n, image], n at most Use.Rows.
func (m *Model) EmbedImages(dst, images []float32, n int) error {
	m.device.Write(m.in.Images, images[:n*m.Image])
	m.image.Forward(m.device, m.in, n, m.sides[0].unit)
	return m.device.Read(dst[:n*m.Dims], m.sides[0].unit)
}

// EmbedTexts writes the unit vectors [n, dims] of ids [n, context].
func (m *Model) EmbedTexts(dst []float32, ids []int32, n int) error {
	m.device.WriteInts(m.in.IDs, ids[:n*m.Context])
	m.text.Forward(m.device, m.in, n, m.sides[1].unit)
	return m.device.Read(dst[:n*m.Dims], m.sides[1].unit)
}
