package dataset

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"sync"

	"github.com/scalelaw/scalelaw/sweep"
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

// batches is how many there are: one with the caller, one being gathered.
const batches = 2

func newLoader(ctx context.Context, s *Set, o FeedOptions, pool *buffers, from Position) *loader {
	jobs := 4 * o.Workers
	l := &loader{
		ctx: ctx, set: s, options: o, pool: pool,
		free: make(chan *job, jobs), work: make(chan *job, jobs), ordered: make(chan *job, jobs+1),
		spare: make(chan *Batch, batches), ready: make(chan *Batch),
		bad: from.Bad, total: from.Total, last: from,
	}
	n := 3 * o.Transform.Size * o.Transform.Size
	for range jobs {
		j := &job{done: make(chan struct{}, 1)}
		j.tensor, j.planes = l.memory(n)
		l.free <- j
	}
	for range batches {
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

// gather fills batches in order.
func (l *loader) gather() {
	defer close(l.ready)
	for l.err == nil {
		var b *Batch
		select {
		case b = <-l.spare:
		case <-l.ctx.Done():
			l.err = context.Cause(l.ctx)
			return
		}
		l.err = l.fill(b)
		if l.err == nil || l.err == io.EOF && b.N > 0 {
			select {
			case l.ready <- b:
			case <-l.ctx.Done():
				l.err = context.Cause(l.ctx)
			}
		}
	}
}

func (l *loader) fill(b *Batch) error {
	for b.N = 0; b.N < l.options.Batch; {
		j, err := l.next()
		if err != nil {
			return err
		}
		if err := l.account(j); err != nil {
			return err
		}
		if j.err == nil {
			l.put(b, j)
		}
		l.free <- j
	}
	return nil
}

// next waits for the next pair in order to be decoded.
func (l *loader) next() (*job, error) {
	select {
	case j := <-l.ordered:
		if j.end != nil {
			return nil, l.ended(j.end)
		}
		select {
		case <-j.done:
			return j, nil
		case <-l.ctx.Done():
		}
	case <-l.ctx.Done():
	}
	return nil, context.Cause(l.ctx)
}

// ended makes a pass without a usable pair an error even where one pass was all that was asked
// for.
func (l *loader) ended(err error) error {
	if err != io.EOF {
		return err
	}
	return cmp.Or(l.set.notEmpty(l.last.Read), l.allBad(), err)
}

// allBad is the error of a pass that ended with nothing but bad images.
func (l *loader) allBad() error {
	if l.last.Read > 0 && l.bad == l.last.Read {
		return fmt.Errorf("%w: data %q: not one image of a whole pass can be used; the last is in %s", sweep.ErrDataMissing, l.set.Pattern, l.lastBad)
	}
	return nil
}

// account counts a pair, and ends the feed where too many are bad.
func (l *loader) account(j *job) error {
	if j.after.Pass != l.last.Pass {
		if err := l.allBad(); err != nil {
			return err
		}
		l.bad = 0
	}
	if l.total.Incomplete = j.after.Total.Incomplete; j.err == nil {
		l.total.Pairs++
	} else {
		l.bad++
		l.total.Bad++
	}
	j.after.Bad, j.after.Total = l.bad, l.total
	l.last = j.after
	if j.err == nil {
		return nil
	}
	l.lastBad = fmt.Sprintf("%s, member %s: %v", j.file, j.member, j.err)
	if l.bad > l.set.options.allowedBad(j.after.Read) {
		return fmt.Errorf("%w: data %q: %d of the first %d images of pass %d cannot be used; the limit is a share of %g, of a thousand images at least; the last is in %s",
			sweep.ErrDataMissing, l.set.Pattern, l.bad, j.after.Read, j.after.Pass, max(l.set.options.MaxBadShare, 0), l.lastBad)
	}
	return nil
}

func (l *loader) put(b *Batch, j *job) {
	copy(b.Images[b.N*len(j.tensor):], j.tensor)
	copy(b.Bytes[b.N*len(j.planes):], j.planes)
	b.Captions[b.N], b.Labels[b.N], b.Members[b.N] = j.caption, j.label, j.member
	b.N++
	b.after = j.after
}
