package cpu

import "github.com/scalelaw/scalelaw/trainer/op"

// weights is dw += dy^T x and db += column sums of dy.
type weights struct {
	d  *Device
	p  product
	g  grid
	db []float32
}

// partRows is how many rows a part of a long sum has, when dw alone is too small to be shared
// out.
const (
	partRows    = 1024
	partWeights = 1 << 14
)

// LinearWeights implements op.Products.
func (d *Device) LinearWeights(dw, db, dy, x op.Floats, rows, in, out int) {
	d.weights = weights{d: d, db: d.of(db), p: product{
		m: out, n: in, k: rows, a: d.of(dy), rs: 1, cs: out, b: d.of(x), ldb: in,
		c: d.of(dw), ldc: in, init: d.of(dw), ldi: in, bf16: d.bf16,
	}}
	if rows >= 2*partRows && in*out <= partWeights {
		d.weightsInParts(rows, in, out)
		return
	}
	t := &d.weights
	t.g = gridOf(d.k, out, in, rows, len(d.crew.workers))
	d.crew.run(t, t.g.chunks())
}

func (t *weights) do(chunk int, w *worker) {
	m0, m1, n0, n1 := t.g.block(chunk, t.p.m, t.p.n)
	w.multiply(t.d.k, &t.p, m0, m1, n0, n1)
	if t.db != nil && n0 == 0 && m0 < m1 {
		t.d.k.ColumnSums(&t.db[m0], ptr(t.p.a, m0), 4*t.p.cs, t.p.k, m1-m0)
	}
}

// weightsInParts computes a dw and db for each part of the rows and adds them up in order.
func (d *Device) weightsInParts(rows, in, out int) {
	parts := ceil(rows, partRows)
	size := in*out + out
	d.sum = sumParts{d: d, parts: d.partial(parts * size), size: size, count: parts, weights: in * out, dw: d.weights.p.c, db: d.weights.db}
	d.sum.part = weightsPart{d.weights, d.sum.parts, size}
	d.crew.run(&d.sum.part, parts)
	d.crew.run(&d.sum, ceil(size, sumChunk))
}

// weightsPart computes one part.
type weightsPart struct {
	of    weights
	parts []float32
	size  int
}

func (t *weightsPart) do(chunk int, w *worker) {
	from, to := chunk*partRows, min((chunk+1)*partRows, t.of.p.k)
	p := t.of.p
	p.a, p.b, p.k = p.a[from*p.cs:], p.b[from*p.ldb:], to-from
	t.of.d.part(w, &p, t.parts[chunk*t.size:][:t.size])
}

// part computes one part: dw [m, n], then the column sums of dy [m].
func (d *Device) part(w *worker, p *product, part []float32) {
	p.c, p.ldc, p.init = part, p.n, nil
	w.multiply(d.k, p, 0, p.m, 0, p.n)
	sums := part[p.m*p.n:]
	clear(sums)
	d.k.ColumnSums(&sums[0], ptr(p.a, 0), 4*p.cs, p.k, p.m)
}

// sumParts adds the parts to dw and db.
type sumParts struct {
	d           *Device
	part        weightsPart
	parts       []float32
	size, count int
	weights     int // of a part that belong to dw
	dw, db      []float32
}

const sumChunk = 1024

func (t *sumParts) do(chunk int, _ *worker) {
	from, to := chunk*sumChunk, min((chunk+1)*sumChunk, t.size)
	for i := range t.count {
		part := t.parts[i*t.size:][:t.size]
		if end := min(to, t.weights); from < end {
			t.d.k.AddScaled(&t.dw[from], &part[from], end-from, 1)
		}
		if begin := max(from, t.weights); t.db != nil && begin < to {
			t.d.k.AddScaled(&t.db[begin-t.weights], &part[begin], to-begin, 1)
		}
	}
}
