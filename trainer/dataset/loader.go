package dataset

import (
	"context"
	"sync"
)

// loader is the machinery of a feed: one goroutine reads windows, one hands out jobs in order,
// workers decode them, one gathers the results in the same order into batches. What is under
// way is bounded by the number of jobs and batches, which go round and round.
type loader struct {
	ctx     context.Context
	set     *Set
	options FeedOptions
	pool    *buffers
	free    chan *job // jobs that nobody uses
	work    chan *job // to decode
	ordered chan *job // all that are under way, in order
	spare   chan *Batch
	ready   chan *Batch // closed at the end, after err was set
	err     error

	bad   int64 // of the current pass
	total Totals
	last  Position // after the last pair that was gathered

	lastBad string
}

// job is one pair on its way through the loader.
type job struct {
	pair
	after  Position
	tensor []float32
	planes []uint8
	done   chan struct{} // room for one
	err    error         // why the image is bad
	end    error         // no pair: why there are no more
}

// Batches is how many there are: one with the caller, one being gathered. Jobs is how many images
// each worker has under way.
const (
	Batches = 2
	Jobs    = 4
)

func newLoader(ctx context.Context, s *Set, o FeedOptions, pool *buffers, from Position) *loader {
	jobs := Jobs * o.Workers
	l := &loader{
		ctx: ctx, set: s, options: o, pool: pool,
		free: make(chan *job, jobs), work: make(chan *job, jobs), ordered: make(chan *job, jobs+1),
		spare: make(chan *Batch, Batches), ready: make(chan *Batch),
		bad: from.Bad, total: from.Total, last: from,
	}
	n := 3 * o.Transform.Size * o.Transform.Size
	for range jobs {
		j := &job{done: make(chan struct{}, 1)}
		j.tensor, j.planes = l.memory(n)
		l.free <- j
	}
	for range Batches {
		b := &Batch{Captions: make([]string, o.Batch), Labels: make([]int, o.Batch), Members: make([]string, o.Batch)}
		b.Images, b.Bytes = l.memory(n * o.Batch)
		l.spare <- b
	}
	return l
}

func (l *loader) memory(n int) ([]float32, []uint8) {
	if l.options.Bytes {
		return nil, make([]uint8, n)
	}
	return make([]float32, n), nil
}

func (l *loader) start(source source, from Position) *sync.WaitGroup {
	var done sync.WaitGroup
	windows := make(chan reading)
	done.Go(func() { l.set.read(l.ctx, source, from, l.options.Once, windows) })
	done.Go(func() { l.dispatch(&stream{ctx: l.ctx, windows: windows}, from) })
	for range l.options.Workers {
		done.Go(func() { newWorker(l).run() })
	}
	done.Go(l.gather)
	return &done
}

// dispatch hands out the stream's pairs until it ends.
func (l *loader) dispatch(t *stream, from Position) {
	defer close(l.work)
	err := t.resume(from)
	for err == nil {
		var j *job
		select {
		case j = <-l.free:
		case <-l.ctx.Done():
			return
		}
		if j.pair, err = t.next(); err != nil {
			break
		}
		j.after, j.err = t.at, nil
		l.work <- j // neither of these blocks: there is room for every job
		l.ordered <- j
	}
	l.ordered <- &job{end: err}
}
