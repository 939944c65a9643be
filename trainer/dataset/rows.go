package dataset

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/scalelaw/scalelaw/sweep"
)

// tableWindow is how many rows are read ahead at a time.
const tableWindow = 256

// rows is the source of a table or a folder of classes.
type rows struct {
	listing listing
	file    *os.File
	seed    int64
	order   Order
	places  []uint32 // the pass's order of the rows
	at      cursor
	draw    *generator
}

func (r *rows) begin(pass int64, at cursor) error {
	if at.Shard != 0 || at.Group < 0 || at.Group > int64(len(r.places)) {
		return fmt.Errorf("%w: position %+v is not within %d rows", sweep.ErrBadInput, at, len(r.places))
	}
	r.at = at
	var d *generator
	if r.order == Shuffled {
		d = r.draw
		d.reset(r.seed, drawRows, pass, 0)
	}
	permutation(r.places, d)
	return nil
}

func (r *rows) window(ctx context.Context) (window, error) {
	w := window{begin: r.at}
	left := r.places[r.at.Group:]
	if len(left) == 0 {
		return w, io.EOF
	}
	for _, i := range left[:min(len(left), tableWindow)] {
		p, err := r.listing.row(r.file, int(i))
		if err = errors.Join(err, context.Cause(ctx)); err != nil {
			return w, err
		}
		r.at.Group++
		if p.complete {
			w.pairs = append(w.pairs, p)
		} else {
			w.incomplete++
		}
	}
	return w, nil
}

func (r *rows) Close() error { return r.file.Close() }
