package cpu

import "github.com/scalelaw/scalelaw/trainer/op"

// patches cuts some images at a time into patches, in a worker's own memory, and multiplies
// them there.
type patches struct {
	d       *Device
	s       op.Patches
	x, y, w []float32
	bias    []float32
	slope   []float32
	images  int // a chunk
}

// PatchEmbed implements op.Products.
func (d *Device) PatchEmbed(y, x, w op.Floats, s op.Patches) {
	d.patches = patches{
		d: d, s: s, x: d.of(x), y: d.of(y), w: d.of(w), bias: d.of(s.Bias), slope: d.of(s.Slope),
		images: imagesAtOnce(s, 1<<15),
	}
	d.crew.run(&d.patches, ceil(s.Batch, d.patches.images))
}

// imagesAtOnce is how many images' patches are at most some numbers.
func imagesAtOnce(s op.Patches, numbers int) int {
	return max(numbers/(s.Positions()*s.Size()), 1)
}

func (t *patches) do(chunk int, w *worker) {
	s := t.s
	first := chunk * t.images
	some := min(t.images, s.Batch-first)
	rows := some * s.Positions()
	buffer := w.room(rows * s.Size())
	cut(buffer, t.x, s, first, some)
	at := first * s.Positions() * s.Width
	p := product{m: rows, n: s.Width, k: s.Size(), a: buffer, rs: s.Size(), cs: 1, b: t.w, ldb: s.Size(), transposed: true, c: t.y[at:], ldc: s.Width, init: t.bias}
	w.multiply(t.d.k, &p, 0, rows, 0, s.Width)
	if s.Act == op.Identity && t.slope == nil {
		return
	}
	slope := &t.y[at]
	if t.slope != nil {
		slope = &t.slope[at]
	}
	t.d.activate(s.Act, &t.y[at], slope, 4*rows*s.Width, 1, rows*s.Width)
}

// patchBack computes a part of dw and db from some images.
type patchBack struct {
	d      *Device
	s      op.Patches
	x, dy  []float32
	images int
	parts  []float32
	size   int
}

// PatchEmbedBack implements op.Products.
func (d *Device) PatchEmbedBack(dw, db, dy, x op.Floats, s op.Patches) {
	t := &d.patchBack
	*t = patchBack{d: d, s: s, x: d.of(x), dy: d.of(dy), images: imagesAtOnce(s, 1<<17), size: s.Width * (s.Size() + 1)}
	// Large weights are summed over more images a part, so that the parts stay few.
	t.images = max(t.images, ceil(t.size*s.Batch, 1<<22))
	count := ceil(s.Batch, t.images)
	t.parts = d.partial(count * t.size)
	d.crew.run(t, count)
	d.sum = sumParts{d: d, parts: t.parts, size: t.size, count: count, weights: s.Width * s.Size(), dw: d.of(dw), db: d.of(db)}
	d.crew.run(&d.sum, ceil(t.size, sumChunk))
}

func (t *patchBack) do(chunk int, w *worker) {
	s := t.s
	first := chunk * t.images
	some := min(t.images, s.Batch-first)
	rows := some * s.Positions()
	buffer := w.room(rows * s.Size())
	cut(buffer, t.x, s, first, some)
	p := product{m: s.Width, n: s.Size(), k: rows, a: t.dy[first*s.Positions()*s.Width:], rs: 1, cs: s.Width, b: buffer, ldb: s.Size(), ldc: s.Size()}
	t.d.part(w, &p, t.parts[chunk*t.size:][:t.size])
}

// cut writes the patches of some images, from the first: [some*positions, Size].
func cut(dst, images []float32, s op.Patches, first, some int) {
	at, along := 0, s.Along()
	for b := first; b < first+some; b++ {
		for p := range along * along {
			top, left := p/along*s.Stride-s.Padding, p%along*s.Stride-s.Padding
			from, to := max(-left, 0), min(s.Side-left, s.Patch) // within the image
			for c := range s.Channels {
				plane := images[(b*s.Channels+c)*s.Side*s.Side:][:s.Side*s.Side]
				for ky := range s.Patch {
					line := dst[at:][:s.Patch]
					at += s.Patch
					y := top + ky
					if y < 0 || y >= s.Side || from >= to {
						clear(line)
						continue
					}
					if to-from < s.Patch {
						clear(line)
					}
					copy(line[from:to], plane[y*s.Side+left+from:])
				}
			}
		}
	}
}
