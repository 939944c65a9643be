package cpu

import (
	"math"

	"github.com/scalelaw/scalelaw/trainer/op"
)

// attention does one head of one sample a chunk, with the scores in the worker's own memory.
type attention struct {
	d              *Device
	s              op.Attention
	y, logSum, qkv []float32
	dqkv, dy       []float32
	back           bool
}

// Attention implements op.Device.
func (d *Device) Attention(y, logSum, qkv op.Floats, s op.Attention) {
	d.attention = attention{d: d, s: s, y: d.of(y), logSum: d.of(logSum), qkv: d.of(qkv)}
	d.crew.run(&d.attention, s.Batch*s.Heads)
}

// AttentionBack implements op.Device.
func (d *Device) AttentionBack(dqkv, dy, y, logSum, qkv op.Floats, s op.Attention) {
	d.attention = attention{d: d, s: s, y: d.of(y), logSum: d.of(logSum), qkv: d.of(qkv), dqkv: d.of(dqkv), dy: d.of(dy), back: true}
	d.crew.run(&d.attention, s.Batch*s.Heads)
}

func (t *attention) do(chunk int, w *worker) {
	s := t.s
	n, width := s.Tokens, s.Width()
	sample, head := chunk/s.Heads, chunk%s.Heads
	from := sample*n*3*width + head*s.Head
	q, k, v := t.qkv[from:], t.qkv[from+width:], t.qkv[from+2*width:]
	logSum := t.logSum[chunk*n:][:n]
	out := sample*n*width + head*s.Head
	ld := ceil(n, 16) * 16
	room := w.room(2 * n * ld)
	p, dp := room[:n*ld], room[n*ld:]
	set := t.d.k
	scores := product{m: n, n: n, k: s.Head, a: q, rs: 3 * width, cs: 1, b: k, ldb: 3 * width, transposed: true, c: p, ldc: ld}
	w.multiply(set, &scores, 0, n, 0, n)
	t.softmax(p, ld, logSum)
	if !t.back {
		y := product{m: n, n: s.Head, k: n, a: p, rs: ld, cs: 1, b: v, ldb: 3 * width, c: t.y[out:], ldc: width}
		w.multiply(set, &y, 0, n, 0, s.Head)
		return
	}
	dq, dk, dv := t.dqkv[from:], t.dqkv[from+width:], t.dqkv[from+2*width:]
	dy, y := t.dy[out:], t.y[out:]
	across := product{m: n, n: n, k: s.Head, a: dy, rs: width, cs: 1, b: v, ldb: 3 * width, transposed: true, c: dp, ldc: ld}
	w.multiply(set, &across, 0, n, 0, n)
	values := product{m: n, n: s.Head, k: n, a: p, rs: 1, cs: ld, b: dy, ldb: width, c: dv, ldc: 3 * width}
	w.multiply(set, &values, 0, n, 0, s.Head)
	scale := float32(1 / math.Sqrt(float64(s.Head)))
	for r := range n {
		mean := set.Dot(&dy[r*width], &y[r*width], s.Head)
		set.SoftBack(&dp[r*ld], &p[r*ld], n, mean, scale)
	}
	queries := product{m: n, n: s.Head, k: n, a: dp, rs: ld, cs: 1, b: k, ldb: 3 * width, c: dq, ldc: 3 * width}
	w.multiply(set, &queries, 0, n, 0, s.Head)
	keys := product{m: n, n: s.Head, k: n, a: dp, rs: 1, cs: ld, b: q, ldb: 3 * width, c: dk, ldc: 3 * width}
	w.multiply(set, &keys, 0, n, 0, s.Head)
}

// softmax turns scores into probabilities; what a causal token does not see becomes 0. The
// forward pass keeps the logarithms of the sums, which the backward pass uses.
func (t *attention) softmax(p []float32, ld int, logSum []float32) {
	set, n := t.d.k, t.s.Tokens
	scale := float32(1 / math.Sqrt(float64(t.s.Head)))
	for r := range n {
		row, sees := p[r*ld:][:n], n
		if t.s.Causal {
			sees = r + 1
			clear(row[sees:])
		}
		if t.back {
			set.ExpOf(&row[0], &row[0], sees, scale, -logSum[r])
			continue
		}
		top := scale * set.MaxOf(&row[0], sees)
		sum := set.ExpOf(&row[0], &row[0], sees, scale, -top)
		set.Scale(&row[0], &row[0], sees, 1/sum)
		logSum[r] = top + log(sum)
	}
}

func sqrt(x float32) float32 { return float32(math.Sqrt(float64(x))) }
func log(x float32) float32  { return float32(math.Log(float64(x))) }
