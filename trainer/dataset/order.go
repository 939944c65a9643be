package dataset

import (
	"encoding/binary"
	"math/rand/v2"
)

// Order is how the pairs of a pass follow each other.
type Order string

// Shuffled is a new order in every pass; Sequential is the order of the files.
const (
	Shuffled   Order = "shuffled"
	Sequential Order = "sequential"
)

// What random numbers are drawn for. Each drawing has a generator of its own, keyed by the
// seed, its purpose, the pass and where in the pass it is: nothing is drawn from a state that
// would have to be saved.
const (
	drawShards uint64 = iota + 1
	drawWindow
	drawRows
	drawCrop
)

// generator draws random numbers; reset keys it.
type generator struct {
	source rand.ChaCha8
	*rand.Rand
}

func newGenerator() *generator {
	d := &generator{}
	d.Rand = rand.New(&d.source)
	return d
}

func (d *generator) reset(seed int64, purpose uint64, pass, at int64) {
	var key [32]byte
	for i, v := range []uint64{uint64(seed), purpose, uint64(pass), uint64(at)} {
		binary.LittleEndian.PutUint64(key[8*i:], v)
	}
	d.source.Seed(key)
}

// permutation writes an order of 0 ... len(order)-1.
func permutation[T int | uint32](order []T, d *generator) {
	for i := range order {
		order[i] = T(i)
	}
	if d != nil {
		d.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
	}
}
