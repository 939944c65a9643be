package clip

import (
	"context"
	"math/rand/v2"

	"github.com/scalelaw/scalelaw/sweep"
	"github.com/scalelaw/scalelaw/trainer/icons32"
)

// maxShift is the largest random shift of an image in pixels, along each axis.
const maxShift = 2

// streams of random numbers drawn from a run's seed, so that a resumed run draws the same.
const (
	orderStream = 1 << 40
	shiftStream = 2 << 40
)

// feed gives the batches of icons. Which samples a step sees, and how they are shifted, is a
// function of seed and step alone: there is no position to save.
type feed struct {
	intake     intake
	shape      shape
	items      []int
	captions   []int32 // [items, context]
	seed       int64
	batch      int
	sequential bool  // in the data's own order, again and again
	still      bool  // without shifts
	epoch      int64 // that order belongs to
	order      []int
	images     []float32 // [batch, image]
	ids        []int32   // [batch, context]
	shifts     rand.Rand
	source     rand.PCG
}

func newFeed(set *icons32.Set, run sweep.Run) (*feed, error) {
	items, err := set.Train(int(run.Data.Pairs))
	if err != nil {
		return nil, err
	}
	in, err := newIntake(run.Model, set)
	if err != nil {
		return nil, err
	}
	r, s := run.Recipe, shapeOf(run.Model)
	f := &feed{
		intake: in, shape: s, items: items, captions: make([]int32, len(items)*s.ids), seed: run.Seed, batch: r.BatchSize,
		sequential: r.Order == "sequential", still: r.Augment == "none", epoch: -1,
		order: make([]int, len(items)), images: make([]float32, r.BatchSize*s.image), ids: make([]int32, r.BatchSize*s.ids),
	}
	f.shifts = *rand.New(&f.source)
	for i, item := range items {
		in.text(f.captions[i*s.ids:][:s.ids], set.Item(item).Words)
	}
	return f, nil
}

// next gives the batch of a step (from 0): images and ids as the model takes them. An epoch is
// one seeded order of the pairs; a batch may reach into the next.
func (f *feed) next(_ context.Context, step int64) ([]float32, []int32, error) {
	f.source.Seed(uint64(f.seed), shiftStream+uint64(step))
	for k := range f.batch {
		i := f.at(step*int64(f.batch) + int64(k))
		dx, dy := 0, 0
		if !f.still {
			dx, dy = f.shifts.IntN(2*maxShift+1)-maxShift, f.shifts.IntN(2*maxShift+1)-maxShift
		}
		f.intake.image(f.images[k*f.shape.image:][:f.shape.image], f.items[i], dx, dy)
		copy(f.ids[k*f.shape.ids:][:f.shape.ids], f.captions[i*f.shape.ids:])
	}
	return f.images, f.ids, nil
}

func (f *feed) position() string { return "" }

func (f *feed) close() {}

// at is the n-th sample that the run sees, as a position in items.
func (f *feed) at(n int64) int {
	size := int64(len(f.items))
	if f.sequential {
		return int(n % size)
	}
	if epoch := n / size; epoch != f.epoch {
		f.epoch = epoch
		for i := range f.order {
			f.order[i] = i
		}
		rand.New(rand.NewPCG(uint64(f.seed), orderStream+uint64(epoch))).Shuffle(len(f.order), func(i, j int) { f.order[i], f.order[j] = f.order[j], f.order[i] })
	}
	return f.order[n%size]
}

// centre is how the ladder's models take a pixel.
func centre(drawn float32) float32 { return (drawn - 0.25) * 3 }

var centred = icons32.NewTone(centre)

// shift writes an icon [32*32] moved by (dx, dy); nothing is drawn where it uncovers.
func shift(dst, icon []float32, dx, dy int) {
	const side = icons32.Side
	from, to, background := max(dx, 0), min(side, side+dx), centre(0)
	for y := range side {
		line := dst[y*side:][:side]
		if y-dy < 0 || y-dy >= side {
			fill(line, background)
			continue
		}
		fill(line[:from], background)
		fill(line[to:], background)
		copy(line[from:to], icon[(y-dy)*side-dx+from:])
	}
}

func fill(x []float32, v float32) {
	for i := range x {
		x[i] = v
	}
}
