package openclip

import (
	"github.com/scalelaw/scalelaw/trainer/op"
)

// Channels is how many an image has; open_clip's vision transformers have no other.
const Channels = 3

// imageTower: patches, class token and positions, ln_pre, blocks, head.
type imageTower struct {
	op.Patches
	tokens                          int
	images, patches                 op.Floats // [n, 3, side, side], [n*grid*grid, w]
	embedded, stats, normed         op.Floats // [n*tokens, w]; normed only with ln_pre
	conv, class, positions          op.Floats
	gain, bias                      op.Floats
	dConv, dClass, dPositions       op.Floats
	dGain, dBias, dTokens, dPatches op.Floats
	out                             op.Floats
	blocks                          *stack
	head                            *head
}

func (m *Model) newImageTower(max int) *imageTower {
	v, f := m.config.Vision, m.device.Floats
	w, grid := v.Width, v.Grid()
	t := &imageTower{
		Patches: op.Patches{Channels: Channels, Side: v.ImageSize, Patch: v.PatchSize, Stride: v.PatchSize, Width: w},
		tokens:  grid*grid + 1,
		images:  f(max * Channels * v.ImageSize * v.ImageSize), patches: f(max * grid * grid * w),
		conv: m.Param("visual.conv1.weight"), class: m.Param("visual.class_embedding"), positions: m.Param("visual.positional_embedding"),
		gain: m.Param("visual.ln_pre.weight"), bias: m.Param("visual.ln_pre.bias"),
	}
	rows := max * t.tokens
	t.embedded, t.stats = f(rows*w), f(2*rows)
	if !v.NoLNPre {
		t.normed = f(rows * w)
	}
	if m.training {
		t.dConv, t.dClass, t.dPositions = m.Grad("visual.conv1.weight"), m.Grad("visual.class_embedding"), m.Grad("visual.positional_embedding")
		t.dGain, t.dBias = m.Grad("visual.ln_pre.weight"), m.Grad("visual.ln_pre.bias")
		t.dTokens, t.dPatches = f(rows*w), f(max*grid*grid*w)
	}
	t.blocks = m.newStack(shape{
		name: "visual.transformer.resblocks", layers: v.Layers, mlp: v.MLPWidth(), max: max, act: m.activation(),
		Attention: op.Attention{Tokens: t.tokens, Heads: v.Heads(), Head: w / v.Heads()},
	})
	t.head = m.newHead(m.imageHead(t.tokens), "visual.ln_post", "visual.proj", "", max)
	return t
}

// imageHead pools the class token, or the mean of the others.
func (m *Model) imageHead(tokens int) head {
	v := m.config.Vision
	h := head{Pooling: op.Pooling{Sequence: op.Sequence{Tokens: tokens, Width: v.Width}}, embed: m.config.EmbedDim}
	if v.PoolType == "avg" {
		h.Kind, h.From, h.normFirst = op.PoolMean, 1, !v.FinalLNAfterPool
	}
	return h
}

// forward embeds the first n of t.images: unit vectors [n, embed].
func (t *imageTower) forward(d op.Device, n int) op.Floats {
	d.PatchEmbed(t.patches, t.images, t.conv, t.of(n))
	d.Prepend(t.embedded, t.class, t.patches, t.positions, t.sequence(n))
	x := t.embedded
	if !t.normed.None() {
		d.LayerNorm(t.normed, t.stats, x, t.gain, t.bias, n*t.tokens, t.Width)
		x = t.normed
	}
	t.out = t.blocks.forward(d, x, n)
	return t.head.forward(d, t.out, n)
}

func (t *imageTower) backward(d op.Device, n int) {
	dx, x := t.dTokens, t.embedded
	if !t.normed.None() {
		x = t.normed
	}
	t.head.backward(d, dx, t.out, n)
	t.blocks.backward(d, dx, x, n)
	if !t.normed.None() {
		// The last block's scratch is free again: the norm may not write over its input.
		inner := t.blocks.scratch.dInner
		d.LayerNormBack(inner, t.dGain, t.dBias, dx, t.embedded, t.stats, t.gain, op.Floats{}, n*t.tokens, t.Width)
		dx = inner
	}
	d.PrependBack(t.dClass, t.dPatches, t.dPositions, dx, t.sequence(n))
	d.PatchEmbedBack(t.dConv, op.Floats{}, t.dPatches, t.images, t.of(n))
}

// size is the numbers of an image.
func (t *imageTower) size() int { return t.Channels * t.Side * t.Side }

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
	ids                        op.Ints // [n, tokens]
	embedded, out              op.Floats
	table, positions           op.Floats
	dTable, dPositions, dInput op.Floats
	blocks                     *stack
	head                       *head
}

func (m *Model) newTextTower(max int) *textTower {
	c, f, prefix := m.config.Text, m.device.Floats, textPrefix(m.config)
	w := c.Width
	t := &textTower{
		Sequence: op.Sequence{Tokens: c.ContextLength, Width: w},
		ids:      m.device.Ints(max * c.ContextLength), embedded: f(max * c.ContextLength * w),
		table: m.Param(prefix + "token_embedding.weight"), positions: m.Param(prefix + "positional_embedding"),
	}
	if m.training {
		t.dTable, t.dPositions = m.Grad(prefix+"token_embedding.weight"), m.Grad(prefix+"positional_embedding")
		t.dInput = f(max * c.ContextLength * w)
	}
	t.blocks = m.newStack(shape{
		name: prefix + "transformer.resblocks", layers: c.Layers, mlp: c.MLPWidth(), max: max, act: m.activation(),
		Attention: op.Attention{Tokens: c.ContextLength, Heads: c.Heads, Head: w / c.Heads, Causal: !c.NoCausalMask},
	})
	project, bias := prefix+"text_projection", ""
	if c.ProjBias {
		project, bias = project+".weight", project+".bias"
	}
	t.head = m.newHead(m.textHead(t.ids, max), prefix+"ln_final", project, bias, max)
	return t
}

// textHead pools one token: at the largest id, the first, or the last.
func (m *Model) textHead(ids op.Ints, max int) head {
	c := m.config.Text
	h := head{Pooling: op.Pooling{Sequence: op.Sequence{Tokens: c.ContextLength, Width: c.Width}}, embed: m.config.EmbedDim}
	switch c.PoolType {
	case "first":
	case "last": // the largest of ids that are zero but for the last
		h.Kind, h.ids = op.PoolEnd, m.device.Ints(max*c.ContextLength)
		marks := make([]int32, max*c.ContextLength)
		for i := c.ContextLength - 1; i < len(marks); i += c.ContextLength {
			marks[i] = 1
		}
		m.device.WriteInts(h.ids, marks)
	default:
		h.Kind, h.ids = op.PoolEnd, ids
	}
	return h
}

// forward embeds the first n of t.ids: unit vectors [n, embed].
func (t *textTower) forward(d op.Device, n int) op.Floats {
	d.Embed(t.embedded, t.table, t.positions, t.ids, t.of(n))
	t.out = t.blocks.forward(d, t.embedded, n)
	return t.head.forward(d, t.out, n)
}

func (t *textTower) backward(d op.Device, n int) {
	t.head.backward(d, t.dInput, t.out, n)
	t.blocks.backward(d, t.dInput, t.embedded, n)
	d.EmbedBack(t.dTable, t.dPositions, t.dInput, t.ids, t.of(n))
}

func (t *textTower) of(n int) op.Sequence {
	s := t.Sequence
	s.Batch = n
	return s
}
