package picture

import (
	"image"
	"math"
)

// Resizer resizes with PIL's bicubic filter (Keys 1981, a = -0.5), which is widened by the
// scale when shrinking, in PIL's fixed-point arithmetic. It keeps its scratch memory; it is
// not safe for concurrent use.
type Resizer struct {
	between    []uint8 // after the horizontal pass: [rows, width, 3]
	sums       []int32 // of one row
	horizontal filter
	vertical   filter
}

// filter has the taps of one axis: output i is the sum of taps weights[i*size:] over the
// count[i] inputs from first[i].
type filter struct {
	size         int
	first, count []int
	weights      []int32
}

// precision is the number of bits of a weight's fraction.
const precision = 32 - 8 - 2

// cubic is the kernel at distance x, by Keys's formula with a = -0.5.
func cubic(x float64) float64 {
	const a = -0.5
	x = math.Abs(x)
	switch {
	case x < 1:
		return ((a+2)*x-(a+3))*x*x + 1
	case x < 2:
		return (((x-5)*x+8)*x - 4) * a
	}
	return 0
}

// plan computes the taps from in samples to out, of which only [from, to) are wanted.
func (f *filter) plan(in, out, from, to int) {
	scale := float64(in) / float64(out)
	widen := max(scale, 1)
	support := 2 * widen
	f.size = 2*int(math.Ceil(support)) + 1
	f.first, f.count, f.weights = f.first[:0], f.count[:0], f.weights[:0]
	taps := make([]float64, f.size)
	for i := from; i < to; i++ {
		centre := (float64(i) + 0.5) * scale
		first := max(int(centre-support+0.5), 0)
		n := min(int(centre+support+0.5), in) - first
		total := 0.0
		for k := range n {
			taps[k] = cubic((float64(k+first) - centre + 0.5) / widen)
			total += taps[k]
		}
		clear(taps[n:])
		f.first, f.count = append(f.first, first), append(f.count, n)
		for _, w := range taps {
			f.weights = append(f.weights, int32(math.Round(w/total*(1<<precision))))
		}
	}
}

// Resize writes to dst the pixels of window of src's part box, resized to width x height.
// Positions of window are those of the resized image; pixels outside it are not computed.
func (r *Resizer) Resize(dst, src *Image, box image.Rectangle, width, height int, window image.Rectangle) {
	r.horizontal.plan(box.Dx(), width, window.Min.X, window.Max.X)
	r.vertical.plan(box.Dy(), height, window.Min.Y, window.Max.Y)
	last := window.Dy() - 1
	top := r.vertical.first[0]
	rows := r.vertical.first[last] + r.vertical.count[last] - top
	stride := 3 * window.Dx()
	if n := rows * stride; cap(r.between) < n {
		r.between = make([]uint8, n)
	}
	for y := range rows {
		line := src.Pix[3*((box.Min.Y+top+y)*src.Width+box.Min.X):][:3*box.Dx()]
		r.horizontal.along(r.between[y*stride:][:stride], line)
	}
	dst.resize(window.Dx(), window.Dy())
	if cap(r.sums) < stride {
		r.sums = make([]int32, stride)
	}
	for y := range window.Dy() {
		r.vertical.across(dst.Pix[y*stride:][:stride], r.between[(r.vertical.first[y]-top)*stride:], y, r.sums[:stride])
	}
}

// along resizes a row of RGB pixels.
func (f *filter) along(dst, src []uint8) {
	for i, first := range f.first {
		weights := f.weights[i*f.size:][:f.count[i]]
		pixels := src[3*first:][:3*len(weights)]
		red, green, blue := int32(1<<(precision-1)), int32(1<<(precision-1)), int32(1<<(precision-1))
		for k, w := range weights {
			p := pixels[3*k : 3*k+3 : 3*k+3]
			red += w * int32(p[0])
			green += w * int32(p[1])
			blue += w * int32(p[2])
		}
		dst[3*i], dst[3*i+1], dst[3*i+2] = clamp(red>>precision), clamp(green>>precision), clamp(blue>>precision)
	}
}

// across combines rows into output row i; src begins with the first of them. It goes along the
// rows one after another, as they lie in memory.
func (f *filter) across(dst, src []uint8, i int, sums []int32) {
	for x := range sums {
		sums[x] = 1 << (precision - 1)
	}
	for k, w := range f.weights[i*f.size:][:f.count[i]] {
		row := src[k*len(dst):][:len(sums)]
		for x, v := range row {
			sums[x] += w * int32(v)
		}
	}
	for x, sum := range sums[:len(dst)] {
		dst[x] = clamp(sum >> precision)
	}
}
