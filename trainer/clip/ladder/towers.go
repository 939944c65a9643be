package ladder

import (
	"fmt"

	"github.com/scalelaw/scalelaw/trainer/clip/dual"
	"github.com/scalelaw/scalelaw/trainer/op"
)

// imageTower: convolution to w channels, GELU -> flatten [64 w], position-major -> linear to 4w
// -> blocks -> norm, projection, unit vector.
type imageTower struct {
	patches       op.Patches
	conv          dense
	cells, dCells op.Floats // [n*64, w]
	flatten       dense
	hidden, dx    op.Floats // [n, 4w]
	blocks        []block
	head          head
}

func (b *builder) newImageTower() *imageTower {
	w, h := b.ladder.Width, 4*b.ladder.Width
	t := &imageTower{
		conv: b.dense("visual.conv", patchSize, w, true), flatten: b.dense("visual.flatten", positions*w, h, true),
		cells: b.activations(positions * w), dCells: b.gradients(positions * w),
		hidden: b.activations(h), dx: b.gradients(h), head: b.head("visual", h, b.ladder.EmbedDim),
	}
	t.patches = op.Patches{
		Channels: 1, Side: side, Patch: patch, Stride: stride, Padding: padding, Width: w,
		Bias: t.conv.b, Act: op.GELU, Slope: b.gradients(positions * w),
	}
	for i := range b.ladder.Depth {
		t.blocks = append(t.blocks, b.block(fmt.Sprintf("visual.blocks.%d", i), h, h))
	}
	return t
}

// Forward implements dual.Tower.
func (t *imageTower) Forward(d op.Device, in dual.Input, n int, unit op.Floats) {
	t.patches.Batch = n
	d.PatchEmbed(t.cells, in.Images, t.conv.w, t.patches)
	d.Linear(t.hidden, t.cells, t.flatten.w, op.Linear{Rows: n, In: t.flatten.in, Out: t.flatten.out, Bias: t.flatten.b})
	x := t.hidden
	for i := range t.blocks {
		x = t.blocks[i].forward(d, x, n)
	}
	t.head.forward(d, x, n, unit)
}

// Backward implements dual.Tower. Its gradients are few: they are ready together, at the end.
func (t *imageTower) Backward(d op.Device, in dual.Input, n int, unit, dUnit op.Floats, _ func(op.Floats)) {
	t.head.backward(d, t.dx, n, unit, dUnit)
	for i := len(t.blocks) - 1; i >= 0; i-- {
		t.blocks[i].backward(d, t.dx, n)
	}
	t.flatten.backward(d, t.dCells, t.dx, t.cells, t.patches.Slope, n)
	d.PatchEmbedBack(t.conv.dw, t.conv.db, t.dCells, in.Images, t.patches)
}

// textTower: bag of words -> block -> norm, projection, unit vector.
type textTower struct {
	words         op.Sequence
	table, dTable op.Floats // [words, tw]
	x, dx         op.Floats // [n, tw]
	block         block
	head          head
}

func (b *builder) newTextTower() *textTower {
	l := b.ladder
	tw := l.TextWidth
	return &textTower{
		words: op.Sequence{Tokens: l.Context, Width: tw}, table: b.Param(wordTable), dTable: b.Grad(wordTable),
		x: b.activations(tw), dx: b.gradients(tw), block: b.block("text.block", tw, 4*tw), head: b.head("text", tw, l.EmbedDim),
	}
}

// Forward implements dual.Tower.
func (t *textTower) Forward(d op.Device, in dual.Input, n int, unit op.Floats) {
	t.words.Batch = n
	d.Bag(t.x, t.table, in.IDs, t.words)
	t.head.forward(d, t.block.forward(d, t.x, n), n, unit)
}

// Backward implements dual.Tower.
func (t *textTower) Backward(d op.Device, in dual.Input, n int, unit, dUnit op.Floats, _ func(op.Floats)) {
	t.head.backward(d, t.dx, n, unit, dUnit)
	t.block.backward(d, t.dx, n)
	d.BagBack(t.dTable, t.dx, in.IDs, t.words)
}
