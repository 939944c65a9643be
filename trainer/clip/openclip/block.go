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

// memory is what a block keeps of its forward pass for the backward one; R is the rows of a
// batch, w the width.
type memory struct {
	stats1, normed1 op.Floats // [R, 2], [R, w]
	qkv             op.Floats // [R, 3w]
	attended        op.Floats // [R, w]
	logSum          op.Floats // [samples, heads, tokens]
	middle          op.Floats // [R, w]: the input plus the attention's part
	stats2, normed2 op.Floats
	hidden, slope   op.Floats // [R, mlp]
}

// scratch is what every block's backward pass overwrites.
type scratch struct {
	dHidden, dQKV, dInner op.Floats // [R, mlp], [R, 3w], [R, w]
}

// stack is a tower's residual blocks, each x + attention(norm(x)), then x + mlp(norm(x)).
type stack struct {
	op.Attention
	mlp      int
	act      op.Activation
	params   []weights
	grads    []weights
	matrices []op.Floats // of each block's gradients, which lie next to each other
	memory   []memory    // one for each block, or one for all
	outs     []op.Floats // [R, w] of each block; none in a model that only embeds: blocks overwrite their input
	scratch  scratch
}

// shape says what a tower's blocks look like.
type shape struct {
	name        string // of the blocks, without their number
	layers, mlp int
	op.Attention
	act op.Activation
}

func (b *builder) newStack(s shape) *stack {
	k := &stack{Attention: s.Attention, mlp: s.mlp, act: s.act}
	w, rows := s.Width(), b.use.Rows()*s.Tokens
	each := b.use.Train && !b.use.Checkpoint
	for i := range s.layers {
		name := s.name + "." + strconv.Itoa(i)
		k.params = append(k.params, weightsOf(b.Param, name))
		if b.use.Train {
			k.grads = append(k.grads, weightsOf(b.Grad, name))
			k.matrices = append(k.matrices, b.Matrices(name+"."))
			k.outs = append(k.outs, b.activations(rows*w))
		}
		if each || i == 0 {
			k.memory = append(k.memory, b.newMemory(rows, w, s))
		}
	}
	k.scratch = scratch{b.gradients(rows * s.mlp), b.gradients(rows * 3 * w), b.gradients(rows * w)}
	return k
}

func (b *builder) newMemory(rows, w int, s shape) memory {
	x, f := b.activations, b.device.Floats
	m := memory{
		stats1: f(2 * rows), normed1: x(rows * w), qkv: x(rows * 3 * w), attended: x(rows * w), logSum: f(rows * s.Heads),
		stats2: f(2 * rows), hidden: x(rows * s.mlp),
	}
	m.normed2 = m.normed1
	if b.use.Train {
		m.middle, m.normed2, m.slope = x(rows*w), x(rows*w), x(rows*s.mlp)
	}
	return m
}

// of is block i's memory.
func (k *stack) of(i int) *memory { return &k.memory[min(i, len(k.memory)-1)] }

// forward runs n samples x [n*Tokens, w] through the blocks. Without memory for their results it
// overwrites x.
func (k *stack) forward(d op.Device, x op.Floats, n int) op.Floats {
	w, rows := k.Width(), n*k.Tokens
	for i, p := range k.params {
		out := x
		if k.outs != nil {
			out = k.outs[i]
		}
		middle := k.inner(d, i, x, n)
		d.Linear(out, k.of(i).hidden, p.project, op.Linear{Rows: rows, In: k.mlp, Out: w, Bias: p.projBias, Residual: middle})
		x = out
	}
	return x
}

// inner is block i's forward pass on x but for its last product, and gives what that is added to.
func (k *stack) inner(d op.Device, i int, x op.Floats, n int) (middle op.Floats) {
	w, rows, p, b := k.Width(), n*k.Tokens, &k.params[i], k.of(i)
	if middle = b.middle; middle.None() {
		middle = x
	}
	d.LayerNorm(b.normed1, b.stats1, x, p.gain1, p.bias1, rows, w)
	d.Linear(b.qkv, b.normed1, p.qkv, op.Linear{Rows: rows, In: w, Out: 3 * w, Bias: p.qkvBias})
	d.Attention(b.attended, b.logSum, b.qkv, k.attention(n))
	d.Linear(middle, b.attended, p.out, op.Linear{Rows: rows, In: w, Out: w, Bias: p.outBias, Residual: x})
	d.LayerNorm(b.normed2, b.stats2, middle, p.gain2, p.bias2, rows, w)
	d.Linear(b.hidden, b.normed2, p.fc, op.Linear{Rows: rows, In: w, Out: k.mlp, Bias: p.fcBias, Act: k.act, Slope: b.slope})
	return middle
}

// backward turns dx, the gradient by the blocks' result, into that by their input x. What blocks
// have not kept is computed again, but for the last one's, which is still there.
func (k *stack) backward(d op.Device, dx, x op.Floats, n int, ready func(op.Floats)) {
	last := len(k.params) - 1
	for i := last; i >= 0; i-- {
		input := x
		if i > 0 {
			input = k.outs[i-1]
		}
		if i < last && len(k.memory) == 1 {
			k.inner(d, i, input, n)
		}
		k.block(d, i, dx, input, n)
		if ready != nil && !k.matrices[i].None() {
			ready(k.matrices[i])
		}
	}
}

// block is block i's backward pass.
func (k *stack) block(d op.Device, i int, dx, x op.Floats, n int) {
	w, rows, t := k.Width(), n*k.Tokens, &k.scratch
	p, g, b := &k.params[i], &k.grads[i], k.of(i)
	d.LinearWeights(g.project, g.projBias, dx, b.hidden, rows, k.mlp, w)
	d.LinearInputs(t.dHidden, dx, p.project, b.slope, rows, k.mlp, w)
	d.LinearWeights(g.fc, g.fcBias, t.dHidden, b.normed2, rows, w, k.mlp)
	d.LinearInputs(t.dInner, t.dHidden, p.fc, op.Floats{}, rows, w, k.mlp)
	d.LayerNormBack(dx, g.gain2, g.bias2, t.dInner, b.middle, b.stats2, p.gain2, dx, rows, w)
	d.LinearWeights(g.out, g.outBias, dx, b.attended, rows, w, w)
	d.LinearInputs(t.dInner, dx, p.out, op.Floats{}, rows, w, w)
	d.AttentionBack(t.dQKV, t.dInner, b.attended, b.logSum, b.qkv, k.attention(n))
	d.LinearWeights(g.qkv, g.qkvBias, t.dQKV, b.normed1, rows, w, 3*w)
	d.LinearInputs(t.dInner, t.dQKV, p.qkv, op.Floats{}, rows, w, 3*w)
	d.LayerNormBack(dx, g.gain1, g.bias1, t.dInner, x, b.stats1, p.gain1, dx, rows, w)
}

// attention is the attention's shape for n samples.
func (k *stack) attention(n int) op.Attention {
	s := k.Attention
	s.Batch = n
	return s
}
