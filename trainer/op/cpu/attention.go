package cpu

import (
	"math"

	"github.com/scalelaw/scalelaw/trainer/op"
)

// attention does some heads a chunk, one after the other, with the scores in the worker's own
// memory.
type attention struct {
	d              *Device
	s              op.Attention
	heads          int // a chunk
	y, logSum, qkv []float32
	dqkv, dy       []float32
	back           bool
}

// Attention implements op.Device.
func (d *Device) Attention(y, logSum, qkv op.Floats, s op.Attention) {
	d.attention = attention{d: d, s: s, y: d.of(y), logSum: d.of(logSum), qkv: d.of(qkv)}
	d.attend()
}

// AttentionBack implements op.Device.
func (d *Device) AttentionBack(dqkv, dy, y, logSum, qkv op.Floats, s op.Attention) {
	d.attention = attention{d: d, s: s, y: d.of(y), logSum: d.of(logSum), qkv: d.of(qkv), dqkv: d.of(dqkv), dy: d.of(dy), back: true}
	d.attend()
}

// attend hands out about as many heads at a time as cost some microseconds.
func (d *Device) attend() {
	s := d.attention.s
	d.attention.heads = max(chunkProducts/8/max(s.Tokens*s.Tokens*s.Head, 1), 1)
	d.crew.run(&d.attention, ceil(s.Batch*s.Heads, d.attention.heads))
}

func (t *attention) do(chunk int, w *worker) {
	for i := chunk * t.heads; i < min((chunk+1)*t.heads, t.s.Batch*t.s.Heads); i++ {
		t.head(i, w)
	}
}

func (t *attention) head(i int, w *worker) {
	s := t.s
	n, width := s.Tokens, s.Width()
	sample, head := i/s.Heads, i%s.Heads
	from := sample*n*3*width + head*s.Head
	q, k, v := t.qkv[from:], t.qkv[from+width:], t.qkv[from+2*width:]
	logSum := &t.logSum[i*n]
	out := sample*n*width + head*s.Head
	ld := ceil(n, 16) * 16
	room := w.room(2 * n * ld)
	p, dp := room[:n*ld], room[n*ld:]
	sees, grow := n, 0
	if s.Causal {
		sees, grow = 1, 1
	}
	scale, set := float32(1/math.Sqrt(float64(s.Head))), t.d.k
	scores := product{m: n, n: n, k: s.Head, a: q, rs: 3 * width, cs: 1, b: k, ldb: 3 * width, transposed: true, c: p, ldc: ld}
	w.multiply(set, &scores, 0, n, 0, n)
	if !t.back {
		set.Attend(&p[0], 4*ld, n, n, sees, grow, scale, logSum)
		y := product{m: n, n: s.Head, k: n, a: p, rs: ld, cs: 1, b: v, ldb: 3 * width, c: t.y[out:], ldc: width}
		w.multiply(set, &y, 0, n, 0, s.Head)
		return
	}
	dq, dk, dv := t.dqkv[from:], t.dqkv[from+width:], t.dqkv[from+2*width:]
	across := product{m: n, n: n, k: s.Head, a: t.dy[out:], rs: width, cs: 1, b: v, ldb: 3 * width, transposed: true, c: dp, ldc: ld}
	w.multiply(set, &across, 0, n, 0, n)
	set.AttendBack(&p[0], &dp[0], 4*ld, n, n, sees, grow, scale, logSum)
	values := product{m: n, n: s.Head, k: n, a: p, rs: 1, cs: ld, b: t.dy[out:], ldb: width, c: dv, ldc: 3 * width}
	w.multiply(set, &values, 0, n, 0, s.Head)
	queries := product{m: n, n: s.Head, k: n, a: dp, rs: ld, cs: 1, b: k, ldb: 3 * width, c: dq, ldc: 3 * width}
	w.multiply(set, &queries, 0, n, 0, s.Head)
	keys := product{m: n, n: s.Head, k: n, a: dp, rs: 1, cs: ld, b: q, ldb: 3 * width, c: dk, ldc: 3 * width}
	w.multiply(set, &keys, 0, n, 0, s.Head)
}

func sqrt(x float32) float32 { return float32(math.Sqrt(float64(x))) }
func log(x float32) float32  { return float32(math.Log(float64(x))) }
