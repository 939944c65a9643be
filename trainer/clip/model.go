package clip

import (
	"fmt"

	"github.com/scalelaw/scalelaw/sweep"
)

// maxLogitScale is ln 100, where open_clip and Radford et al. 2021 (section 2.5) clamp it.
const maxLogitScale = 4.605170185988092

// network is a ladder model with memory for batches of up to rows samples. One goroutine uses
// it at a time; it allocates nothing after newNetwork.
type network[T real] struct {
	y      *layout
	params []T
	grads  []T
	image  imageTower[T]
	text   textTower[T]
	loss   *contrast[T]
}

func newNetwork[T real](y *layout, params []T, rows int) *network[T] {
	return &network[T]{
		y: y, params: params, grads: make([]T, y.size),
		image: newImageTower[T](y, rows), text: newTextTower[T](y, rows),
		loss: newContrast[T](rows, y.ladder.EmbedDim),
	}
}

func (n *network[T]) p(name string) []T { return of(n.y, n.params, name) }
func (n *network[T]) g(name string) []T { return of(n.y, n.grads, name) }

// step runs forward and backward over a batch and leaves the gradients in n.grads. patches is
// [rows*64, 64] (see patchesOf), captions are word ids.
func (n *network[T]) step(patches []T, captions [][]int32) float64 {
	rows := len(captions)
	clear(n.grads)
	image, text := n.embedImages(patches, rows), n.embedTexts(captions)
	loss, d := n.loss.loss(image, text, n.p("logit_scale")[0], rows, n.y.ladder.EmbedDim)
	n.g("logit_scale")[0] = d
	n.imagesBack(patches, rows)
	n.textsBack(captions)
	return loss
}

// block is the memory of x + fc2(gelu(fc1(norm(x)))): c wide, hidden inside.
type block[T real] struct {
	name               string
	c, hidden          int
	normed, hat, scale []T
	inner, slope       []T
	out                []T
	dInner, dNormed    []T
}

func newBlock[T real](name string, c, hidden, rows int) *block[T] {
	mem := func(width int) []T { return make([]T, rows*width) }
	return &block[T]{
		name: name, c: c, hidden: hidden, normed: mem(c), hat: mem(c), scale: mem(1),
		inner: mem(hidden), slope: mem(hidden), out: mem(c), dInner: mem(hidden), dNormed: mem(c),
	}
}

// forward adds the block's output to x [rows, c] in place.
func (b *block[T]) forward(n *network[T], x []T, rows int) {
	layerNorm(b.normed, b.hat, b.scale, x, n.p(b.name+".norm.weight"), n.p(b.name+".norm.bias"), rows, b.c)
	inner := b.inner[:rows*b.hidden]
	linear(inner, b.normed, n.p(b.name+".fc1.weight"), n.p(b.name+".fc1.bias"), rows, b.c, b.hidden)
	gelu(inner, b.slope, inner)
	linear(b.out, inner, n.p(b.name+".fc2.weight"), n.p(b.name+".fc2.bias"), rows, b.hidden, b.c)
	addTo(x, b.out[:rows*b.c])
}

// backward turns the gradient by the block's output d [rows, c] into that by its input.
func (b *block[T]) backward(n *network[T], d []T, rows int) {
	dInner := b.dInner[:rows*b.hidden]
	linearBack(dInner, n.g(b.name+".fc2.weight"), n.g(b.name+".fc2.bias"), d, b.inner, n.p(b.name+".fc2.weight"), rows, b.hidden, b.c)
	geluBack(dInner, b.slope)
	linearBack(b.dNormed, n.g(b.name+".fc1.weight"), n.g(b.name+".fc1.bias"), dInner, b.normed, n.p(b.name+".fc1.weight"), rows, b.c, b.hidden)
	layerNormBack(b.out, n.g(b.name+".norm.weight"), n.g(b.name+".norm.bias"), b.dNormed, b.hat, b.scale, n.p(b.name+".norm.weight"), rows, b.c)
	addTo(d, b.out[:rows*b.c])
}

// head is the memory of normalize(proj(norm(x))): from c to e wide.
type head[T real] struct {
	tower              string
	c, e               int
	normed, hat, scale []T
	projected          []T
	unit, inverse      []T
	dProjected         []T
	dNormed, dInput    []T
}

func newHead[T real](tower string, c, e, rows int) head[T] {
	mem := func(width int) []T { return make([]T, rows*width) }
	return head[T]{
		tower: tower, c: c, e: e, normed: mem(c), hat: mem(c), scale: mem(1),
		projected: mem(e), unit: mem(e), inverse: mem(1), dProjected: mem(e), dNormed: mem(c), dInput: mem(c),
	}
}

// forward gives unit vectors [rows, e].
func (h *head[T]) forward(n *network[T], x []T, rows int) []T {
	layerNorm(h.normed, h.hat, h.scale, x, n.p(h.tower+".norm.weight"), n.p(h.tower+".norm.bias"), rows, h.c)
	linear(h.projected, h.normed, n.p(h.tower+".proj.weight"), nil, rows, h.c, h.e)
	normalize(h.unit, h.inverse, h.projected, rows, h.e)
	return h.unit[:rows*h.e]
}

// backward gives the gradient by x [rows, c].
func (h *head[T]) backward(n *network[T], d []T, rows int) []T {
	normalizeBack(h.dProjected, d, h.unit, h.inverse, rows, h.e)
	linearBack(h.dNormed, n.g(h.tower+".proj.weight"), nil, h.dProjected, h.normed, n.p(h.tower+".proj.weight"), rows, h.c, h.e)
	layerNormBack(h.dInput, n.g(h.tower+".norm.weight"), n.g(h.tower+".norm.bias"), h.dNormed, h.hat, h.scale, n.p(h.tower+".norm.weight"), rows, h.c)
	return h.dInput[:rows*h.c]
}

func ladderOf(run sweep.Run) (*layout, error) {
	if run.Model.Ladder == nil {
		return nil, fmt.Errorf("train model %s: %w: the clip trainer takes the icons-* ladder in this version", run.Model.Name, sweep.ErrUnsupported)
	}
	return newLayout(*run.Model.Ladder), nil
}
