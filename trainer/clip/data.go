package clip

import (
	"math/rand/v2"

	"github.com/scalelaw/scalelaw/trainer/icons32"
)

// maxShift is the largest random shift of an image in pixels, along each axis.
const maxShift = 2

// streams of random numbers drawn from a run's seed, so that a resumed run draws the same.
const (
	orderStream = 1 << 40
	shiftStream = 2 << 40
)

// feed gives the batches of a run. Which samples a step sees, and how they are shifted, is a
// function of seed and step alone: there is no position to save.
type feed struct {
	set      *icons32.Set
	items    []int
	captions [][]int32 // by position in items
	seed     int64
	batch    int
	epoch    int64 // that order belongs to
	order    []int
	image    []float32
	patches  []float32
	words    [][]int32
}

func newFeed(set *icons32.Set, pairs int, seed int64, batch int) (*feed, error) {
	items, err := set.Train(pairs)
	if err != nil {
		return nil, err
	}
	f := &feed{
		set: set, items: items, seed: seed, batch: batch, epoch: -1,
		captions: make([][]int32, len(items)), order: make([]int, len(items)),
		image: make([]float32, icons32.Side*icons32.Side), patches: make([]float32, batch*positions*patchSize), words: make([][]int32, batch),
	}
	for i, item := range items {
		f.captions[i] = set.Tokens(set.Item(item).Words)
	}
	return f, nil
}

// next gives the batch of a step (from 0): patches [batch*64, 64] and word ids. An epoch is
// one seeded order of the pairs; a batch may reach into the next.
func (f *feed) next(step int64) ([]float32, [][]int32) {
	shifts := rand.New(rand.NewPCG(uint64(f.seed), shiftStream+uint64(step)))
	for k := range f.batch {
		i := f.at(step*int64(f.batch) + int64(k))
		f.set.Pixels(f.items[i], f.image)
		dx, dy := shifts.IntN(2*maxShift+1)-maxShift, shifts.IntN(2*maxShift+1)-maxShift
		patchesOf(f.patches[k*positions*patchSize:], f.image, dx, dy)
		f.words[k] = f.captions[i]
	}
	return f.patches, f.words
}

// at is the n-th sample that the run sees, as a position in items.
func (f *feed) at(n int64) int {
	size := int64(len(f.items))
	if epoch := n / size; epoch != f.epoch {
		f.epoch = epoch
		for i := range f.order {
			f.order[i] = i
		}
		rand.New(rand.NewPCG(uint64(f.seed), orderStream+uint64(epoch))).Shuffle(len(f.order), func(i, j int) { f.order[i], f.order[j] = f.order[j], f.order[i] })
	}
	return f.order[n%size]
}
