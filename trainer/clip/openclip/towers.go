package openclip

import (
	"github.com/scalelaw/scalelaw/trainer/clip/dual"
	"github.com/scalelaw/scalelaw/trainer/op"
)

// Channels is how many an image has; open_clip's vision transformers have no other.
const Channels = 3

// imageTower: patches, class token and positions, ln_pre, blocks, head.
type imageTower struct {
	op.Patches
	tokens                          int
	patches                         op.Floats // [n*grid*grid, w]
	embedded, stats, normed         op.Floats // [n*tokens, w]; normed only with ln_pre
	conv, class, positions          op.Floats
	gain, bias                      op.Floats
	dConv, dClass, dPositions       op.Floats
	dGain, dBias, dTokens, dPatches op.Floats
	out                             op.Floats
	blocks                          *stack
	head                            *head
}

func (b *builder) newImageTower() *imageTower {
	v, samples := b.config.Vision, b.use.Rows()
	w, cells := v.Width, v.Grid()*v.Grid()
	rows := samples * (cells + 1)
	t := &imageTower{
		Patches: op.Patches{Channels: Channels, Side: v.ImageSize, Patch: v.PatchSize, Stride: v.PatchSize, Width: w},
		tokens:  cells + 1,
		patches: b.activations(samples * cells * w), embedded: b.activations(rows * w), stats: b.device.Floats(2 * rows),
		conv: b.Param("visual.conv1.weight"), class: b.Param("visual.class_embedding"), positions: b.Param("visual.positional_embedding"),
		gain: b.Param("visual.ln_pre.weight"), bias: b.Param("visual.ln_pre.bias"),
		dConv: b.Grad("visual.conv1.weight"), dClass: b.Grad("visual.class_embedding"), dPositions: b.Grad("visual.positional_embedding"),
		dGain: b.Grad("visual.ln_pre.weight"), dBias: b.Grad("visual.ln_pre.bias"),
		dTokens: b.gradients(rows * w), dPatches: b.gradients(samples * cells * w),
	}
	if !v.NoLNPre {
		t.normed = b.activations(rows * w)
	}
	t.blocks = b.newStack(shape{
		name: "visual.transformer.resblocks", layers: v.Layers, mlp: v.MLPWidth(), act: b.activation(),
		Attention: op.Attention{Tokens: t.tokens, Heads: v.Heads(), Head: w / v.Heads()},
	})
	t.head = b.newHead(b.imageHead(t.tokens), "visual.ln_post", "visual.proj", "")
	return t
}

// imageHead pools the class token, or the mean of the others.
func (b *builder) imageHead(tokens int) head {
	v := b.config.Vision
	h := head{Pooling: op.Pooling{Sequence: op.Sequence{Tokens: tokens, Width: v.Width}}, embed: b.config.EmbedDim}
	if v.PoolType == "avg" {
		h.Kind, h.From, h.normFirst = op.PoolMean, 1, !v.FinalLNAfterPool
	}
	return h
}

// Forward implements dual.Tower.
func (t *imageTower) Forward(d op.Device, in dual.Input, n int, unit op.Floats) {
	d.PatchEmbed(t.patches, in.Images, t.conv, t.of(n))
	d.Prepend(t.embedded, t.class, t.patches, t.positions, t.sequence(n))
	x := t.embedded
	if !t.normed.None() {
		d.LayerNorm(t.normed, t.stats, x, t.gain, t.bias, n*t.tokens, t.Width)
		x = t.normed
	}
	t.out = t.blocks.forward(d, x, n)
	t.head.forward(d, t.out, in.IDs, n, unit)
}

// Backward implements dual.Tower.
func (t *imageTower) Backward(d op.Device, in dual.Input, n int, unit, dUnit op.Floats, ready func(op.Floats)) {
	dx, x := t.dTokens, t.embedded
	if !t.normed.None() {
		x = t.normed
	}
	t.head.backward(d, dx, t.out, in.IDs, n, unit, dUnit)
	t.blocks.backward(d, dx, x, n, ready)
	if !t.normed.None() {
		// The last block's scratch is free again: the norm may not write over its input.
		inner := t.blocks.scratch.dInner
		d.LayerNormBack(inner, t.dGain, t.dBias, dx, t.embedded, t.stats, t.gain, op.Floats{}, n*t.tokens, t.Width)
		dx = inner
	}
	d.PrependBack(t.dClass, t.dPatches, t.dPositions, dx, t.sequence(n))
	d.PatchEmbedBack(t.dConv, op.Floats{}, t.dPatches, in.Images, t.of(n))
}

func (t *imageTower) of(n int) op.Patches {
	p := t.Patches
	p.Batch = n
	return p
}

func (t *imageTower) sequence(n int) op.Sequence {
	return op.Sequence{Batch: n, Tokens: t.tokens, Width: t.Width}
}

// textTower: embeddings and positions, blocks, head.
type textTower struct {
	op.Sequence
	embedded, out              op.Floats
	table, positions           op.Floats
	dTable, dPositions, dInput op.Floats
	blocks                     *stack
	head                       *head
}

func (b *builder) newTextTower() *textTower {
	c, prefix := b.config.Text, textPrefix(b.config)
	w, numbers := c.Width, b.use.Rows()*c.ContextLength*c.Width
	table, positions := prefix+"token_embedding.weight", prefix+"positional_embedding"
	t := &textTower{
		Sequence: op.Sequence{Tokens: c.ContextLength, Width: w}, embedded: b.activations(numbers), dInput: b.gradients(numbers),
		table: b.Param(table), positions: b.Param(positions), dTable: b.Grad(table), dPositions: b.Grad(positions),
	}
	t.blocks = b.newStack(shape{
		name: prefix + "transformer.resblocks", layers: c.Layers, mlp: c.MLPWidth(), act: b.activation(),
		Attention: op.Attention{Tokens: c.ContextLength, Heads: c.Heads, Head: w / c.Heads, Causal: !c.NoCausalMask},
	})
	project, bias := prefix+"text_projection", ""
	if c.ProjBias {
		project, bias = project+".weight", project+".bias"
	}
	t.head = b.newHead(b.textHead(), prefix+"ln_final", project, bias)
	return t
}

// textHead pools one token: at the largest id, the first, or the last.
func (b *builder) textHead() head {
	c := b.config.Text
	h := head{Pooling: op.Pooling{Sequence: op.Sequence{Tokens: c.ContextLength, Width: c.Width}, Kind: op.PoolEnd}, embed: b.config.EmbedDim}
	switch c.PoolType {
	case "first":
		h.Kind = op.PoolFirst
	case "last": // the largest of ids that are zero but for the last
		marks := make([]int32, b.use.Rows()*c.ContextLength)
		for i := c.ContextLength - 1; i < len(marks); i += c.ContextLength {
			marks[i] = 1
		}
		h.ids = b.device.Ints(len(marks))
		b.device.WriteInts(h.ids, marks)
	}
	return h
}

// Forward implements dual.Tower.
func (t *textTower) Forward(d op.Device, in dual.Input, n int, unit op.Floats) {
	d.Embed(t.embedded, t.table, t.positions, in.IDs, t.of(n))
	t.out = t.blocks.forward(d, t.embedded, n)
	t.head.forward(d, t.out, in.IDs, n, unit)
}

// Backward implements dual.Tower.
func (t *textTower) Backward(d op.Device, in dual.Input, n int, unit, dUnit op.Floats, ready func(op.Floats)) {
	t.head.backward(d, t.dInput, t.out, in.IDs, n, unit, dUnit)
	t.blocks.backward(d, t.dInput, t.embedded, n, ready)
	d.EmbedBack(t.dTable, t.dPositions, t.dInput, in.IDs, t.of(n))
}

func (t *textTower) of(n int) op.Sequence {
	s := t.Sequence
	s.Batch = n
	return s
}
