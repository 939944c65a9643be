package plain

import (
	"math"

	"github.com/scalelaw/scalelaw/trainer/op"
)

// Embed implements op.Tokens.
func (d *Device[T]) Embed(x, table, positions op.Floats, ids op.Ints, s op.Sequence) {
	for i, id := range d.integers(ids)[:s.Batch*s.Tokens] {
		out := row(d.Values(x), i, s.Width)
		copy(out, row(d.Values(table), int(id), s.Width))
		addScaled(out, 1, row(d.Values(positions), i%s.Tokens, s.Width))
	}
}

// EmbedBack implements op.Tokens.
func (d *Device[T]) EmbedBack(dtable, dpositions, dx op.Floats, ids op.Ints, s op.Sequence) {
	for i, id := range d.integers(ids)[:s.Batch*s.Tokens] {
		from := row(d.Values(dx), i, s.Width)
		addScaled(row(d.Values(dtable), int(id), s.Width), 1, from)
		addScaled(row(d.Values(dpositions), i%s.Tokens, s.Width), 1, from)
	}
}

// Bag implements op.Tokens.
func (d *Device[T]) Bag(x, table op.Floats, ids op.Ints, s op.Sequence) {
	for b := range s.Batch {
		out, words := row(d.Values(x), b, s.Width), row(d.integers(ids), b, s.Tokens)
		clear(out)
		for _, id := range words {
			if id != 0 {
				addScaled(out, bagScale[T](words), row(d.Values(table), int(id), s.Width))
			}
		}
	}
}

// BagBack implements op.Tokens.
func (d *Device[T]) BagBack(dtable, dx op.Floats, ids op.Ints, s op.Sequence) {
	for b := range s.Batch {
		words := row(d.integers(ids), b, s.Tokens)
		for _, id := range words {
			if id != 0 {
				addScaled(row(d.Values(dtable), int(id), s.Width), bagScale[T](words), row(d.Values(dx), b, s.Width))
			}
		}
	}
}

func bagScale[T Real](words []int32) T {
	n := 0
	for _, id := range words {
		if id != 0 {
			n++
		}
	}
	return T(1 / math.Sqrt(float64(max(n, 1))))
}

// Prepend implements op.Tokens.
func (d *Device[T]) Prepend(x, class, patches, positions op.Floats, s op.Sequence) {
	for b := range s.Batch {
		for t := range s.Tokens {
			out := row(d.Values(x), b*s.Tokens+t, s.Width)
			copy(out, row(d.Values(positions), t, s.Width))
			addScaled(out, 1, source(d.Values(class), d.Values(patches), b, t, s))
		}
	}
}

// PrependBack implements op.Tokens.
func (d *Device[T]) PrependBack(dclass, dpatches, dpositions, dx op.Floats, s op.Sequence) {
	first := 0
	if !dclass.None() {
		first = 1
	}
	for b := range s.Batch {
		for t := range s.Tokens {
			from := row(d.Values(dx), b*s.Tokens+t, s.Width)
			addScaled(row(d.Values(dpositions), t, s.Width), 1, from)
			to := source(d.Values(dclass), d.Values(dpatches), b, t, s)
			if t >= first {
				clear(to)
			}
			addScaled(to, 1, from)
		}
	}
}

// source is where token t of sample b comes from: the class, or a patch.
func source[T Real](class, patches []T, b, t int, s op.Sequence) []T {
	switch {
	case class == nil:
		return row(patches, b*s.Tokens+t, s.Width)
	case t == 0:
		return class
	default:
		return row(patches, b*(s.Tokens-1)+t-1, s.Width)
	}
}

// Pool implements op.Tokens.
func (d *Device[T]) Pool(y, x op.Floats, ids op.Ints, s op.Pooling) {
	for b := range s.Batch {
		out := row(d.Values(y), b, s.Width)
		clear(out)
		from, to := d.pooled(ids, b, s)
		for t := from; t < to; t++ {
			addScaled(out, 1/T(to-from), row(d.Values(x), b*s.Tokens+t, s.Width))
		}
	}
}

// PoolBack implements op.Tokens.
func (d *Device[T]) PoolBack(dx, dy op.Floats, ids op.Ints, s op.Pooling) {
	clear(d.Values(dx)[:s.Batch*s.Tokens*s.Width])
	for b := range s.Batch {
		from, to := d.pooled(ids, b, s)
		for t := from; t < to; t++ {
			addScaled(row(d.Values(dx), b*s.Tokens+t, s.Width), 1/T(to-from), row(d.Values(dy), b, s.Width))
		}
	}
}

// pooled is the range of tokens whose mean is taken.
func (d *Device[T]) pooled(ids op.Ints, sample int, s op.Pooling) (from, to int) {
	switch s.Kind {
	case op.PoolMean:
		return s.From, s.Tokens
	case op.PoolEnd:
		end := 0
		words := row(d.integers(ids), sample, s.Tokens)
		for t, id := range words {
			if id > words[end] {
				end = t
			}
		}
		return end, end + 1
	default:
		return 0, 1
	}
}
