package cpu

import "github.com/scalelaw/scalelaw/trainer/op"

// patchBack computes a part of dw and db from some images.
type patchBack struct {
	patches
	dy    []float32
	parts []float32
	size  int
	total []float32 // with overlap: dw in the order of cells, and db
}

// partNumbers and maxParts bound what a part sums over and how large all parts are together;
// minParts is how many there are at least, unless that is too large, so that threads share them
// evenly. The shapes alone decide, for the parts decide the bits.
const (
	partNumbers = 1 << 17
	maxParts    = 1 << 22
	minParts    = 8
)

// PatchEmbedBack implements op.Products.
func (d *Device) PatchEmbedBack(dw, db, dy, x op.Floats, s op.Patches) {
	t := &d.patchBack
	total := t.total
	*t = patchBack{patches: patches{d: d, s: s, x: d.of(x)}, dy: d.of(dy), size: s.Width * (s.Size() + 1), total: total}
	t.begin()
	t.images = max(min(partNumbers/t.numbers(), ceil(s.Batch, minParts)), ceil(t.size*s.Batch, maxParts), 1)
	count := ceil(s.Batch, t.images)
	t.parts = d.partial(count * t.size)
	d.crew.run(t, count)
	weights := s.Width * s.Size()
	d.sum = sumParts{d: d, parts: t.parts, size: t.size, count: count, weights: weights, dw: d.of(dw), db: d.of(db)}
	if t.overlaps() {
		t.clearTotal()
		d.sum.dw = t.total
	}
	d.crew.run(&d.sum, ceil(t.size, sumChunk))
	if t.overlaps() {
		t.addTotal(d.of(dw))
	}
}

func (t *patchBack) clearTotal() {
	if n := t.s.Width * t.s.Size(); len(t.total) < n {
		t.total = aligned(n)
	}
	clear(t.total)
}

func (t *patchBack) addTotal(dw []float32) {
	size := t.s.Size()
	t.c.order(func(weight, patch int) {
		for j := range t.s.Width {
			dw[j*size+weight] += t.total[j*size+patch]
		}
	})
}

func (t *patchBack) do(chunk int, w *worker) {
	s := t.s
	first := chunk * t.images
	some := min(t.images, s.Batch-first)
	part := t.parts[chunk*t.size:][:t.size]
	dy := t.dy[first*s.Positions()*s.Width:][:some*s.Positions()*s.Width]
	if !t.overlaps() {
		buffer := w.room(some * t.numbers())
		t.lay(buffer, first, some)
		t.d.part(w, &product{m: s.Width, n: s.Size(), k: some * s.Positions(), a: dy, rs: 1, cs: s.Width, b: buffer, ldb: s.Size()}, part)
		return
	}
	// Every column of the layout counts as a patch; those in which no patch begins get dy = 0.
	columns := some * t.c.along * t.c.grid
	room := w.room(some*t.numbers() + t.c.slack() + columns*s.Width)
	wide := room[:columns*s.Width]
	buffer := room[columns*s.Width:][:some*t.numbers()+t.c.slack()]
	t.lay(buffer, first, some)
	clear(buffer[some*t.numbers():])
	t.widen(wide, dy)
	t.d.part(w, &product{m: s.Width, n: s.Size(), k: columns, a: wide, rs: 1, cs: s.Width, b: buffer, ldb: t.c.column}, part)
}

// widen copies dy's rows of positions to rows of columns, zero where no patch begins.
func (t *patchBack) widen(wide, dy []float32) {
	from, to := t.c.along*t.s.Width, t.c.grid*t.s.Width
	for len(dy) > 0 {
		clear(wide[copy(wide[:to], dy[:from]):to])
		wide, dy = wide[to:], dy[from:]
	}
}
