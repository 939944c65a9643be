package clip

import "fmt"

// imageTower is the memory of the image side: patches -> convolution to w channels, GELU ->
// flatten [64 w] -> linear to 4w -> blocks -> norm, projection, unit vector.
type imageTower[T real] struct {
	conv, convSlope []T // [rows*64, w]; position-major, so a sample's row is [64 w]
	hidden          []T // [rows, 4w]
	blocks          []*block[T]
	head            head[T]
	dConv           []T
}

func newImageTower[T real](y *layout, rows int) imageTower[T] {
	w, h := y.ladder.Width, 4*y.ladder.Width
	t := imageTower[T]{
		conv: make([]T, rows*positions*w), convSlope: make([]T, rows*positions*w), dConv: make([]T, rows*positions*w),
		hidden: make([]T, rows*h), head: newHead[T]("visual", h, y.ladder.EmbedDim, rows),
	}
	for i := range y.ladder.Depth {
		t.blocks = append(t.blocks, newBlock[T](fmt.Sprintf("visual.blocks.%d", i), h, h, rows))
	}
	return t
}

// embedImages gives unit vectors [rows, e] of patches [rows*64, 64].
func (n *network[T]) embedImages(patches []T, rows int) []T {
	t, w := &n.image, n.y.ladder.Width
	conv := t.conv[:rows*positions*w]
	linear(conv, patches, n.p("visual.conv.weight"), n.p("visual.conv.bias"), rows*positions, patchSize, w)
	gelu(conv, t.convSlope, conv)
	hidden := t.hidden[:rows*4*w]
	linear(hidden, conv, n.p("visual.flatten.weight"), n.p("visual.flatten.bias"), rows, positions*w, 4*w)
	for _, b := range t.blocks {
		b.forward(n, hidden, rows)
	}
	return t.head.forward(n, hidden, rows)
}

func (n *network[T]) imagesBack(patches []T, rows int) {
	t, w := &n.image, n.y.ladder.Width
	d := t.head.backward(n, n.loss.dImage, rows)
	for i := len(t.blocks) - 1; i >= 0; i-- {
		t.blocks[i].backward(n, d, rows)
	}
	dConv := t.dConv[:rows*positions*w]
	linearBack(dConv, n.g("visual.flatten.weight"), n.g("visual.flatten.bias"), d, t.conv, n.p("visual.flatten.weight"), rows, positions*w, 4*w)
	geluBack(dConv, t.convSlope)
	linearBack[T](nil, n.g("visual.conv.weight"), n.g("visual.conv.bias"), dConv, patches, n.p("visual.conv.weight"), rows*positions, patchSize, w)
}

// textTower is the memory of the text side: bag of words -> block -> norm, projection, unit vector.
type textTower[T real] struct {
	x     []T // [rows, tw]
	block *block[T]
	head  head[T]
}

func newTextTower[T real](y *layout, rows int) textTower[T] {
	tw := y.ladder.TextWidth
	return textTower[T]{
		x:     make([]T, rows*tw),
		block: newBlock[T]("text.block", tw, 4*tw, rows),
		head:  newHead[T]("text", tw, y.ladder.EmbedDim, rows),
	}
}

// embedTexts gives unit vectors [len(captions), e].
func (n *network[T]) embedTexts(captions [][]int32) []T {
	t, tw, rows := &n.text, n.y.ladder.TextWidth, len(captions)
	x := t.x[:rows*tw]
	bag(x, n.p("text.embedding.weight"), captions, tw)
	t.block.forward(n, x, rows)
	return t.head.forward(n, x, rows)
}

func (n *network[T]) textsBack(captions [][]int32) {
	t, rows := &n.text, len(captions)
	d := t.head.backward(n, n.loss.dText, rows)
	t.block.backward(n, d, rows)
	bagBack(n.g("text.embedding.weight"), d, captions, n.y.ladder.TextWidth)
}

// patchesOf writes the 64 overlapping 8x8 patches of an image [32*32], shifted by (dx, dy), to
// dst [64*64]. Pixels p become (p - 0.25)*3; what a shift uncovers is background (p = 0), what
// lies outside the image is 0, as a convolution pads.
func patchesOf[T real](dst []T, image []float32, dx, dy int) {
	const side = 32
	at := 0
	for py := -padding; py <= side+padding-patch; py += stride {
		for px := -padding; px <= side+padding-patch; px += stride {
			for y := py; y < py+patch; y++ {
				for x := px; x < px+patch; x++ {
					var v T
					if y >= 0 && y < side && x >= 0 && x < side {
						v = T(shifted(image, x-dx, y-dy)-0.25) * 3
					}
					dst[at] = v
					at++
				}
			}
		}
	}
}

func shifted(image []float32, x, y int) float32 {
	if uint(x) >= 32 || uint(y) >= 32 {
		return 0
	}
	return image[y*32+x]
}
