// Package gorgonia is open_clip's CLIP as a graph of gorgonia's, which derives the gradients by
// itself: an independent check of the hand-written passes of package openclip, and a slow
// engine that can be chosen to train. It computes on the CPU, by the tape machine.
package gorgonia

import (
	"fmt"
	"math"

	G "gorgonia.org/gorgonia"

	"github.com/scalelaw/scalelaw/sweep"
	"github.com/scalelaw/scalelaw/trainer/clip/dual"
	"github.com/scalelaw/scalelaw/trainer/clip/openclip"
	"github.com/scalelaw/scalelaw/trainer/clip/params"
	"github.com/scalelaw/scalelaw/trainer/clip/safetensors"
	"github.com/scalelaw/scalelaw/trainer/op"
	"github.com/scalelaw/scalelaw/trainer/op/plain"
)

// parameter is a tensor of open_clip's, and a node of the graph.
type parameter struct {
	name     string
	node     *G.Node
	gradient G.Value // after a run
}

// Model is a model for batches of a fixed number of pairs. One goroutine uses it at a time.
type Model[T real] struct {
	*params.State
	config  sweep.OpenCLIP
	batch   int
	device  *plain.Device[T] // holds the parameters, and does AdamW
	nodes   []*parameter
	index   map[string]*parameter
	length  op.Floats
	machine G.VM
	patches *G.Node // [batch*grid*grid, 3*patch*patch]
	words   *G.Node // one-hot [batch*context, vocabulary]
	ends    *G.Node // which token is pooled: [batch, batch*context]
	cost    G.Value
	adamw   op.AdamW // of the step that was loaded
	failed  error    // of the last step
}

// maxHot bounds the one-hot matrix of words, in numbers.
const maxHot = 1 << 26

// New builds the graph. Its weights are zero: Draw or load them.
func New[T real](o sweep.OpenCLIP, batch int) (*Model[T], error) {
	if hot := batch * o.Text.ContextLength * o.Text.VocabSize; hot > maxHot {
		return nil, fmt.Errorf("engine gorgonia: %w: batch x context x vocabulary is %d, at most %d: take a smaller batch or the native engine", sweep.ErrUnsupported, hot, maxHot)
	}
	tensors := openclip.Parameters(o)
	for i := range tensors {
		tensors[i].Transposed = false // the graph takes them as files have them
	}
	d := plain.New[T]()
	m := &Model[T]{State: params.NewState(params.NewLayout(tensors, 1), d, true), config: o, batch: batch, device: d, index: map[string]*parameter{}, length: d.Floats(1)}
	b := &builder[T]{graph: G.NewGraph(), ones: map[[2]int]*G.Node{}}
	for _, t := range tensors {
		rows, columns := matrixOf(t.Shape)
		values := matrix(d.Values(m.Param(t.Name)), rows, columns)
		p := &parameter{name: t.Name, node: G.NewMatrix(b.graph, kind[T](), G.WithShape(rows, columns), G.WithName(t.Name), G.WithValue(values))}
		m.nodes, m.index[t.Name] = append(m.nodes, p), p
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

// build completes the graph with the loss and its gradients.
func (m *Model[T]) build(b *builder[T]) error {
	cost := m.loss(b, m.imageTower(b), m.textTower(b))
	if b.err != nil {
		return fmt.Errorf("build the graph: %w", b.err)
	}
	var nodes G.Nodes
	for _, p := range m.nodes {
		nodes = append(nodes, p.node)
	}
	gradients, err := G.Grad(cost, nodes...)
	if err != nil {
		return fmt.Errorf("derive the graph: %w", err)
	}
	G.Read(cost, &m.cost)
	for i, p := range m.nodes {
		G.Read(gradients[i], &p.gradient)
	}
	m.machine = G.NewTapeMachine(b.graph)
	return nil
}

// Draw gives the model the first weights of the native engine.
func (m *Model[T]) Draw(seed int64) { m.failed = m.SetWeights(openclip.First(m.config, seed)) }

// Load hands over the batch, whose size was given to New, and how AdamW is to step.
func (m *Model[T]) Load(images []float32, ids []int32, a op.AdamW) {
	m.failed = m.feed(images, ids)
	m.adamw = a
}

// Train does a step on what was loaded: forward, backward, AdamW.
func (m *Model[T]) Train() {
	if m.failed == nil {
		m.failed = m.run()
	}
	m.Update(m.adamw)
}

// Behind says that Train returns when its step is done.
func (m *Model[T]) Behind() bool { return false }

// Fetch gives the outcome of the last step.
func (m *Model[T]) Fetch() (wait func() (dual.Outcome, error)) {
	return func() (o dual.Outcome, err error) {
		if o.Loss, o.Length, err = m.Loss(); err == nil {
			o.Scale, err = m.LogitScale()
		}
		return o, err
	}
}

// Step runs n pairs, which must be the batch, forward and backward.
func (m *Model[T]) Step(images []float32, ids []int32, n int) {
	if n != m.batch {
		m.failed = fmt.Errorf("%d pairs; the graph is built for %d", n, m.batch)
		return
	}
	if m.failed = m.feed(images, ids); m.failed == nil {
		m.failed = m.run()
	}
}

// run computes the loss and the gradients of what was fed.
func (m *Model[T]) run() error {
	defer m.machine.Reset()
	if err := m.machine.RunAll(); err != nil {
		return fmt.Errorf("run the graph: %w", err)
	}
	for _, p := range m.nodes {
		switch g := p.gradient.Data().(type) {
		case []T:
			copy(m.device.Values(m.Grad(p.name)), g)
		case T:
			m.device.Values(m.Grad(p.name))[0] = g
		}
	}
	m.GradNorm(m.length)
	return nil
}

// Update is one AdamW step: matrices and embeddings decay.
func (m *Model[T]) Update(s op.AdamW) {
	m.SetPace(s)
	m.State.Update(s, m.length)
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

// SetWeights loads a checkpoint's parameters, as the native engine does.
func (m *Model[T]) SetWeights(tensors []safetensors.Tensor) error {
	named, err := openclip.Named(m.config, tensors)
	if err != nil {
		return err
	}
	return m.SetNamed(named)
}
