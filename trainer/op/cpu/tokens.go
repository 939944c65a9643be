package cpu

import "github.com/scalelaw/scalelaw/trainer/op"

// Embed implements op.Tokens.
func (d *Device) Embed(x, table, positions op.Floats, ids op.Ints, s op.Sequence) {
	d.bySample(rowsTask{d: d, kind: embed, s: op.Pooling{Sequence: s}, x: d.of(x), a: d.of(table), b: d.of(positions), ids: d.idsOf(ids)})
}

// EmbedBack implements op.Tokens.
func (d *Device) EmbedBack(dtable, dpositions, dx op.Floats, ids op.Ints, s op.Sequence) {
	d.byColumn(rowsTask{d: d, kind: embedBack, s: op.Pooling{Sequence: s}, x: d.of(dx), a: d.of(dtable), b: d.of(dpositions), ids: d.idsOf(ids)})
}

// Bag implements op.Tokens.
func (d *Device) Bag(x, table op.Floats, ids op.Ints, s op.Sequence) {
	d.bySample(rowsTask{d: d, kind: bag, s: op.Pooling{Sequence: s}, x: d.of(x), a: d.of(table), ids: d.idsOf(ids)})
}

// BagBack implements op.Tokens.
func (d *Device) BagBack(dtable, dx op.Floats, ids op.Ints, s op.Sequence) {
	d.byColumn(rowsTask{d: d, kind: bagBack, s: op.Pooling{Sequence: s}, x: d.of(dx), a: d.of(dtable), ids: d.idsOf(ids)})
}

// Prepend implements op.Tokens.
func (d *Device) Prepend(x, class, patches, positions op.Floats, s op.Sequence) {
	d.bySample(rowsTask{d: d, kind: prepend, s: op.Pooling{Sequence: s}, x: d.of(x), a: d.of(class), y: d.of(patches), b: d.of(positions)})
}

// PrependBack implements op.Tokens.
func (d *Device) PrependBack(dclass, dpatches, dpositions, dx op.Floats, s op.Sequence) {
	d.byColumn(rowsTask{d: d, kind: prependBack, s: op.Pooling{Sequence: s}, x: d.of(dx), a: d.of(dclass), y: d.of(dpatches), b: d.of(dpositions)})
}

// Pool implements op.Tokens.
func (d *Device) Pool(y, x op.Floats, ids op.Ints, s op.Pooling) {
	d.bySample(rowsTask{d: d, kind: pool, s: s, x: d.of(x), y: d.of(y), ids: d.idsOf(ids)})
}

// PoolBack implements op.Tokens.
func (d *Device) PoolBack(dx, dy op.Floats, ids op.Ints, s op.Pooling) {
	d.bySample(rowsTask{d: d, kind: poolBack, s: s, x: d.of(dx), y: d.of(dy), ids: d.idsOf(ids)})
}

// Add implements op.Device.
func (d *Device) Add(y, x op.Floats) {
	d.rows = rowsTask{d: d, kind: addAll, x: d.of(x), y: d.of(y)}
	d.crew.run(&d.rows, ceil(y.Len, flatAtOnce))
}

// Zero implements op.Device.
func (d *Device) Zero(x op.Floats) {
	d.rows = rowsTask{d: d, kind: zeroAll, y: d.of(x)}
	d.crew.run(&d.rows, ceil(x.Len, flatAtOnce))
}

// Clamp implements op.Device.
func (d *Device) Clamp(x op.Floats, low, high float64) {
	values := d.of(x)
	for i, v := range values {
		values[i] = min(max(v, float32(low)), float32(high))
	}
}
