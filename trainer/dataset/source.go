package dataset

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/scalelaw/scalelaw/sweep"
)

// cursor is a place between two pairs of a pass as they lie in the files: groups of a shard, of
// which shard by its place in the pass's order; or rows of a table in the pass's order.
type cursor struct {
	Shard int   `json:"shard"`
	Group int64 `json:"group"`
}

// window is a part of a pass: read whole, in the order in which it is given.
type window struct {
	pass       int64
	begin      cursor
	pairs      []pair
	incomplete int64
}

// source reads a set a window at a time. It is used by one goroutine.
type source interface {
	// begin goes to a place in a pass.
	begin(pass int64, at cursor) error
	// window reads the next window; after the last of the pass its error is io.EOF.
	window(ctx context.Context) (window, error)
	Close() error
}

// source opens the set for reading.
func (s *Set) source(seed int64, order Order, pool *buffers) (source, error) {
	if s.Format == WebDataset {
		return &shards{set: s, seed: seed, order: order, places: make([]int, len(s.Files)), draw: newGenerator(), pool: pool}, nil
	}
	f, err := os.Open(s.Files[0])
	if err != nil {
		return nil, fmt.Errorf("%w: %w", sweep.ErrDataMissing, err)
	}
	return &rows{listing: s.listing, file: f, seed: seed, order: order, places: make([]uint32, s.listing.rows()), draw: newGenerator()}, nil
}

// shards is the source of a webdataset.
type shards struct {
	set    *Set
	seed   int64
	order  Order
	pass   int64
	places []int // the pass's order of the shards
	at     cursor
	open   *shard
	draw   *generator
	pool   *buffers
}

func (s *shards) begin(pass int64, at cursor) error {
	if at.Shard < 0 || at.Shard > len(s.places) || at.Group < 0 {
		return fmt.Errorf("%w: position %+v is not within %d shards", sweep.ErrBadInput, at, len(s.places))
	}
	s.pass, s.at = pass, at
	var d *generator
	if s.order == Shuffled {
		d = s.draw
		d.reset(s.seed, drawShards, pass, 0)
	}
	permutation(s.places, d)
	if err := s.Close(); err != nil || at.Group == 0 {
		return err
	}
	if err := s.openNext(); err != nil {
		return err
	}
	return s.open.skip(at.Group)
}

func (s *shards) openNext() (err error) {
	if s.open, err = openShard(s.set.Files[s.places[s.at.Shard]], s.set.options); err == nil {
		s.open.pool = s.pool
	}
	return err
}

func (s *shards) Close() error {
	if s.open == nil {
		return nil
	}
	open := s.open
	s.open = nil
	return open.Close()
}

func (s *shards) window(ctx context.Context) (window, error) {
	w := window{begin: s.at}
	if s.at.Shard == len(s.places) {
		return w, io.EOF
	}
	var bytes int64
	for len(w.pairs) < s.set.options.WindowPairs && bytes < s.set.options.WindowBytes && s.at.Shard < len(s.places) {
		p, err := s.next()
		if err == io.EOF {
			continue
		}
		if err = errors.Join(err, context.Cause(ctx)); err != nil {
			return w, err
		}
		if !p.complete {
			w.incomplete++
			s.pool.put(p.image)
			continue
		}
		bytes += int64(len(p.image))
		w.pairs = append(w.pairs, p)
	}
	if s.order == Shuffled {
		s.draw.reset(s.seed, drawWindow, s.pass, int64(w.begin.Shard)<<40+w.begin.Group)
		s.draw.Shuffle(len(w.pairs), func(i, j int) { w.pairs[i], w.pairs[j] = w.pairs[j], w.pairs[i] })
	}
	return w, nil
}

// next reads a group; io.EOF at the end of a shard, when s.at is the next one's beginning.
func (s *shards) next() (pair, error) {
	if s.open == nil {
		if err := s.openNext(); err != nil {
			return pair{}, err
		}
	}
	p, err := s.open.next()
	switch err {
	case nil:
		s.at.Group++
	case io.EOF:
		s.at = cursor{Shard: s.at.Shard + 1}
		if err := s.Close(); err != nil {
			return p, err
		}
	}
	return p, err
}
