package cuda

import (
	"github.com/scalelaw/scalelaw/trainer/cuda/driver"
	"github.com/scalelaw/scalelaw/trainer/op"
)

// Embed implements op.Tokens.
func (d *Device) Embed(x, table, positions op.Floats, ids op.Ints, s op.Sequence) {
	rows := s.Batch * s.Tokens
	if rows == 0 {
		return
	}
	d.run("Embed", func() error {
		return d.launch("embed", byRows(rows), d.reals(x), d.wide(table), d.wide(positions), d.numbers(ids), rows, s.Tokens, s.Width)
	})
}

// EmbedBack implements op.Tokens.
func (d *Device) EmbedBack(dtable, dpositions, dx op.Floats, ids op.Ints, s op.Sequence) {
	if s.Batch*s.Tokens == 0 {
		return
	}
	d.run("EmbedBack", func() error {
		from := d.reals(dx)
		if err := d.addRows(dtable, from, 0, ids, s, 1); err != nil {
			return err
		}
		return d.addColumns(d.wide(dpositions), from, s.Batch, s.Tokens*s.Width, s.Tokens*s.Width)
	})
}

// Bag implements op.Tokens.
func (d *Device) Bag(x, table op.Floats, ids op.Ints, s op.Sequence) {
	if s.Batch == 0 {
		return
	}
	d.run("Bag", func() error {
		return d.launch("bag", byRows(s.Batch), d.reals(x), d.wide(table), d.numbers(ids), s.Batch, s.Tokens, s.Width)
	})
}

// BagBack implements op.Tokens.
func (d *Device) BagBack(dtable, dx op.Floats, ids op.Ints, s op.Sequence) {
	if s.Batch*s.Tokens == 0 {
		return
	}
	d.run("BagBack", func() error {
		weights, err := d.scratch.takeFloats(s.Batch * s.Tokens)
		if err != nil {
			return err
		}
		if err := d.launch("bag_weights", byRows(s.Batch), weights, d.numbers(ids), s.Batch, s.Tokens); err != nil {
			return err
		}
		return d.addRows(dtable, d.reals(dx), weights, ids, s, s.Tokens)
	})
}

// Prepend implements op.Tokens.
func (d *Device) Prepend(x, class, patches, positions op.Floats, s op.Sequence) {
	rows := s.Batch * s.Tokens
	if rows == 0 {
		return
	}
	d.run("Prepend", func() error {
		return d.launch("prepend", byRows(rows), d.reals(x), d.wide(class), d.reals(patches), d.wide(positions), rows, s.Tokens, s.Width)
	})
}

// PrependBack implements op.Tokens.
func (d *Device) PrependBack(dclass, dpatches, dpositions, dx op.Floats, s op.Sequence) {
	if s.Batch*s.Tokens == 0 {
		return
	}
	d.run("PrependBack", func() error {
		from, step := d.reals(dx), s.Tokens*s.Width
		if err := d.addColumns(d.wide(dpositions), from, s.Batch, step, step); err != nil {
			return err
		}
		if dclass.None() {
			return d.gpu.CopyAsync(d.stream, d.reals(dpatches), from, s.Batch*step*d.real())
		}
		if err := d.addColumns(d.wide(dclass), from, s.Batch, s.Width, step); err != nil {
			return err
		}
		rows := s.Batch * (s.Tokens - 1)
		if rows == 0 {
			return nil
		}
		return d.launch("drop_first", byRows(rows), d.reals(dpatches), from, rows, s.Tokens, s.Width)
	})
}

// Pool implements op.Tokens.
func (d *Device) Pool(y, x op.Floats, ids op.Ints, s op.Pooling) { d.pool("pool", y, x, ids, s) }

// PoolBack implements op.Tokens.
func (d *Device) PoolBack(dx, dy op.Floats, ids op.Ints, s op.Pooling) {
	d.pool("pool_back", dx, dy, ids, s)
}

func (d *Device) pool(kernel string, to, from op.Floats, ids op.Ints, s op.Pooling) {
	if s.Batch == 0 {
		return
	}
	d.run(kernel, func() error {
		threads := min(ceil(s.Width, warp)*warp, usual)
		l := shape{grid: driver.Dim{X: s.Batch}, block: driver.Dim{X: threads}}
		return d.launch(kernel, l, d.reals(to), d.reals(from), d.numbers(ids), s.Tokens, s.Width, int(s.Kind), s.From)
	})
}
