package gorgonia

import (
	"strconv"

	G "gorgonia.org/gorgonia"

	"github.com/scalelaw/scalelaw/sweep"
)

// p is a parameter's node; nil when the model has none such.
func (m *Model[T]) p(name string) *G.Node {
	if p := m.index[name]; p != nil {
		return p.node
	}
	return nil
}

// far is added to logits of tokens that are not seen.
const far = -1e9

// blocks are a tower's residual blocks over x [batch*tokens, width].
func (m *Model[T]) blocks(b *builder[T], x *G.Node, name string, layers, tokens, width, heads, mlp int, causal bool) *G.Node {
	rows := m.batch * tokens
	mask := b.constant(name+" mask", rows, rows, func(r, c int) float64 {
		if r/tokens == c/tokens && (!causal || c <= r) {
			return 0
		}
		return far
	})
	for i := range layers {
		p := func(rest string) *G.Node { return m.p(name + "." + strconv.Itoa(i) + rest) }
		y := b.norm(x, p(".ln_1.weight"), p(".ln_1.bias"), rows, width)
		y = b.attention(b.linear(y, p(".attn.in_proj_weight"), p(".attn.in_proj_bias"), rows), mask, rows, width, heads)
		x = b.add(x, b.linear(y, p(".attn.out_proj.weight"), p(".attn.out_proj.bias"), rows))
		y = b.norm(x, p(".ln_2.weight"), p(".ln_2.bias"), rows, width)
		y = b.activation(b.linear(y, p(".mlp.c_fc.weight"), p(".mlp.c_fc.bias"), rows), rows, mlp, m.config.QuickGELU)
		x = b.add(x, b.linear(y, p(".mlp.c_proj.weight"), p(".mlp.c_proj.bias"), rows))
	}
	return x
}

// tile repeats tokens [tokens, width] for every sample.
func (m *Model[T]) tile(b *builder[T], x *G.Node, tokens int) *G.Node {
	return b.mul(b.constant("tile", m.batch*tokens, tokens, func(r, c int) float64 { return equal(r%tokens, c) }), x)
}

// imageTower gives unit vectors [batch, embed] of m.patches.
func (m *Model[T]) imageTower(b *builder[T]) *G.Node {
	v := m.config.Vision
	patches := v.Grid() * v.Grid()
	tokens, width := patches+1, v.Width
	rows := m.batch * tokens
	m.patches = b.input("patches", m.batch*patches, 3*v.PatchSize*v.PatchSize)
	behind := b.constant("behind the class", rows, m.batch*patches, func(r, c int) float64 {
		return equal(r, c/patches*tokens+c%patches+1)
	})
	first := b.constant("class", rows, 1, func(r, _ int) float64 { return equal(r%tokens, 0) })
	x := b.add(b.mul(behind, b.linear(m.patches, m.p("visual.conv1.weight"), nil, 0)), b.mul(first, m.p("visual.class_embedding")))
	x = b.add(x, m.tile(b, m.p("visual.positional_embedding"), tokens))
	if !v.NoLNPre {
		x = b.norm(x, m.p("visual.ln_pre.weight"), m.p("visual.ln_pre.bias"), rows, width)
	}
	x = m.blocks(b, x, "visual.transformer.resblocks", v.Layers, tokens, width, v.Heads(), v.MLPWidth(), false)
	gain, bias := m.p("visual.ln_post.weight"), m.p("visual.ln_post.bias")
	pool := b.constant("pool images", m.batch, rows, m.imagePool(v, tokens))
	if v.FinalLNAfterPool {
		x = b.norm(b.mul(pool, x), gain, bias, m.batch, width)
	} else {
		x = b.mul(pool, b.norm(x, gain, bias, rows, width))
	}
	return b.unit(b.mul(x, m.p("visual.proj")), m.batch, m.config.EmbedDim)
}

// imagePool takes the class token, or the mean of the others.
func (m *Model[T]) imagePool(v sweep.VisionTower, tokens int) func(r, c int) float64 {
	return func(r, c int) float64 {
		own := equal(r, c/tokens)
		if v.PoolType == "avg" {
			return own * (1 - equal(c%tokens, 0)) / float64(tokens-1)
		}
		return own * equal(c%tokens, 0)
	}
}

// textTower gives unit vectors [batch, embed] of m.words, pooled by m.ends.
func (m *Model[T]) textTower(b *builder[T]) *G.Node {
	t, prefix := m.config.Text, ""
	if m.config.CustomText {
		prefix = "text."
	}
	rows := m.batch * t.ContextLength
	m.words = b.input("words", rows, t.VocabSize)
	m.ends = b.input("ends", m.batch, rows)
	x := b.add(b.mul(m.words, m.p(prefix+"token_embedding.weight")), m.tile(b, m.p(prefix+"positional_embedding"), t.ContextLength))
	x = m.blocks(b, x, prefix+"transformer.resblocks", t.Layers, t.ContextLength, t.Width, t.Heads, t.MLPWidth(), !t.NoCausalMask)
	x = b.mul(m.ends, b.norm(x, m.p(prefix+"ln_final.weight"), m.p(prefix+"ln_final.bias"), rows, t.Width))
	if t.ProjBias {
		x = b.linear(x, m.p(prefix+"text_projection.weight"), m.p(prefix+"text_projection.bias"), m.batch)
	} else {
		x = b.mul(x, m.p(prefix+"text_projection"))
	}
	return b.unit(x, m.batch, m.config.EmbedDim)
}

// loss is InfoNCE, or SigLIP's where the logits have a bias.
func (m *Model[T]) loss(b *builder[T], image, text *G.Node) *G.Node {
	n := m.batch
	spread := func(x *G.Node) *G.Node { return b.across(b.down(x, n), n) }
	logits := b.times(b.mul(image, b.transposed(text)), spread(b.one(G.Exp, m.p("logit_scale"))))
	sum := func(x *G.Node) *G.Node { return b.one(func(x *G.Node) (*G.Node, error) { return G.Sum(x) }, x) }
	if bias := m.p("logit_bias"); bias != nil {
		sign := b.constant("signs", n, n, func(r, c int) float64 { return 1 - 2*equal(r, c) })
		return sum(b.scaled(b.one(G.Softplus, b.times(sign, b.add(logits, spread(bias)))), n, n, 1/float64(n)))
	}
	diagonal := b.constant("diagonal", n, n, func(r, c int) float64 { return equal(r, c) })
	half := func(x *G.Node) *G.Node {
		share := b.one(func(x *G.Node) (*G.Node, error) { return G.SoftMax(x, 1) }, x)
		right := b.mul(b.times(share, diagonal), b.all(n, 1))
		return b.scaled(b.one(G.Log, right), n, 1, -0.5/float64(n))
	}
	return sum(b.add(half(logits), half(b.transposed(logits))))
}
