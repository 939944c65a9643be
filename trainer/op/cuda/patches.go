package cuda

import (
	"github.com/scalelaw/scalelaw/trainer/cuda/driver"
	"github.com/scalelaw/scalelaw/trainer/op"
)

// patchesMost is how many numbers of cut patches are kept at once, unless one image has more.
const patchesMost = 1 << 26

// PatchEmbed implements op.Products: patches are cut into the rows of a matrix, some images at
// a time.
func (d *Device) PatchEmbed(y, x, w op.Floats, s op.Patches) {
	d.run("PatchEmbed", func() error {
		out, slope, positions := d.reals(y), d.reals(s.Slope), s.Positions()
		return d.eachCut(d.reals(x), s, func(patches driver.Pointer, first, rows int) error {
			at := first * positions * s.Width * d.real()
			l := op.Linear{Rows: rows, In: s.Size(), Out: s.Width, Bias: s.Bias, Act: s.Act}
			return d.linear(out.Offset(at), patches, w, offset(slope, at), 0, l)
		})
	})
}

// PatchEmbedBack implements op.Products.
func (d *Device) PatchEmbedBack(dw, db, dy, x op.Floats, s op.Patches) {
	d.run("PatchEmbedBack", func() error {
		to, bias, from := d.wide(dw), d.wide(db), d.reals(dy)
		return d.eachCut(d.reals(x), s, func(patches driver.Pointer, first, rows int) error {
			at := first * s.Positions() * s.Width * d.real()
			return d.linearWeights(to, bias, from.Offset(at), patches, rows, s.Size(), s.Width)
		})
	})
}

// eachCut cuts images x and calls do with the rows of those from first on.
func (d *Device) eachCut(x driver.Pointer, s op.Patches, do func(patches driver.Pointer, first, rows int) error) error {
	positions, size := s.Positions(), s.Size()
	each := min(max(patchesMost/(positions*size), 1), s.Batch)
	if each == 0 {
		return d.err
	}
	patches, err := d.scratch.take(each * positions * size * d.real())
	if err != nil {
		return err
	}
	v := d.vector()
	vectors := s.Patch%v == 0 && s.Stride%v == 0 && s.Side%v == 0 && s.Padding == 0 && aligned(x)
	for first := 0; first < s.Batch; first += each {
		rows := min(each, s.Batch-first) * positions
		from := x.Offset(first * s.Channels * s.Side * s.Side * d.real())
		if err := d.launch("cut", byRows(rows), patches, from, rows, s.Channels, s.Side, s.Patch, s.Stride, s.Padding, s.Along(), vectors); err != nil {
			return err
		}
		if err := do(patches, first, rows); err != nil {
			return err
		}
	}
	return nil
}

// offset is the address bytes on; none stays none.
func offset(p driver.Pointer, bytes int) driver.Pointer {
	if p == 0 {
		return 0
	}
	return p.Offset(bytes)
}
