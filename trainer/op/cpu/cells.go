package cpu

import "github.com/scalelaw/scalelaw/trainer/op"

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
	return c, true
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

// scatter cuts a row of pixels into runs of a stride, a column apart.
func (c *cells) scatter(dst, row []float32) {
	stride, at := c.s.Stride, 0
	if first := c.s.Padding % stride; first > 0 {
		at = c.s.Padding / stride * c.column
		n := copy(dst[at+first:][:stride-first], row)
		row, at = row[n:], at+c.column
	} else {
		at = c.s.Padding / stride * c.column
	}
	for ; len(row) >= stride && at < c.line; at += c.column {
		if stride == 4 {
			*(*[4]float32)(dst[at:]) = [4]float32(row)
		} else {
			copy(dst[at:][:stride], row)
		}
		row = row[stride:]
	}
	if at < c.line {
		copy(dst[at:], row[:min(len(row), stride)])
	}
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
