// Package gorgonia is open_clip's CLIP as a graph of gorgonia's, which derives the gradients by
// itself: an independent check of the hand-written passes of package openclip, and a slow
// engine that can be chosen to train. It computes on the CPU, by the tape machine.
package gorgonia

import (
	"fmt"
	"math"

	G "gorgonia.org/gorgonia"

	"github.com/scalelaw/scalelaw/sweep"
	"github.com/scalelaw/scalelaw/trainer/clip/openclip"
	"github.com/scalelaw/scalelaw/trainer/op"
	"github.com/scalelaw/scalelaw/trainer/op/plain"
)

// maxLogitScale is ln 100, where open_clip clamps it.
const maxLogitScale = 4.605170185988092

// parameter is a tensor of open_clip's, a node of the graph, and where its numbers lie.
type parameter struct {
	name     string
	shape    []int
	at, size int
	node     *G.Node
	gradient G.Value // after a run
}

// Model is a model for batches of a fixed number of pairs. One goroutine uses it at a time.
type Model[T real] struct {
	config  sweep.OpenCLIP
	batch   int
	device  *plain.Device[T] // holds the parameters, and does AdamW
	params  []*parameter
	index   map[string]*parameter
	size    int
	flat    [4]op.Floats // parameters, gradients, first and second moments
	length  op.Floats
	machine G.VM
	patches *G.Node // [batch*grid*grid, 3*patch*patch]
	words   *G.Node // one-hot [batch*context, vocabulary]
	ends    *G.Node // which token is pooled: [batch, batch*context]
	cost    G.Value
	failed  error // of the last step
}

// maxHot bounds the one-hot matrix of words, in numbers.
const maxHot = 1 << 26

// New builds the graph. Its weights are zero: Draw or load them.
func New[T real](o sweep.OpenCLIP, batch int) (*Model[T], error) {
	if hot := batch * o.Text.ContextLength * o.Text.VocabSize; hot > maxHot {
		return nil, fmt.Errorf("engine gorgonia: %w: batch x context x vocabulary is %d, at most %d: take a smaller batch or the native engine", sweep.ErrUnsupported, hot, maxHot)
	}
	m := &Model[T]{config: o, batch: batch, device: plain.New[T](), index: map[string]*parameter{}}
	b := &builder[T]{graph: G.NewGraph(), ones: map[[2]int]*G.Node{}}
	for _, t := range openclip.First(o, 0) {
		p := &parameter{name: t.Name, shape: t.Shape, at: m.size, size: len(t.Data)}
		m.size += p.size
		m.params, m.index[t.Name] = append(m.params, p), p
	}
	for i := range m.flat {
		m.flat[i] = m.device.Floats(m.size)
	}
	m.length = m.device.Floats(1)
	for _, p := range m.params {
		rows, columns := matrixOf(p.shape)
		p.node = G.NewMatrix(b.graph, kind[T](), G.WithShape(rows, columns), G.WithName(p.name), G.WithValue(matrix(m.values(0, p), rows, columns)))
	}
	return m, m.build(b)
}

// matrixOf is a tensor's shape as a matrix: a vector is a row, a convolution [out, in].
func matrixOf(shape []int) (rows, columns int) {
	switch len(shape) {
	case 0:
		return 1, 1
	case 1:
		return 1, shape[0]
	}
	columns = 1
	for _, d := range shape[1:] {
		columns *= d
	}
	return shape[0], columns
}

// values are a parameter's numbers in flat buffer i.
func (m *Model[T]) values(i int, p *parameter) []T {
	return m.device.Values(m.flat[i].Slice(p.at, p.size))
}

// build completes the graph with the loss and its gradients.
func (m *Model[T]) build(b *builder[T]) error {
	cost := m.loss(b, m.imageTower(b), m.textTower(b))
	if b.err != nil {
		return fmt.Errorf("build the graph: %w", b.err)
	}
	var nodes G.Nodes
	for _, p := range m.params {
		nodes = append(nodes, p.node)
	}
	gradients, err := G.Grad(cost, nodes...)
	if err != nil {
		return fmt.Errorf("derive the graph: %w", err)
	}
	G.Read(cost, &m.cost)
	for i, p := range m.params {
		G.Read(gradients[i], &p.gradient)
	}
	m.machine = G.NewTapeMachine(b.graph)
	return nil
}

// Draw gives the model the first weights of the native engine.
func (m *Model[T]) Draw(seed int64) { m.failed = m.SetWeights(openclip.First(m.config, seed)) }

// Step runs n pairs, which must be the batch, forward and backward.
func (m *Model[T]) Step(images []float32, ids []int32, n int) { m.failed = m.step(images, ids, n) }

func (m *Model[T]) step(images []float32, ids []int32, n int) error {
	if n != m.batch {
		return fmt.Errorf("%d pairs; the graph is built for %d", n, m.batch)
	}
	if err := m.feed(images, ids); err != nil {
		return err
	}
	defer m.machine.Reset()
	if err := m.machine.RunAll(); err != nil {
		return fmt.Errorf("run the graph: %w", err)
	}
	for _, p := range m.params {
		switch g := p.gradient.Data().(type) {
		case []T:
			copy(m.values(1, p), g)
		case T:
			m.values(1, p)[0] = g
		}
	}
	m.device.Norm(m.length, m.flat[1])
	return nil
}

// Update is one AdamW step: matrices and embeddings decay.
func (m *Model[T]) Update(s op.AdamW) {
	s.Norm = m.length
	decay := s.Decay
	for _, p := range m.params {
		s.Decay = 0
		if len(p.shape) >= 2 {
			s.Decay = decay
		}
		part := func(i int) op.Floats { return m.flat[i].Slice(p.at, p.size) }
		m.device.AdamW(part(0), part(1), part(2), part(3), s)
	}
	scale := m.index["logit_scale"]
	m.device.Clamp(m.flat[0].Slice(scale.at, 1), 0, maxLogitScale)
}

// Loss gives the last step's loss and the length of its gradient.
func (m *Model[T]) Loss() (loss, length float64, err error) {
	if m.failed != nil {
		return 0, 0, m.failed
	}
	cost, ok := m.cost.Data().(T)
	if !ok {
		return math.NaN(), 0, fmt.Errorf("the loss is a %T", m.cost.Data())
	}
	return float64(cost), float64(m.device.Values(m.length)[0]), nil
}

// LogitScale is the natural logarithm of the logit scale.
func (m *Model[T]) LogitScale() (float64, error) {
	return float64(m.values(0, m.index["logit_scale"])[0]), m.failed
}
