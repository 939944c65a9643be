package cpu

import (
	"math"

	"github.com/scalelaw/scalelaw/trainer/op"
)

// rowsTask is an operation over samples, or over columns where samples meet in one row.
type rowsTask struct {
	d          *Device
	kind       rowsKind
	s          op.Pooling
	x, y, a, b []float32
	ids        []int32
	atOnce     int // samples or columns a chunk
}

type rowsKind int

const (
	embed rowsKind = iota
	embedBack
	bag
	bagBack
	prepend
	prependBack
	pool
	poolBack
	addAll
	zeroAll
)

// flatAtOnce is how many numbers a chunk has at least; columns are handed out in columnsAtOnce,
// a vector. Where several samples add to one row (a word's embedding), a thread takes some
// columns of all samples.
const (
	columnsAtOnce = 16
	flatAtOnce    = 1 << 14
)

func (d *Device) bySample(t rowsTask) {
	t.atOnce = max(flatAtOnce/(t.s.Tokens*t.s.Width), 1)
	d.rows = t
	d.crew.run(&d.rows, ceil(t.s.Batch, t.atOnce))
}

func (d *Device) byColumn(t rowsTask) {
	t.atOnce = columnsAtOnce
	for t.atOnce < t.s.Width && t.s.Batch*t.s.Tokens*t.atOnce < flatAtOnce {
		t.atOnce *= 2
	}
	d.rows = t
	d.crew.run(&d.rows, ceil(t.s.Width, t.atOnce))
}

func (t *rowsTask) do(chunk int, _ *worker) {
	switch t.kind {
	case embedBack, bagBack, prependBack:
		at := chunk * t.atOnce
		t.columns(at, min(t.atOnce, t.s.Width-at))
	case addAll, zeroAll:
		t.flat(chunk*flatAtOnce, min(flatAtOnce, len(t.y)-chunk*flatAtOnce))
	default:
		for b := chunk * t.atOnce; b < min((chunk+1)*t.atOnce, t.s.Batch); b++ {
			t.sample(b)
		}
	}
}

func (t *rowsTask) sample(b int) {
	k, s, n := t.d.k, t.s, t.s.Width
	switch t.kind {
	case embed: // x = table (a) at ids + positions (b)
		for i := range s.Tokens {
			out := t.x[(b*s.Tokens+i)*n:][:n]
			copy(out, t.a[int(t.ids[b*s.Tokens+i])*n:][:n])
			k.AddScaled(&out[0], &t.b[i*n], n, 1)
		}
	case bag: // x = sum of table (a) at ids, scaled
		out, words := t.x[b*n:][:n], t.ids[b*s.Tokens:][:s.Tokens]
		clear(out)
		scale := bagScale(words)
		for _, id := range words {
			if id != 0 {
				k.AddScaled(&out[0], &t.a[int(id)*n], n, scale)
			}
		}
	case prepend: // x = class (a) and patches (y) + positions (b)
		for i := range s.Tokens {
			out := t.x[(b*s.Tokens+i)*n:][:n]
			copy(out, t.token(b, i))
			k.AddScaled(&out[0], &t.b[i*n], n, 1)
		}
	case pool:
		out := t.y[b*n:][:n]
		clear(out)
		from, to := t.pooled(b)
		for i := from; i < to; i++ {
			k.AddScaled(&out[0], &t.x[(b*s.Tokens+i)*n], n, 1/float32(to-from))
		}
	case poolBack:
		clear(t.x[b*s.Tokens*n:][:s.Tokens*n])
		from, to := t.pooled(b)
		for i := from; i < to; i++ {
			k.AddScaled(&t.x[(b*s.Tokens+i)*n], &t.y[b*n], n, 1/float32(to-from))
		}
	}
}

// columns adds the gradients of columns [at, at+n) over all samples, in their order.
func (t *rowsTask) columns(at, n int) {
	k, s := t.d.k, t.s
	for b := range s.Batch {
		words := t.ids
		if words != nil {
			words = words[b*s.Tokens:][:s.Tokens]
		}
		switch t.kind {
		case bagBack: // table (a) at ids += x, scaled
			scale := bagScale(words)
			for _, id := range words {
				if id != 0 {
					k.AddScaled(&t.a[int(id)*s.Width+at], &t.x[b*s.Width+at], n, scale)
				}
			}
		case embedBack: // table (a) at ids and positions (b) += x
			for i, id := range words {
				from := &t.x[(b*s.Tokens+i)*s.Width+at]
				k.AddScaled(&t.a[int(id)*s.Width+at], from, n, 1)
				k.AddScaled(&t.b[i*s.Width+at], from, n, 1)
			}
		case prependBack: // class (a) and positions (b) += x, patches (y) = x
			for i := range s.Tokens {
				from, to := t.x[(b*s.Tokens+i)*s.Width+at:][:n], t.token(b, i)[at:][:n]
				k.AddScaled(&t.b[i*s.Width+at], &from[0], n, 1)
				if t.a != nil && i == 0 {
					k.AddScaled(&to[0], &from[0], n, 1)
				} else {
					copy(to, from)
				}
			}
		}
	}
}

// token is the class (a) or the patch (y) that becomes token i of sample b.
func (t *rowsTask) token(b, i int) []float32 {
	s, n := t.s, t.s.Width
	switch {
	case t.a == nil:
		return t.y[(b*s.Tokens+i)*n:][:n]
	case i == 0:
		return t.a[:n]
	default:
		return t.y[(b*(s.Tokens-1)+i-1)*n:][:n]
	}
}

func (t *rowsTask) flat(at, n int) {
	if t.kind == zeroAll {
		clear(t.y[at:][:n])
		return
	}
	t.d.k.AddScaled(&t.y[at], &t.x[at], n, 1)
}

// pooled is the range of tokens whose mean is taken.
func (t *rowsTask) pooled(b int) (from, to int) {
	switch t.s.Kind {
	case op.PoolMean:
		return t.s.From, t.s.Tokens
	case op.PoolEnd:
		end, words := 0, t.ids[b*t.s.Tokens:][:t.s.Tokens]
		for i, id := range words {
			if id > words[end] {
				end = i
			}
		}
		return end, end + 1
	default:
		return 0, 1
	}
}

func bagScale(words []int32) float32 {
	n := 0
	for _, id := range words {
		if id != 0 {
			n++
		}
	}
	return float32(1 / math.Sqrt(float64(max(n, 1))))
}
