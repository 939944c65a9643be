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

const iconSize = icons32.Side * icons32.Side

// feed gives the batches of a run. Which samples a step sees, and how they are shifted, is a
// function of seed and step alone: there is no position to save.
type feed struct {
	set      *icons32.Set
	items    []int
	captions []int32 // [items, context]
	context  int
	seed     int64
	batch    int
	epoch    int64 // that order belongs to
	order    []int
	icon     []float32 // one
	images   []float32 // [batch, 32*32]
	ids      []int32   // [batch, context]
	shifts   rand.Rand
	source   rand.PCG
}

func newFeed(set *icons32.Set, pairs int, seed int64, batch, context int) (*feed, error) {
	items, err := set.Train(pairs)
	if err != nil {
		return nil, err
	}
	f := &feed{
		set: set, items: items, captions: make([]int32, len(items)*context), context: context, seed: seed, batch: batch, epoch: -1,
		order: make([]int, len(items)), icon: make([]float32, iconSize), images: make([]float32, batch*iconSize), ids: make([]int32, batch*context),
	}
	f.shifts = *rand.New(&f.source)
	for i, item := range items {
		copy(f.captions[i*context:][:context], set.Tokens(set.Item(item).Words))
	}
	return f, nil
}

// next gives the batch of a step (from 0): images [batch, 32*32] and word ids [batch, context].
// An epoch is one seeded order of the pairs; a batch may reach into the next.
func (f *feed) next(step int64) ([]float32, []int32) {
	f.source.Seed(uint64(f.seed), shiftStream+uint64(step))
	for k := range f.batch {
		i := f.at(step*int64(f.batch) + int64(k))
		f.set.Pixels(f.items[i], f.icon)
		dx, dy := f.shifts.IntN(2*maxShift+1)-maxShift, f.shifts.IntN(2*maxShift+1)-maxShift
		prepare(f.images[k*iconSize:][:iconSize], f.icon, dx, dy)
		copy(f.ids[k*f.context:][:f.context], f.captions[i*f.context:])
	}
	return f.images, f.ids
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

// background is what a shift uncovers: nothing is drawn there.
const background = (0 - 0.25) * 3

// prepare writes an icon [32*32], shifted by (dx, dy), as a model takes it: (p - 0.25)*3.
func prepare(dst, icon []float32, dx, dy int) {
	const side = icons32.Side
	from, to := max(dx, 0), min(side, side+dx)
	for y := range side {
		line := dst[y*side:][:side]
		if y-dy < 0 || y-dy >= side {
			fill(line, background)
			continue
		}
		fill(line[:from], background)
		fill(line[to:], background)
		in := icon[(y-dy)*side-dx+from:][:to-from]
		for x, p := range in {
			line[from+x] = (p - 0.25) * 3
		}
	}
}

func fill(x []float32, v float32) {
	for i := range x {
		x[i] = v
	}
}
