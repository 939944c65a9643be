package dual

import (
	"cmp"
	"slices"

	"github.com/scalelaw/scalelaw/trainer/clip/params"
	"github.com/scalelaw/scalelaw/trainer/op"
)

// Step runs n pairs forward and backward: images [n, image], ids [n, context]. n is the same on
// all members of a group, and a multiple of Use.Parts. It leaves the loss and the gradients on
// the device (see Loss and Update).
func (m *Model) Step(images []float32, ids []int32, n int) {
	m.device.Write(m.in.Images, images[:n*m.Image])
	m.device.WriteInts(m.in.IDs, ids[:n*m.Context])
	m.pass(n)
}

// pass is a step on what lies on the device. In parts, it is open_clip's accumulation: first
// the vectors of all parts, then the loss over all of them, then each part forward once more and
// backward. The last part's activations are still there, so that it goes first.
func (m *Model) pass(n int) {
	parts := m.use.parts()
	rows := n / parts
	m.ZeroGrads()
	for i := range parts {
		m.forward(i*rows, rows)
	}
	m.loss(n)
	for i := parts - 1; i >= 0; i-- {
		if i < parts-1 {
			m.forward(i*rows, rows)
		}
		ready := m.share
		if i > 0 {
			ready = nil
		}
		m.backward(i*rows, rows, ready)
	}
	m.shareRest()
	m.GradNorm(m.outcome.Slice(lengthAt, 1))
}

// forward makes the vectors of n samples from sample at on.
func (m *Model) forward(at, n int) {
	in := m.from(m.in, at, n)
	m.image.Forward(m.device, in, n, m.sides[0].unit.Slice(at*m.Dims, n*m.Dims))
	m.text.Forward(m.device, in, n, m.sides[1].unit.Slice(at*m.Dims, n*m.Dims))
}

func (m *Model) backward(at, n int, ready func(op.Floats)) {
	in := m.from(m.in, at, n)
	for i, tower := range [...]Tower{m.image, m.text} {
		s := &m.sides[i]
		tower.Backward(m.device, in, n, s.unit.Slice(at*m.Dims, n*m.Dims), s.dUnit.Slice(at*m.Dims, n*m.Dims), ready)
	}
}

// loss compares the vectors of all members.
func (m *Model) loss(n int) {
	c := m.contrast
	c.Rows = n * m.use.members()
	if g := m.use.Group; g != nil {
		for i := range m.sides {
			s := &m.sides[i]
			g.Gather(s.all, s.unit.Slice(0, n*m.Dims))
			s.dUnit = s.dAll.Slice(g.Rank()*n*m.Dims, n*m.Dims)
		}
	}
	m.lose(c)
}

// shareNow begins to add up gradients over the group, while the backward pass goes on.
func (m *Model) shareNow(grads op.Floats) {
	m.shared = append(m.shared, grads)
	m.use.Group.Sum(grads)
}

// shareRest adds up what no tower said to be ready, and waits for all of it.
func (m *Model) shareRest() {
	if m.use.Group == nil {
		return
	}
	slices.SortFunc(m.shared, func(a, b op.Floats) int { return cmp.Compare(a.At, b.At) })
	all, at := m.Grads(), 0
	for _, done := range m.shared {
		m.sum(all, at, done.At-all.At)
		at = done.At - all.At + done.Len
	}
	m.sum(all, at, all.Len)
	m.shared = m.shared[:0]
	m.use.Group.Join()
}

func (m *Model) sum(all op.Floats, from, to int) {
	if from < to {
		m.use.Group.Sum(all.Slice(from, to-from))
	}
}

// Update is one AdamW step on the last step's gradients, with a.Decay only for matrices and
// embeddings; then the logit scale is clamped.
func (m *Model) Update(a op.AdamW) {
	m.SetPace(a)
	m.update(a)
}

func (m *Model) update(a op.AdamW) {
	m.State.Update(a, m.outcome.Slice(lengthAt, 1))
	scale := m.outcome.Slice(scaleAt, 1)
	m.device.Zero(scale)
	m.device.Add(scale, m.Param(params.LogitScale))
}

// Outcome is where a step leaves its loss, the length of its gradient and the logit scale's
// logarithm.
func (m *Model) Outcome() op.Floats { return m.outcome }

// Loss reads the last step's loss in nats and the Euclidean length of its gradient.
func (m *Model) Loss() (loss, length float64, err error) {
	o, err := m.result(m.device.Read(m.read[:], m.outcome))
	return o.Loss, o.Length, err
}
