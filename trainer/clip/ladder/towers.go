package ladder

import (
	"fmt"

	"github.com/scalelaw/scalelaw/trainer/op"
)

// imageTower: convolution to w channels, GELU -> flatten [64 w], position-major -> linear to 4w
// -> blocks -> norm, projection, unit vector.
type imageTower struct {
	patches       op.Patches
	conv          dense
	x             op.Floats // [n, 32*32]
	cells, dCells op.Floats // [n*64, w]
	flatten       dense
	hidden, dx    op.Floats // [n, 4w]
	blocks        []block
	head          head
}

func (m *Model) newImageTower(batch int) imageTower {
	w, h := m.ladder.Width, 4*m.ladder.Width
	t := imageTower{
		conv: m.dense("visual.conv", patchSize, w, true), flatten: m.dense("visual.flatten", positions*w, h, true),
		x: m.device.Floats(batch * ImageSize), cells: m.device.Floats(batch * positions * w), dCells: m.training(batch * positions * w),
		hidden: m.device.Floats(batch * h), dx: m.training(batch * h), head: m.head("visual", h, m.ladder.EmbedDim, batch),
	}
	t.patches = op.Patches{
		Channels: 1, Side: side, Patch: patch, Stride: stride, Padding: padding, Width: w,
		Bias: t.conv.b, Act: op.GELU, Slope: m.training(batch * positions * w),
	}
	for i := range m.ladder.Depth {
		t.blocks = append(t.blocks, m.block(fmt.Sprintf("visual.blocks.%d", i), h, h, batch))
	}
	return t
}

// forward gives unit vectors [n, e] of the images in x.
func (t *imageTower) forward(d op.Device, n int) op.Floats {
	t.patches.Batch = n
	d.PatchEmbed(t.cells, t.x, t.conv.w, t.patches)
	d.Linear(t.hidden, t.cells, t.flatten.w, op.Linear{Rows: n, In: t.flatten.in, Out: t.flatten.out, Bias: t.flatten.b})
	x := t.hidden
	for i := range t.blocks {
		x = t.blocks[i].forward(d, x, n)
	}
	return t.head.forward(d, x, n)
}

func (t *imageTower) backward(d op.Device, n int) {
	t.head.backward(d, t.dx, n)
	for i := len(t.blocks) - 1; i >= 0; i-- {
		t.blocks[i].backward(d, t.dx, n)
	}
	t.flatten.backward(d, t.dCells, t.dx, t.cells, t.patches.Slope, n)
	d.PatchEmbedBack(t.conv.dw, t.conv.db, t.dCells, t.x, t.patches)
}

// textTower: bag of words -> block -> norm, projection, unit vector.
type textTower struct {
	words         op.Sequence
	table, dTable op.Floats // [words, tw]
	ids           op.Ints   // [n, context]
	x, dx         op.Floats // [n, tw]
	block         block
	head          head
}

func (m *Model) newTextTower(batch int) textTower {
	l := m.ladder
	tw := l.TextWidth
	return textTower{
		words: op.Sequence{Tokens: l.Context, Width: tw}, table: m.Param(wordTable), dTable: m.Grad(wordTable),
		ids: m.device.Ints(batch * l.Context), x: m.device.Floats(batch * tw), dx: m.training(batch * tw),
		block: m.block("text.block", tw, 4*tw, batch), head: m.head("text", tw, l.EmbedDim, batch),
	}
}

// forward gives unit vectors [n, e] of the captions in ids.
func (t *textTower) forward(d op.Device, n int) op.Floats {
	t.words.Batch = n
	d.Bag(t.x, t.table, t.ids, t.words)
	return t.head.forward(d, t.block.forward(d, t.x, n), n)
}

func (t *textTower) backward(d op.Device, n int) {
	t.head.backward(d, t.dx, n)
	t.block.backward(d, t.dx, n)
	d.BagBack(t.dTable, t.dx, t.ids, t.words)
}
