package cuda

import (
	"github.com/scalelaw/scalelaw/trainer/cuda/driver"
	"github.com/scalelaw/scalelaw/trainer/op"
)

// What the text of loss.cu says.
const (
	tileRows    = 32
	tileColumns = 256
)

// contrast is a loss over the similarities of all pairs, a strip of images at a time. Where one
// strip holds them all, they are computed once; else InfoNCE computes each twice, first for the
// softmaxes' sums.
type contrast struct {
	d        *Device
	s        op.Contrast
	rows     int            // of a strip
	cosines  driver.Pointer // [rows, n]
	totals   driver.Pointer // [tiles, 3]
	byRow    driver.Pointer // [n] of InfoNCE: logarithms of the softmaxes' sums
	byColumn driver.Pointer // [n]
	done     int            // tiles that have totals
}

// InfoNCE implements op.Losses.
func (d *Device) InfoNCE(s op.Contrast) {
	d.run("InfoNCE", func() error {
		c, err := d.newContrast(s)
		if err != nil {
			return err
		}
		if err := c.sums(); err != nil {
			return err
		}
		return c.slopes(c.rows < s.Rows, 0, func(first, rows int, grid shape) error {
			return d.launch("infonce_slopes", grid, c.totalsAt(), c.cosines, c.byRow.Offset(first*floatSize), c.byColumn, d.wide(s.LogScale), d.wide(s.LogBias), first, rows, s.Rows)
		})
	})
}

// SigLIP implements op.Losses.
func (d *Device) SigLIP(s op.Contrast) {
	d.run("SigLIP", func() error {
		c, err := d.newContrast(s)
		if err != nil {
			return err
		}
		return c.slopes(true, d.wide(s.DLogBias), func(first, rows int, grid shape) error {
			return d.launch("siglip_slopes", grid, c.totalsAt(), c.cosines, d.wide(s.LogScale), d.wide(s.LogBias), first, rows, s.Rows)
		})
	})
}

func (d *Device) newContrast(s op.Contrast) (*contrast, error) {
	c := &contrast{d: d, s: s, rows: s.Rows}
	if s.Rows*s.Rows > d.strip {
		c.rows = min(max(d.strip/s.Rows/tileRows, 1)*tileRows, s.Rows)
	}
	strips := ceil(s.Rows, c.rows)
	tiles := strips * ceil(c.rows, tileRows) * ceil(s.Rows, tileColumns)
	for _, want := range []struct {
		at *driver.Pointer
		n  int
	}{{&c.cosines, c.rows * s.Rows}, {&c.totals, 3 * tiles}, {&c.byRow, s.Rows}, {&c.byColumn, s.Rows}} {
		var err error
		if *want.at, err = d.scratch.takeFloats(want.n); err != nil {
			return nil, err
		}
	}
	return c, nil
}

func (c *contrast) totalsAt() driver.Pointer { return c.totals.Offset(3 * c.done * floatSize) }

// each calls do for every strip.
func (c *contrast) each(do func(first, rows int, grid shape) error) error {
	for first := 0; first < c.s.Rows; first += c.rows {
		rows := min(c.rows, c.s.Rows-first)
		grid := shape{grid: driver.Dim{X: ceil(c.s.Rows, tileColumns), Y: ceil(rows, tileRows)}, block: driver.Dim{X: tileColumns}}
		if err := do(first, rows, grid); err != nil {
			return err
		}
	}
	return nil
}

// similar computes a strip's cosines.
func (c *contrast) similar(first, rows int) error {
	e := c.s.Width
	image, text := c.d.wide(c.s.Image).Offset(first*e*floatSize), c.d.wide(c.s.Text)
	return c.d.multiply(product{m: rows, n: c.s.Rows, k: e, a: matrix{at: image, step: e}, b: matrix{at: text, step: e, across: true}, to: c.cosines, step: c.s.Rows, floats: true})
}

// sums computes the logarithms of the softmaxes' sums: of rows strip by strip, of columns over all.
func (c *contrast) sums() error {
	n, d := c.s.Rows, c.d
	rowParts, err := d.scratch.takeFloats(ceil(n, tileColumns) * c.rows)
	if err != nil {
		return err
	}
	columnParts, err := d.scratch.takeFloats(ceil(c.rows, tileRows) * n)
	if err != nil {
		return err
	}
	return c.each(func(first, rows int, grid shape) error {
		if err := c.similar(first, rows); err != nil {
			return err
		}
		if err := d.launch("log_sums", grid, rowParts, columnParts, c.cosines, d.wide(c.s.LogScale), d.wide(c.s.LogBias), rows, n); err != nil {
			return err
		}
		if err := d.launch("merge_log_sums", perNumber(rows), c.byRow.Offset(first*floatSize), rowParts, grid.grid.X, rows, true); err != nil {
			return err
		}
		return d.launch("merge_log_sums", perNumber(n), c.byColumn, columnParts, grid.grid.Y, n, first == 0)
	})
}

// perNumber is for kernels that have a thread for each of n numbers.
func perNumber(n int) shape {
	return shape{grid: driver.Dim{X: ceil(n, usual)}, block: driver.Dim{X: usual}}
}

// slopes turns each strip's cosines (computed anew, or those that are there) into slopes, and
// carries them on to the embeddings, the scale and the bias.
func (c *contrast) slopes(compute bool, dbias driver.Pointer, kernel func(first, rows int, grid shape) error) error {
	d, n, e := c.d, c.s.Rows, c.s.Width
	image, text, dImage, dText := d.wide(c.s.Image), d.wide(c.s.Text), d.wide(c.s.DImage), d.wide(c.s.DText)
	err := c.each(func(first, rows int, grid shape) error {
		if compute {
			if err := c.similar(first, rows); err != nil {
				return err
			}
		}
		if err := kernel(first, rows, grid); err != nil {
			return err
		}
		c.done += grid.grid.X * grid.grid.Y
		at := first * e * floatSize
		byImage := product{m: rows, n: e, k: n, a: matrix{at: c.cosines, step: n}, b: matrix{at: text, step: e}, to: dImage.Offset(at), step: e, floats: true}
		if err := d.multiply(byImage); err != nil {
			return err
		}
		byText := product{m: n, n: e, k: rows, a: matrix{at: c.cosines, step: n, across: true}, b: matrix{at: image.Offset(at), step: e}, to: dText, step: e, floats: true}
		if first > 0 {
			byText.plus = dText
		}
		return d.multiply(byText)
	})
	if err != nil {
		return err
	}
	one := shape{block: driver.Dim{X: blockWidest}}
	return d.launch("loss_totals", one, d.wide(c.s.Loss), d.wide(c.s.DLogScale), dbias, c.totals, c.done)
}
