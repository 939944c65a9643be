package openclip

import (
	"strconv"

	"github.com/scalelaw/scalelaw/trainer/op"
)

// weights are a block's parameters, or their gradients.
type weights struct {
	gain1, bias1, qkv, qkvBias, out, outBias    op.Floats
	gain2, bias2, fc, fcBias, project, projBias op.Floats
}

// weightsOf finds a block's by their names.
func weightsOf(find func(name string) op.Floats, block string) weights {
	p := func(name string) op.Floats { return find(block + name) }
	return weights{
		gain1: p(".ln_1.weight"), bias1: p(".ln_1.bias"), qkv: p(".attn.in_proj_weight"), qkvBias: p(".attn.in_proj_bias"),
		out: p(".attn.out_proj.weight"), outBias: p(".attn.out_proj.bias"), gain2: p(".ln_2.weight"), bias2: p(".ln_2.bias"),
		fc: p(".mlp.c_fc.weight"), fcBias: p(".mlp.c_fc.bias"), project: p(".mlp.c_proj.weight"), projBias: p(".mlp.c_proj.bias"),
	}
}

// memory is what a block keeps of its forward pass; R is the rows of a batch, w the width.
type memory struct {
	stats1, normed1 op.Floats // [R, 2], [R, w]
	qkv             op.Floats // [R, 3w]
	attended        op.Floats // [R, w]
	logSum          op.Floats // [samples, heads, tokens]
	middle          op.Floats // [R, w]: the input plus the attention's part
	stats2, normed2 op.Floats
	hidden, slope   op.Floats // [R, mlp]
	out             op.Floats // [R, w]
}

// scratch is what every block's backward pass overwrites.
type scratch struct {
	dHidden, dQKV, dInner op.Floats // [R, mlp], [R, 3w], [R, w]
}

// stack is a tower's residual blocks, each x + attention(norm(x)), then x + mlp(norm(x)).
type stack struct {
	op.Attention
	mlp     int
	act     op.Activation
	params  []weights
	grads   []weights
	memory  []memory // one for each block to train, one for all of them to embed
	scratch scratch
}

// shape says what a tower's blocks look like.
type shape struct {
	name             string // of the blocks, without their number
	layers, mlp, max int    // max: samples of the largest batch
	op.Attention
	act op.Activation
}

func (m *Model) newStack(s shape) *stack {
	k := &stack{Attention: s.Attention, mlp: s.mlp, act: s.act}
	w, rows := s.Width(), s.max*s.Tokens
	for i := range s.layers {
		name := s.name + "." + strconv.Itoa(i)
		k.params = append(k.params, weightsOf(m.Param, name))
		if m.training {
			k.grads = append(k.grads, weightsOf(m.Grad, name))
		}
		if m.training || i == 0 {
			k.memory = append(k.memory, m.newMemory(rows, w, s))
		}
	}
	if m.training {
		k.scratch = scratch{m.device.Floats(rows * s.mlp), m.device.Floats(rows * 3 * w), m.device.Floats(rows * w)}
	}
	return k
}

func (m *Model) newMemory(rows, w int, s shape) memory {
	f := m.device.Floats
	b := memory{
		stats1: f(2 * rows), normed1: f(rows * w), qkv: f(rows * 3 * w), attended: f(rows * w), logSum: f(rows * s.Heads),
		stats2: f(2 * rows), hidden: f(rows * s.mlp),
	}
	if !m.training { // every block works in place on its input
		b.normed2 = b.normed1
		return b
	}
	b.middle, b.normed2, b.slope, b.out = f(rows*w), f(rows*w), f(rows*s.mlp), f(rows*w)
	return b
}

// forward runs n samples x [n*Tokens, w] through the blocks. Without memory of its own for each
// block it overwrites x.
func (k *stack) forward(d op.Device, x op.Floats, n int) op.Floats {
	w, rows, s := k.Width(), n*k.Tokens, k.of(n)
	for i, p := range k.params {
		b := &k.memory[min(i, len(k.memory)-1)]
		middle, out := b.middle, b.out
		if out.None() {
			middle, out = x, x
		}
		d.LayerNorm(b.normed1, b.stats1, x, p.gain1, p.bias1, rows, w)
		d.Linear(b.qkv, b.normed1, p.qkv, op.Linear{Rows: rows, In: w, Out: 3 * w, Bias: p.qkvBias})
		d.Attention(b.attended, b.logSum, b.qkv, s)
		d.Linear(middle, b.attended, p.out, op.Linear{Rows: rows, In: w, Out: w, Bias: p.outBias, Residual: x})
		d.LayerNorm(b.normed2, b.stats2, middle, p.gain2, p.bias2, rows, w)
		d.Linear(b.hidden, b.normed2, p.fc, op.Linear{Rows: rows, In: w, Out: k.mlp, Bias: p.fcBias, Act: k.act, Slope: b.slope})
		d.Linear(out, b.hidden, p.project, op.Linear{Rows: rows, In: k.mlp, Out: w, Bias: p.projBias, Residual: middle})
		x = out
	}
	return x
}

// backward turns dx, the gradient by the blocks' result, into that by their input x.
func (k *stack) backward(d op.Device, dx, x op.Floats, n int) {
	w, rows, s, t := k.Width(), n*k.Tokens, k.of(n), k.scratch
	for i := len(k.params) - 1; i >= 0; i-- {
		p, g, b := k.params[i], k.grads[i], k.memory[i]
		d.LinearWeights(g.project, g.projBias, dx, b.hidden, rows, k.mlp, w)
		d.LinearInputs(t.dHidden, dx, p.project, b.slope, rows, k.mlp, w)
		d.LinearWeights(g.fc, g.fcBias, t.dHidden, b.normed2, rows, w, k.mlp)
		d.LinearInputs(t.dInner, t.dHidden, p.fc, op.Floats{}, rows, w, k.mlp)
		d.LayerNormBack(dx, g.gain2, g.bias2, t.dInner, b.middle, b.stats2, p.gain2, dx, rows, w)
		d.LinearWeights(g.out, g.outBias, dx, b.attended, rows, w, w)
		d.LinearInputs(t.dInner, dx, p.out, op.Floats{}, rows, w, w)
		d.AttentionBack(t.dQKV, t.dInner, b.attended, b.logSum, b.qkv, s)
		d.LinearWeights(g.qkv, g.qkvBias, t.dQKV, b.normed1, rows, w, 3*w)
		d.LinearInputs(t.dInner, t.dQKV, p.qkv, op.Floats{}, rows, w, 3*w)
		input := x
		if i > 0 {
			input = k.memory[i-1].out
		}
		d.LayerNormBack(dx, g.gain1, g.bias1, t.dInner, input, b.stats1, p.gain1, dx, rows, w)
	}
}

// of is the attention's shape for n samples.
func (k *stack) of(n int) op.Attention {
	s := k.Attention
	s.Batch = n
	return s
}
