package optest

import "github.com/scalelaw/scalelaw/trainer/op"

var checks = map[string]func(p *pair, tolerance float64){
	"linear": linear, "linear inputs": linearInputs, "linear weights": linearWeights, "patches": patches,
	"layer norm": layerNorm, "normalize": normalize, "attention": attention, "embed": embed, "bag": bag,
	"prepend": prepend, "pool": pool, "infonce": infoNCE, "siglip": sigLIP, "adamw": adamw, "norm": norm, "add": add, "add activations": addActivations,
}

// Sizes of products go over a block of every dimension now and then.
func (p *pair) sizes() (rows, in, out int) {
	if p.random.IntN(8) == 0 {
		return p.size(1, 300), p.size(1, 600), p.size(1, 80)
	}
	return p.size(0, 40), p.size(1, 70), p.size(1, 70)
}

func linear(p *pair, tolerance float64) {
	rows, in, out := p.sizes()
	x, w, y := p.factor(rows*in), p.weights(out*in, 0.3), p.input(rows*out)
	s := op.Linear{
		Rows: rows, In: in, Out: out, Act: op.Activation(p.random.IntN(3)),
		Bias:  p.maybe(func() op.Floats { return p.normal(out) }),
		Slope: p.maybe(func() op.Floats { return p.kept(rows * out) }), Residual: p.maybe(func() op.Floats { return p.input(rows * out) }),
	}
	if p.random.IntN(4) == 0 {
		s.Residual = y
	}
	p.run(func(d op.Device) { d.Linear(y, x, w, s) })
	p.same(tolerance, p.cancels(), map[string]op.Floats{"y": y, "slope": s.Slope})
}

func linearInputs(p *pair, tolerance float64) {
	rows, in, out := p.sizes()
	dx, dy, w := p.kept(rows*in), p.factor(rows*out), p.weights(out*in, 1)
	slope := p.maybe(func() op.Floats { return p.input(rows * in) })
	p.run(func(d op.Device) { d.LinearInputs(dx, dy, w, slope, rows, in, out) })
	p.same(tolerance, 1e-3, map[string]op.Floats{"dx": dx})
}

func linearWeights(p *pair, tolerance float64) {
	rows, in, out := p.sizes()
	if p.random.IntN(6) == 0 {
		rows, in, out = p.size(2040, 3100), p.size(1, 40), p.size(1, 20) // summed in parts
	}
	dw, dy, x := p.normal(out*in), p.factor(rows*out), p.factor(rows*in)
	db := p.maybe(func() op.Floats { return p.normal(out) })
	p.run(func(d op.Device) { d.LinearWeights(dw, db, dy, x, rows, in, out) })
	p.same(tolerance, 1e-3, map[string]op.Floats{"dw": dw, "db": db})
}

func patches(p *pair, tolerance float64) {
	s := op.Patches{Batch: p.size(0, 9), Channels: 1 + p.random.IntN(3), Side: 32, Patch: 8, Stride: 4, Padding: 2, Width: p.size(1, 40)}
	switch p.random.IntN(3) {
	case 0:
		s.Side, s.Stride, s.Padding = 16+8*p.random.IntN(3), 8, 0
	case 1:
		s.Side, s.Patch, s.Stride, s.Padding = 9+p.random.IntN(5), 1+p.random.IntN(5), 1+p.random.IntN(3), p.random.IntN(3)
	}
	s.Bias, s.Act = p.maybe(func() op.Floats { return p.normal(s.Width) }), op.Activation(p.random.IntN(3))
	rows := s.Batch * s.Positions()
	s.Slope = p.maybe(func() op.Floats { return p.kept(rows * s.Width) })
	x, w, y := p.factor(s.Batch*s.Channels*s.Side*s.Side), p.weights(s.Width*s.Size(), 0.2), p.kept(rows*s.Width)
	dw, dy := p.normal(s.Width*s.Size()), p.factor(rows*s.Width)
	db := p.maybe(func() op.Floats { return p.normal(s.Width) })
	p.run(func(d op.Device) {
		d.PatchEmbed(y, x, w, s)
		d.PatchEmbedBack(dw, db, dy, x, s)
	})
	p.same(tolerance, p.cancels(), map[string]op.Floats{"y": y, "slope": s.Slope, "dw": dw, "db": db})
}

func layerNorm(p *pair, tolerance float64) {
	rows, width := p.size(0, 300), p.size(1, 100)
	x, gain, bias, dy := p.grown(rows*width, 3), p.normal(width), p.normal(width), p.input(rows*width)
	y, stats, dx := p.kept(rows*width), p.both(2*rows), p.input(rows*width)
	dgain, dbias := p.normal(width), p.normal(width)
	residual := p.maybe(func() op.Floats { return p.input(rows * width) })
	if p.random.IntN(4) == 0 {
		residual = dx
	}
	p.run(func(d op.Device) {
		d.LayerNorm(y, stats, x, gain, bias, rows, width)
		d.LayerNormBack(dx, dgain, dbias, dy, x, stats, gain, residual, rows, width)
	})
	if width < 3 {
		tolerance *= 100 // two numbers with the same value have no direction: 1/sqrt(1e-5) enlarges rounding
	}
	p.same(tolerance, 1e-3, map[string]op.Floats{"y": y, "stats": stats, "dx": dx, "dgain": dgain, "dbias": dbias})
}

func normalize(p *pair, tolerance float64) {
	rows, width := p.size(0, 300), p.size(1, 100)
	x, dy := p.input(rows*width), p.normal(rows*width)
	y, inverse, dx := p.both(rows*width), p.both(rows), p.kept(rows*width)
	p.run(func(d op.Device) {
		d.Normalize(y, inverse, x, rows, width)
		d.NormalizeBack(dx, dy, y, inverse, rows, width)
	})
	p.same(tolerance, p.largest(inverse), map[string]op.Floats{"y": y, "inverse": inverse, "dx": dx})
}

func attention(p *pair, tolerance float64) {
	s := op.Attention{Batch: p.size(0, 3), Tokens: p.size(1, 40), Heads: 1 + p.random.IntN(3), Head: p.size(1, 40), Causal: p.random.IntN(2) == 0}
	if p.random.IntN(10) == 0 {
		s.Batch, s.Tokens = 1, 257
	}
	if p.o.Heads != nil {
		s.Head = p.o.Heads[p.random.IntN(len(p.o.Heads))]
	}
	p.attention(tolerance, s)
}

func (p *pair) attention(tolerance float64, s op.Attention) {
	n := s.Batch * s.Tokens * s.Width()
	qkv, dy := p.input(3*n), p.input(n)
	y, logSum, dqkv := p.kept(n), p.both(s.Batch*s.Heads*s.Tokens), p.kept(3*n)
	p.run(func(d op.Device) {
		d.Attention(y, logSum, qkv, s)
		d.AttentionBack(dqkv, dy, y, logSum, qkv, s)
	})
	p.same(tolerance, 1e-3, map[string]op.Floats{"y": y, "logSum": logSum, "dqkv": dqkv})
}

func (p *pair) sequence() op.Sequence {
	return op.Sequence{Batch: p.size(0, 40), Tokens: p.size(1, 20), Width: p.size(1, 70)}
}

func embed(p *pair, tolerance float64) {
	s := p.sequence()
	const words = 30
	ids, table, positions, dx := p.ids(s.Batch*s.Tokens, words), p.normal(words*s.Width), p.normal(s.Tokens*s.Width), p.input(s.Batch*s.Tokens*s.Width)
	x, dtable, dpositions := p.kept(s.Batch*s.Tokens*s.Width), p.normal(words*s.Width), p.normal(s.Tokens*s.Width)
	p.run(func(d op.Device) {
		d.Embed(x, table, positions, ids, s)
		d.EmbedBack(dtable, dpositions, dx, ids, s)
	})
	p.same(tolerance, 1e-3, map[string]op.Floats{"x": x, "dtable": dtable, "dpositions": dpositions})
}

func bag(p *pair, tolerance float64) {
	s := p.sequence()
	const words = 4 // many are 0: no word
	ids, table, dx := p.ids(s.Batch*s.Tokens, words), p.normal(words*s.Width), p.input(s.Batch*s.Width)
	x, dtable := p.input(s.Batch*s.Width), p.normal(words*s.Width)
	p.run(func(d op.Device) {
		d.Bag(x, table, ids, s)
		d.BagBack(dtable, dx, ids, s)
	})
	p.same(tolerance, 1e-3, map[string]op.Floats{"x": x, "dtable": dtable})
}

func prepend(p *pair, tolerance float64) {
	s := p.sequence()
	var class, dclass op.Floats
	patches := s.Batch * s.Tokens * s.Width
	if p.random.IntN(3) > 0 {
		class, dclass, patches = p.normal(s.Width), p.normal(s.Width), s.Batch*(s.Tokens-1)*s.Width
	}
	in, din, positions, dpositions := p.input(patches), p.input(patches), p.normal(s.Tokens*s.Width), p.normal(s.Tokens*s.Width)
	x, dx := p.kept(s.Batch*s.Tokens*s.Width), p.input(s.Batch*s.Tokens*s.Width)
	p.run(func(d op.Device) {
		d.Prepend(x, class, in, positions, s)
		d.PrependBack(dclass, din, dpositions, dx, s)
	})
	p.same(tolerance, 1e-3, map[string]op.Floats{"x": x, "dclass": dclass, "dpatches": din, "dpositions": dpositions})
}

func pool(p *pair, tolerance float64) {
	s := op.Pooling{Sequence: p.sequence(), Kind: op.PoolKind(p.random.IntN(3))}
	s.From = p.random.IntN(s.Tokens)
	ids, x, dy := p.ids(s.Batch*s.Tokens, 9), p.input(s.Batch*s.Tokens*s.Width), p.input(s.Batch*s.Width)
	y, dx := p.input(s.Batch*s.Width), p.input(s.Batch*s.Tokens*s.Width)
	p.run(func(d op.Device) {
		d.Pool(y, x, ids, s)
		d.PoolBack(dx, dy, ids, s)
	})
	p.same(tolerance, 1e-3, map[string]op.Floats{"y": y, "dx": dx})
}
