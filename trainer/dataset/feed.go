package dataset

import (
	"context"
	"fmt"
	"runtime"
	"sync"

	"github.com/scalelaw/scalelaw/sweep"
	"github.com/scalelaw/scalelaw/trainer/dataset/picture"
)

// FeedOptions say what a feed gives, and in which order.
type FeedOptions struct {
	Transform picture.Transform
	Batch     int // pairs
	Seed      int64
	Order     Order     // default Shuffled
	Once      bool      // one pass, whose last batch may be smaller, then io.EOF
	Bytes     bool      // images as bytes, not normalised
	Workers   int       // that decode; never changes the result; 0: all cores
	Resume    *Position // where an earlier feed stood
}

// Batch is what one step trains on.
type Batch struct {
	N        int       // pairs
	Images   []float32 // [N, 3, size, size], normalised
	Bytes    []uint8   // [N, 3, size, size], in place of Images where bytes were asked for
	Captions []string  // [N]
	Labels   []int     // [N]; -1 where there is no cls member
	Members  []string  // [N]: key in the shard, row of the table

	after Position
}

// Feed is a running stream of batches. Its methods are for one goroutine.
type Feed struct {
	loader *loader
	stop   context.CancelFunc
	done   *sync.WaitGroup
	given  *Batch // with the caller
	at     Position
	err    error
}

// Feed starts reading. The feed ends with ctx, or with Close, which must be called.
func (s *Set) Feed(ctx context.Context, o FeedOptions) (*Feed, error) {
	if o.Order == "" {
		o.Order = Shuffled
	}
	if o.Workers < 1 {
		o.Workers = runtime.GOMAXPROCS(0)
	}
	if err := o.check(); err != nil {
		return nil, fmt.Errorf("feed from data %q: %w: %w", s.Pattern, sweep.ErrBadInput, err)
	}
	from := Position{Of: s.identity(o.Seed, o.Order)}
	if o.Resume != nil {
		if err := s.checkPosition(o.Resume, from.Of); err != nil {
			return nil, err
		}
		from = *o.Resume
	}
	pool := &buffers{}
	source, err := s.source(o.Seed, o.Order, pool)
	if err != nil {
		return nil, err
	}
	ctx, stop := context.WithCancel(ctx)
	l := newLoader(ctx, s, o, pool, from)
	return &Feed{loader: l, stop: stop, done: l.start(source, from), at: from}, nil
}

func (o FeedOptions) check() error {
	if o.Batch < 1 {
		return fmt.Errorf("a batch of %d pairs", o.Batch)
	}
	if o.Order != Shuffled && o.Order != Sequential {
		return fmt.Errorf("order %q is neither %s nor %s", o.Order, Shuffled, Sequential)
	}
	return o.Transform.Check()
}

// Next gives the next batch, which is good until the next call of Next or Close. After an error
// every call gives that error; only that ctx ended leaves the feed as it was.
func (f *Feed) Next(ctx context.Context) (*Batch, error) {
	if f.err != nil {
		return nil, f.err
	}
	if f.given != nil {
		f.loader.spare <- f.given // never blocks: there is room for every batch
		f.given = nil
	}
	select {
	case b, open := <-f.loader.ready:
		if !open {
			f.err = f.loader.err
			return nil, f.err
		}
		f.given, f.at = b, b.after
		return b, nil
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// Position is where the feed stands after the batch that Next gave last.
func (f *Feed) Position() Position { return f.at }

// Close ends the feed and waits until nothing of it runs any more.
func (f *Feed) Close() {
	f.stop()
	f.done.Wait()
	if f.err == nil {
		f.err = fmt.Errorf("the feed is closed: %w", context.Canceled)
	}
}
