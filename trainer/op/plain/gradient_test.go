package plain

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/scalelaw/scalelaw/trainer/op"
)

// bench is a device with random numbers, on which an operation and its backward pass are
// compared: the loss is the sum of the output times fixed random weights.
type bench struct {
	t      *testing.T
	d      *Device[float64]
	random *rand.Rand
}

func newBench(t *testing.T) *bench {
	return &bench{t, New[float64](), rand.New(rand.NewPCG(1, 2))}
}

func (b *bench) normal(n int) op.Floats {
	f := b.d.Floats(n)
	for i := range b.d.Values(f) {
		b.d.Values(f)[i] = b.random.NormFloat64()
	}
	return f
}

func (b *bench) ids(n, below int) op.Ints {
	f := b.d.Ints(n)
	for i := range b.d.integers(f) {
		b.d.integers(f)[i] = int32(b.random.IntN(below))
	}
	return f
}

// pair is an input and its gradient.
type pair struct {
	name string
	x    op.Floats
	dx   op.Floats
}

// agree wants the gradients in pairs to be the central differences of loss.
func (b *bench) agree(loss func() float64, pairs ...pair) {
	b.t.Helper()
	const h = 1e-5
	for _, p := range pairs {
		x, nonzero := b.d.Values(p.x), 0
		for i, old := range x {
			x[i] = old + h
			up := loss()
			x[i] = old - h
			down := loss()
			x[i] = old
			got, want := b.d.Values(p.dx)[i], (up-down)/(2*h)
			if math.Abs(got-want) > 1e-7+1e-7*math.Abs(want) {
				b.t.Fatalf("d%s[%d]: gradient %g, finite difference %g", p.name, i, got, want)
			}
			if want != 0 {
				nonzero++
			}
		}
		if nonzero*4 < len(x) {
			b.t.Fatalf("d%s: only %d of %d differences are not zero", p.name, nonzero, len(x))
		}
	}
}

// weighted is the loss that gives an output the gradient dy.
func (b *bench) weighted(run func(), y, dy op.Floats) func() float64 {
	return func() float64 {
		run()
		return dot(b.d.Values(y), b.d.Values(dy))
	}
}

func TestLinear(t *testing.T) {
	for _, act := range []op.Activation{op.Identity, op.GELU, op.QuickGELU} {
		b := newBench(t)
		const rows, in, out = 3, 4, 5
		x, w, bias, residual := b.normal(rows*in), b.normal(out*in), b.normal(out), b.normal(rows*out)
		y, dy, slope := b.d.Floats(rows*out), b.normal(rows*out), b.d.Floats(rows*out)
		dx, dw, db, inner := b.d.Floats(rows*in), b.d.Floats(out*in), b.d.Floats(out), b.d.Floats(rows*out)
		run := func() {
			b.d.Linear(y, x, w, op.Linear{Rows: rows, In: in, Out: out, Bias: bias, Act: act, Slope: slope, Residual: residual})
		}
		run()
		for i := range b.d.Values(inner) {
			b.d.Values(inner)[i] = b.d.Values(dy)[i] * b.d.Values(slope)[i]
		}
		b.d.LinearInputs(dx, inner, w, op.Floats{}, rows, in, out)
		b.d.LinearWeights(dw, db, inner, x, rows, in, out)
		b.agree(b.weighted(run, y, dy), pair{"x", x, dx}, pair{"w", w, dw}, pair{"bias", bias, db}, pair{"residual", residual, dy})
	}
}

// The slope that one layer keeps is the factor of the next layer's input gradient.
func TestTwoLayers(t *testing.T) {
	b := newBench(t)
	const rows, in, hidden = 3, 4, 6
	x, w1, w2 := b.normal(rows*in), b.normal(hidden*in), b.normal(in*hidden)
	h, slope, y, dy := b.d.Floats(rows*hidden), b.d.Floats(rows*hidden), b.d.Floats(rows*in), b.normal(rows*in)
	dh, dx := b.d.Floats(rows*hidden), b.d.Floats(rows*in)
	run := func() {
		b.d.Linear(h, x, w1, op.Linear{Rows: rows, In: in, Out: hidden, Act: op.GELU, Slope: slope})
		b.d.Linear(y, h, w2, op.Linear{Rows: rows, In: hidden, Out: in})
	}
	run()
	b.d.LinearInputs(dh, dy, w2, slope, rows, hidden, in)
	b.d.LinearInputs(dx, dh, w1, op.Floats{}, rows, in, hidden)
	b.agree(b.weighted(run, y, dy), pair{"x", x, dx})
}

func TestPatchEmbed(t *testing.T) {
	for _, s := range []op.Patches{
		{Batch: 2, Channels: 1, Side: 8, Patch: 4, Stride: 2, Padding: 1, Width: 3},
		{Batch: 2, Channels: 3, Side: 6, Patch: 3, Stride: 3, Width: 2},
	} {
		b := newBench(t)
		rows := s.Batch * s.Positions()
		x, w := b.normal(s.Batch*s.Channels*s.Side*s.Side), b.normal(s.Width*s.Size())
		s.Bias = b.normal(s.Width)
		y, dy := b.d.Floats(rows*s.Width), b.normal(rows*s.Width)
		dw, db := b.d.Floats(s.Width*s.Size()), b.d.Floats(s.Width)
		run := func() { b.d.PatchEmbed(y, x, w, s) }
		run()
		b.d.PatchEmbedBack(dw, db, dy, x, s)
		b.agree(b.weighted(run, y, dy), pair{"w", w, dw}, pair{"bias", s.Bias, db})
	}
}

func TestLayerNorm(t *testing.T) {
	b := newBench(t)
	const rows, width = 3, 5
	x, gain, bias := b.normal(rows*width), b.normal(width), b.normal(width)
	y, dy, stats := b.d.Floats(rows*width), b.normal(rows*width), b.d.Floats(2*rows)
	dx, dgain, dbias := b.d.Floats(rows*width), b.d.Floats(width), b.d.Floats(width)
	run := func() {
		b.d.LayerNorm(y, stats, x, gain, bias, rows, width)
		b.d.Add(y, x)
	}
	run()
	b.d.LayerNormBack(dx, dgain, dbias, dy, x, stats, gain, dy, rows, width)
	b.agree(b.weighted(run, y, dy), pair{"x", x, dx}, pair{"gain", gain, dgain}, pair{"bias", bias, dbias})
}

func TestNormalize(t *testing.T) {
	b := newBench(t)
	const rows, width = 3, 5
	x, y, dy := b.normal(rows*width), b.d.Floats(rows*width), b.normal(rows*width)
	inverse, dx := b.d.Floats(rows), b.d.Floats(rows*width)
	run := func() { b.d.Normalize(y, inverse, x, rows, width) }
	run()
	b.d.NormalizeBack(dx, dy, y, inverse, rows, width)
	b.agree(b.weighted(run, y, dy), pair{"x", x, dx})
}

func TestAttention(t *testing.T) {
	for _, causal := range []bool{false, true} {
		b := newBench(t)
		s := op.Attention{Batch: 2, Tokens: 5, Heads: 2, Head: 3, Causal: causal}
		n := s.Batch * s.Tokens * s.Width()
		qkv, y, dy := b.normal(3*n), b.d.Floats(n), b.normal(n)
		logSum, dqkv := b.d.Floats(s.Batch*s.Heads*s.Tokens), b.d.Floats(3*n)
		run := func() { b.d.Attention(y, logSum, qkv, s) }
		run()
		b.d.AttentionBack(dqkv, dy, y, logSum, qkv, s)
		b.agree(b.weighted(run, y, dy), pair{"qkv", qkv, dqkv})
	}
}

func TestEmbedAndBag(t *testing.T) {
	b := newBench(t)
	s := op.Sequence{Batch: 3, Tokens: 4, Width: 5}
	ids := b.ids(s.Batch*s.Tokens, 6)
	clear(b.d.integers(ids)[:s.Tokens]) // a sample without words
	table, positions := b.normal(6*s.Width), b.normal(s.Tokens*s.Width)
	y, dy := b.d.Floats(s.Batch*s.Tokens*s.Width), b.normal(s.Batch*s.Tokens*s.Width)
	dtable, dpositions := b.d.Floats(6*s.Width), b.d.Floats(s.Tokens*s.Width)
	b.d.EmbedBack(dtable, dpositions, dy, ids, s)
	embed := func() { b.d.Embed(y, table, positions, ids, s) }
	b.agree(b.weighted(embed, y, dy), pair{"table", table, dtable}, pair{"positions", positions, dpositions})

	y, dy = y.Slice(0, s.Batch*s.Width), dy.Slice(0, s.Batch*s.Width)
	b.d.Zero(dtable)
	b.d.BagBack(dtable, dy, ids, s)
	b.agree(b.weighted(func() { b.d.Bag(y, table, ids, s) }, y, dy), pair{"table", table, dtable})
}

func TestPrepend(t *testing.T) {
	for _, with := range []bool{true, false} {
		b := newBench(t)
		s := op.Sequence{Batch: 3, Tokens: 4, Width: 2}
		n := s.Batch * s.Tokens * s.Width
		var class, dclass op.Floats
		patches := n
		pairs := []pair{}
		if with {
			class, dclass, patches = b.normal(s.Width), b.d.Floats(s.Width), s.Batch*(s.Tokens-1)*s.Width
			pairs = append(pairs, pair{"class", class, dclass})
		}
		p, dp, positions, dpositions := b.normal(patches), b.normal(patches), b.normal(s.Tokens*s.Width), b.d.Floats(s.Tokens*s.Width)
		x, dx := b.d.Floats(n), b.normal(n)
		b.d.PrependBack(dclass, dp, dpositions, dx, s)
		run := func() { b.d.Prepend(x, class, p, positions, s) }
		b.agree(b.weighted(run, x, dx), append(pairs, pair{"patches", p, dp}, pair{"positions", positions, dpositions})...)
	}
}

func TestPool(t *testing.T) {
	for _, kind := range []op.PoolKind{op.PoolFirst, op.PoolMean, op.PoolEnd} {
		b := newBench(t)
		s := op.Pooling{Sequence: op.Sequence{Batch: 3, Tokens: 3, Width: 2}, Kind: kind, From: 1}
		n := s.Batch * s.Tokens * s.Width
		x, dx, ids := b.normal(n), b.normal(n), b.ids(s.Batch*s.Tokens, 9)
		y, dy := b.d.Floats(s.Batch*s.Width), b.normal(s.Batch*s.Width)
		b.d.PoolBack(dx, dy, ids, s)
		b.agree(b.weighted(func() { b.d.Pool(y, x, ids, s) }, y, dy), pair{"x", x, dx})
	}
}

func TestLosses(t *testing.T) {
	for _, siglip := range []bool{false, true} {
		b := newBench(t)
		const n, e = 5, 3
		s := op.Contrast{
			Rows: n, Width: e, Image: b.normal(n * e), Text: b.normal(n * e), LogScale: b.normal(1), LogBias: b.normal(1),
			Loss: b.d.Floats(1), DImage: b.normal(n * e), DText: b.normal(n * e), DLogScale: b.d.Floats(1), DLogBias: b.d.Floats(1),
		}
		run := b.d.InfoNCE
		pairs := []pair{{"image", s.Image, s.DImage}, {"text", s.Text, s.DText}, {"scale", s.LogScale, s.DLogScale}}
		if siglip {
			run = b.d.SigLIP
			pairs = append(pairs, pair{"bias", s.LogBias, s.DLogBias}) // InfoNCE does not depend on it
		}
		run(s)
		kept := make([]op.Floats, len(pairs)) // each run writes the gradients again
		for i := range pairs {
			kept[i] = b.d.Floats(pairs[i].dx.Len)
			copy(b.d.Values(kept[i]), b.d.Values(pairs[i].dx))
			pairs[i].dx = kept[i]
		}
		b.agree(func() float64 { run(s); return b.d.Values(s.Loss)[0] }, pairs...)
	}
}

// Equal embeddings guess: InfoNCE is ln n.
func TestLossOfGuessingIsLogN(t *testing.T) {
	b := newBench(t)
	const n, e = 16, 3
	f := b.d.Floats
	s := op.Contrast{Rows: n, Width: e, Image: f(n * e), Text: f(n * e), LogScale: f(1), Loss: f(1), DImage: f(n * e), DText: f(n * e), DLogScale: f(1)}
	b.d.InfoNCE(s)
	if got := b.d.Values(s.Loss)[0]; math.Abs(got-math.Log(n)) > 1e-12 {
		t.Errorf("%g, want ln %d = %g", got, n, math.Log(n))
	}
}

// Two steps by hand: the first moves by the rate against the gradient's sign, whatever its size.
func TestAdamW(t *testing.T) {
	b := newBench(t)
	p, g, m, v, norm := b.d.Floats(2), b.d.Floats(2), b.d.Floats(2), b.d.Floats(2), b.d.Floats(1)
	copy(b.d.Values(p), []float64{1, -2})
	copy(b.d.Values(g), []float64{3, -4})
	b.d.Norm(norm, g)
	pace := op.AdamW{Rate: 0.1, Beta1: 0.9, Beta2: 0.98, Decay: 0.5, Step: 1}.Pace()
	s := op.Update{Beta1: 0.9, Beta2: 0.98, Pace: b.d.Floats(op.Paces), Decays: true, Norm: norm, MaxNorm: 2.5}
	b.d.Write(s.Pace, pace[:])
	b.d.AdamW(p, g, m, v, s)
	for i, want := range []float64{1*0.95 - 0.1, -2*0.95 + 0.1} {
		if got := b.d.Values(p)[i]; math.Abs(got-want) > 1e-6 { // the pace is in float32
			t.Errorf("parameter %d is %g after a step, want %g", i, got, want)
		}
	}
	if got := b.d.Values(m)[0]; math.Abs(got-0.1*1.5) > 1e-6 { // clipped from length 5 to 2.5
		t.Errorf("first moment %g, want 0.15", got)
	}
	if got := b.d.Values(v)[1]; math.Abs(got-0.02*4) > 1e-6 {
		t.Errorf("second moment %g, want 0.08", got)
	}
}
