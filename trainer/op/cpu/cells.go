package cpu

import (
	"unsafe"

	"github.com/scalelaw/scalelaw/trainer/op"
)

// cells is how images are laid out for a patch embedding, so that patches which overlap share
// their memory. With q = Patch/Stride, an image is cut into cells of Stride x Stride; column px
// of position row py holds the q cells below each other that begin there, and a patch is q
// columns side by side: one run of numbers, that begins a column after its neighbour's. Its
// numbers are in the order (cell across, cell down, channel, y, x). With q = 1 that is the
// order of the weights, and patches do not overlap.
type cells struct {
	s      op.Patches
	q      int
	grid   int // cells along one side
	along  int // positions along one side
	cell   int // numbers of a cell
	column int // of a column: q cells
	line   int // of a row of positions: grid columns

	// A row of pixels: so many belong to a cell that began before the image, so many whole runs
	// of a stride begin at a place in the line, and so many are left.
	lead, leadAt, whole, wholeAt, rest int
}

// cellsOf is the layout of a patch embedding; ok says whether it has one: the stride must
// divide the patch.
func cellsOf(s op.Patches) (c cells, ok bool) {
	if s.Patch%s.Stride != 0 {
		return cells{}, false
	}
	c = cells{s: s, q: s.Patch / s.Stride, along: s.Along(), cell: s.Channels * s.Stride * s.Stride}
	c.grid = c.along + c.q - 1
	c.column = c.q * c.cell
	c.line = c.grid * c.column
	c.cutRow()
	return c, true
}

func (c *cells) cutRow() {
	s, first := c.s, c.s.Padding/c.s.Stride
	if within := s.Padding % s.Stride; within > 0 {
		c.lead, c.leadAt = min(s.Stride-within, s.Side), first*c.column+within
		first++
	}
	c.wholeAt = first * c.column
	c.whole = min((s.Side-c.lead)/s.Stride, max(c.grid-first, 0))
	if first+c.whole < c.grid {
		c.rest = min(s.Side-c.lead-c.whole*s.Stride, s.Stride)
	}
}

// image is the numbers of one image in this layout.
func (c *cells) image() int { return c.along * c.line }

// slack is how far the last rows of a run that is taken one row too long reach.
func (c *cells) slack() int { return c.column * c.q }

// fill writes one image [Channels, Side, Side] to dst [image].
func (c *cells) fill(dst, image []float32) {
	s := c.s
	clear(dst)
	for channel := range s.Channels {
		for y := range s.Side {
			row := image[(channel*s.Side+y)*s.Side:][:s.Side]
			down, within := (y+s.Padding)/s.Stride, (y+s.Padding)%s.Stride
			if down >= c.grid {
				break
			}
			at := (channel*s.Stride + within) * s.Stride
			for dy := range c.q { // cell row down is the dy-th of position row down-dy
				if py := down - dy; py >= 0 && py < c.along {
					c.scatter(dst[py*c.line+dy*c.cell+at:], row)
				}
			}
		}
	}
}

// scatter writes a row of pixels to its line: runs of a stride, a column apart.
func (c *cells) scatter(dst, row []float32) {
	if c.lead > 0 {
		copy(dst[c.leadAt:][:c.lead], row)
	}
	stride, at := c.s.Stride, c.wholeAt
	runs := row[c.lead:]
	if stride == 4 && c.whole > 0 {
		end := at + (c.whole-1)*c.column + 4
		runsOfFour(&dst[:end][at], &runs[0], c.whole, c.column)
		at += c.whole * c.column
	} else {
		for i := range c.whole {
			copy(dst[at:][:stride], runs[i*stride:])
			at += c.column
		}
	}
	if c.rest > 0 {
		copy(dst[at:][:c.rest], runs[c.whole*stride:])
	}
}

// runsOfFour copies n runs of four numbers that lie side by side to places step numbers apart.
func runsOfFour(dst, src *float32, n, step int) {
	to, from := unsafe.Pointer(dst), unsafe.Pointer(src)
	for range n - 1 {
		*(*[4]float32)(to) = *(*[4]float32)(from)
		to, from = unsafe.Add(to, 4*step), unsafe.Add(from, 16)
	}
	*(*[4]float32)(to) = *(*[4]float32)(from)
}

// order calls f with each weight's place in the weights' order and in that of a patch here.
func (c *cells) order(f func(weight, patch int)) {
	s := c.s
	for k := range s.Size() {
		channel, y, x := k/(s.Patch*s.Patch), k/s.Patch%s.Patch, k%s.Patch
		across, down := x/s.Stride, y/s.Stride
		f(k, across*c.column+down*c.cell+(channel*s.Stride+y%s.Stride)*s.Stride+x%s.Stride)
	}
}
