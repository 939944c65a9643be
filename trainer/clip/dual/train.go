package dual

import "github.com/scalelaw/scalelaw/trainer/op"

// Outcome is what a whole step came to.
type Outcome struct {
	Loss   float64 // nats
	Length float64 // of the gradient
	Scale  float64 // natural logarithm of the logit scale, after the step
}

// Behind reports whether Train returns before its step is done: then there is time to Load the
// next batch, and to Fetch an outcome later than at once.
func (m *Model) Behind() bool { return m.queue != nil }

// Load hands over the batch of the next Train, of Use.Batch pairs, and how AdamW is to step: the
// same in every step but for its rate and number. images and ids may be changed as soon as it
// returns. On a device that runs behind the calls they are copied while the step before is
// computed. Without images (nil) the batch stays the one before.
func (m *Model) Load(images []float32, ids []int32, a op.AdamW) {
	m.adamw = a
	m.pace = a.Pace()
	write, writeInts := m.device.Write, m.device.WriteInts
	if m.queue != nil {
		write, writeInts = m.queue.Stage, m.queue.StageInts
	}
	if images != nil {
		write(m.in.Images, images[:m.use.Batch*m.Image])
		writeInts(m.in.IDs, ids[:m.use.Batch*m.Context])
	}
	write(m.Pace(), m.pace[:])
}

// Train does the whole step on what was loaded: forward, backward, AdamW. A device that can
// record does the first by plain calls, and records it for all others.
func (m *Model) Train() {
	if m.queue == nil {
		m.whole()
		return
	}
	m.queue.Land()
	switch {
	case m.replay != nil:
		m.replay()
	case m.done && m.use.Record:
		m.replay = m.queue.Record(m.whole)
		m.replay()
	default:
		m.whole()
		m.done = true
	}
}

func (m *Model) whole() {
	m.pass(m.use.Batch)
	m.update(m.adamw)
}

// Fetch asks for the outcome of the step that was called last. wait gives it.
func (m *Model) Fetch() (wait func() (Outcome, error)) {
	if m.queue == nil {
		return func() (Outcome, error) { return m.result(m.device.Read(m.read[:], m.outcome)) }
	}
	arrived := m.queue.Fetch(m.outcome)
	return func() (Outcome, error) { return m.result(arrived(m.read[:])) }
}

// result is what was read.
func (m *Model) result(err error) (Outcome, error) {
	return Outcome{float64(m.read[lossAt]), float64(m.read[lengthAt]), float64(m.read[scaleAt])}, err
}
