package cpu

import (
	"math"

	"github.com/scalelaw/scalelaw/trainer/op"
	"github.com/scalelaw/scalelaw/trainer/op/cpu/kernel"
)

const optimizeAtOnce = 1 << 13

type optimize struct {
	d          *Device
	p, g, m, v []float32
	c          kernel.Moments
}

// AdamW implements op.Optimizer.
func (d *Device) AdamW(p, g, m, v op.Floats, s op.Update) {
	clip, keep, pace := float32(1), float32(1), d.of(s.Pace)
	if s.MaxNorm > 0 {
		clip = min(1, float32(s.MaxNorm)/(d.of(s.Norm)[0]+1e-6))
	}
	if s.Decays {
		keep = pace[op.PaceKeep]
	}
	d.optimize = optimize{d, d.of(p), d.of(g), d.of(m), d.of(v), kernel.Moments{
		Beta1: float32(s.Beta1), Rest1: float32(1 - s.Beta1), Beta2: float32(s.Beta2), Rest2: float32(1 - s.Beta2),
		Keep: keep, Size: pace[op.PaceSize], Root: pace[op.PaceRoot], Eps: float32(s.Eps), Clip: clip,
	}}
	d.crew.run(&d.optimize, ceil(p.Len, optimizeAtOnce))
}

func (t *optimize) do(chunk int, _ *worker) {
	at := chunk * optimizeAtOnce
	t.d.k.AdamW(&t.p[at], &t.g[at], &t.m[at], &t.v[at], min(optimizeAtOnce, len(t.p)-at), &t.c)
}

// squares sums squares: in float32 over some hundreds of numbers at a time, then in float64.
type squares struct {
	d    *Device
	x    []float32
	sums []float32
}

const squaresAtOnce = 1 << 9

// squaresChunk is how many of those a chunk has.
const squaresChunk = 32

// Norm implements op.Optimizer.
func (d *Device) Norm(y, x op.Floats) {
	count := ceil(x.Len, squaresAtOnce)
	d.squares = squares{d, d.of(x), d.partial(count)}
	d.crew.run(&d.squares, ceil(count, squaresChunk))
	var sum float64
	for _, v := range d.squares.sums {
		sum += float64(v)
	}
	d.of(y)[0] = float32(math.Sqrt(sum))
}

func (t *squares) do(chunk int, _ *worker) {
	for i := chunk * squaresChunk; i < min((chunk+1)*squaresChunk, len(t.sums)); i++ {
		x := &t.x[i*squaresAtOnce]
		t.sums[i] = t.d.k.Dot(x, x, min(squaresAtOnce, len(t.x)-i*squaresAtOnce))
	}
}
