package cpu

import "github.com/scalelaw/scalelaw/trainer/op"

// patches lays out some images at a time in a worker's own memory and multiplies them there.
type patches struct {
	d     *Device
	s     op.Patches
	c     cells
	whole bool // stride does not divide the patch: patches are written out one by one

	x, y, w     []float32
	bias, slope []float32
	ordered     []float32 // with overlap: the weights [Size, Width] in the order of cells
	images      int       // a chunk
}

// numbersAtOnce is how many numbers of images a chunk lays out: they fit the second cache.
const numbersAtOnce = 1 << 16

// PatchEmbed implements op.Products.
func (d *Device) PatchEmbed(y, x, w op.Floats, s op.Patches) {
	t := &d.patches
	ordered := t.ordered
	*t = patches{d: d, s: s, x: d.of(x), y: d.of(y), w: d.of(w), bias: d.of(s.Bias), slope: d.of(s.Slope), ordered: ordered}
	t.images = min(t.begin(), ceil(max(s.Batch, 1), chunksEach*len(d.crew.workers)))
	if t.overlaps() {
		t.orderWeights()
	}
	d.crew.run(t, ceil(s.Batch, t.images))
}

// begin chooses the layout and gives how many images to lay out at once.
func (t *patches) begin() int {
	c, ok := cellsOf(t.s)
	t.c, t.whole = c, !ok
	return max(numbersAtOnce/t.numbers(), 1)
}

// numbers of one image as it is laid out.
func (t *patches) numbers() int {
	if t.whole {
		return t.s.Positions() * t.s.Size()
	}
	return t.c.image()
}

func (t *patches) overlaps() bool { return !t.whole && t.c.q > 1 }

func (t *patches) orderWeights() {
	n := t.s.Width
	if len(t.ordered) < n*t.s.Size() {
		t.ordered = aligned(n * t.s.Size())
	}
	t.c.order(func(weight, patch int) {
		for j := range n {
			t.ordered[patch*n+j] = t.w[j*t.s.Size()+weight]
		}
	})
}

func (t *patches) do(chunk int, w *worker) {
	s, k := t.s, t.d.k
	first := chunk * t.images
	some := min(t.images, s.Batch-first)
	rows := some * s.Positions()
	buffer := w.room(some * t.numbers())
	t.lay(buffer, first, some)
	at := first * s.Positions() * s.Width
	p := product{n: s.Width, k: s.Size(), a: buffer, cs: 1, c: t.y[at:], ldc: s.Width, init: t.bias}
	if t.overlaps() {
		p.m, p.rs, p.b, p.ldb = t.c.along, t.c.column, t.ordered, s.Width
		for line := range some * t.c.along {
			p.a, p.c = buffer[line*t.c.line:], t.y[at+line*t.c.along*s.Width:]
			w.multiply(k, &p, 0, p.m, 0, p.n)
		}
	} else {
		p.m, p.rs, p.b, p.ldb, p.transposed = rows, s.Size(), t.w, s.Size(), true
		w.multiply(k, &p, 0, p.m, 0, p.n)
	}
	t.activate(at, rows*s.Width)
}

func (t *patches) activate(at, n int) {
	if t.s.Act == op.Identity && t.slope == nil {
		return
	}
	slope := &t.y[at]
	if t.slope != nil {
		slope = &t.slope[at]
	}
	t.d.activate(t.s.Act, &t.y[at], slope, 4*n, 1, n)
}

// lay writes some images, from the first, to a buffer.
func (t *patches) lay(buffer []float32, first, some int) {
	size := t.s.Channels * t.s.Side * t.s.Side
	for i := range some {
		image, dst := t.x[(first+i)*size:][:size], buffer[i*t.numbers():][:t.numbers()]
		if t.whole {
			cut(dst, image, t.s)
		} else {
			t.c.fill(dst, image)
		}
	}
}

// cut writes the patches of an image one by one: [positions, Size].
func cut(dst, image []float32, s op.Patches) {
	at := 0
	for p := range s.Positions() {
		top, left := p/s.Along()*s.Stride-s.Padding, p%s.Along()*s.Stride-s.Padding
		for k := range s.Size() {
			c, y, x := k/(s.Patch*s.Patch), top+k/s.Patch%s.Patch, left+k%s.Patch
			dst[at] = 0
			if y >= 0 && y < s.Side && x >= 0 && x < s.Side {
				dst[at] = image[(c*s.Side+y)*s.Side+x]
			}
			at++
		}
	}
}
