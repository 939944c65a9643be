package cuda

import (
	"math/bits"

	"github.com/scalelaw/scalelaw/trainer/cuda/driver"
	"github.com/scalelaw/scalelaw/trainer/op"
)

// What the text of sort.cu says.
const (
	digitBits = 8
	bins      = 1 << digitBits
	sortTile  = 8 * bins // entries of a block
	runEach   = 128      // sorted entries that are summed by one block
)

// addRows adds rows of dx to those of dtable that ids name: entry i adds row i/each, times
// weights[i] where there are weights (optional; then id 0 is left out).
func (d *Device) addRows(dtable op.Floats, dx, weights driver.Pointer, ids op.Ints, s op.Sequence, each int) error {
	n := s.Batch * s.Tokens
	keys, places, err := d.sort(d.numbers(ids), n, dtable.Len/s.Width)
	if err != nil {
		return err
	}
	blocks := ceil(n, runEach)
	heads, err := d.scratch.takeFloats(blocks * s.Width)
	if err != nil {
		return err
	}
	tails, err := d.scratch.takeFloats(blocks * s.Width)
	if err != nil {
		return err
	}
	threads := min(ceil(s.Width, warp)*warp, usual)
	l := shape{grid: driver.Dim{X: blocks, Y: ceil(s.Width, threads)}, block: driver.Dim{X: threads}}
	if err := d.launch("sum_runs", l, d.wide(dtable), heads, tails, dx, keys, places, weights, n, each, s.Width); err != nil || blocks == 1 {
		return err
	}
	return d.launch("join_runs", l, d.wide(dtable), heads, tails, keys, n, s.Width, weights != 0)
}

// sort gives n ids below words in order, and each one's place before. Equal ones keep their order.
func (d *Device) sort(ids driver.Pointer, n, words int) (keys, places driver.Pointer, err error) {
	blocks := ceil(n, sortTile)
	var room [6]driver.Pointer // two of keys, two of places, counts, totals
	for i, size := range []int{n, n, n, n, bins * blocks, bins} {
		if room[i], err = d.scratch.take(size * intSize); err != nil {
			return 0, 0, err
		}
	}
	counts, totals, block := room[4], room[5], driver.Dim{X: bins}
	keys = ids
	passes := max(ceil(bits.Len(uint(words-1)), digitBits), 1)
	for p := range passes {
		toKeys, toPlaces, shift := room[p%2], room[2+p%2], p*digitBits
		if err := d.launch("sort_counts", shape{grid: driver.Dim{X: blocks}, block: block}, counts, keys, n, shift); err != nil {
			return 0, 0, err
		}
		if err := d.launch("sort_offsets", shape{grid: driver.Dim{X: bins}, block: block}, counts, totals, blocks); err != nil {
			return 0, 0, err
		}
		if err := d.launch("sort_scatter", shape{grid: driver.Dim{X: blocks}, block: block}, toKeys, toPlaces, keys, places, counts, totals, n, shift); err != nil {
			return 0, 0, err
		}
		keys, places = toKeys, toPlaces
	}
	return keys, places, nil
}
