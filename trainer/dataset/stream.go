package dataset

import (
	"context"
	"fmt"
	"io"

	"github.com/scalelaw/scalelaw/sweep"
)

// reading is what the reader of windows hands over: a window, or why there is no more.
type reading struct {
	window
	err error
}

// read sends one window after another, pass after pass, until ctx ends; with once, io.EOF after
// the pass. The channel has no room: one window is read ahead, no more.
func (s *Set) read(ctx context.Context, source source, from Position, once bool, out chan<- reading) {
	defer source.Close()
	given := from.Read
	pass := from.Pass
	err := source.begin(pass, from.Window)
	for err == nil {
		var w window
		w, err = source.window(ctx)
		if err == io.EOF && !once {
			err = s.notEmpty(given)
			if given = 0; err == nil {
				pass++
				err = source.begin(pass, cursor{})
			}
			continue
		}
		w.pass = pass
		given += int64(len(w.pairs))
		select {
		case out <- reading{w, err}:
		case <-ctx.Done():
			return
		}
	}
	select {
	case out <- reading{err: err}:
	case <-ctx.Done():
	}
}

func (s *Set) notEmpty(given int64) error {
	if given == 0 {
		return fmt.Errorf("%w: data %q: a whole pass has no pair of image and caption (image key %q, caption key %q)", sweep.ErrDataMissing, s.Pattern, s.options.ImageKey, s.options.CaptionKey)
	}
	return nil
}

// stream gives the pairs of the windows one by one. It is used by one goroutine.
type stream struct {
	ctx     context.Context
	windows <-chan reading
	at      Position // after the last pair; Bad is not known here
	window  window
}

// resume goes to where a position stands within its window, which is read again.
func (t *stream) resume(p Position) error {
	if t.at = p; p.Taken == 0 {
		return nil
	}
	w, err := t.receive()
	if err == nil && len(w.pairs) < p.Taken {
		err = fmt.Errorf("%w: of the %d pairs of the window only %d are left", sweep.ErrDataMissing, p.Taken, len(w.pairs))
	}
	t.window = w
	return err
}

// next gives a pair; it stands at t.at.Read-1 of its pass.
func (t *stream) next() (pair, error) {
	for t.at.Taken >= len(t.window.pairs) {
		w, err := t.receive()
		if err != nil {
			return pair{}, err
		}
		if w.pass != t.at.Pass {
			t.at.Pass, t.at.Read = w.pass, 0
		}
		t.window, t.at.Window, t.at.Taken = w, w.begin, 0
		t.at.Total.Incomplete += w.incomplete
	}
	p := t.window.pairs[t.at.Taken]
	t.window.pairs[t.at.Taken] = pair{} // its image is not held any longer than it is needed
	t.at.Taken++
	t.at.Read++
	return p, nil
}

func (t *stream) receive() (window, error) {
	select {
	case r := <-t.windows:
		return r.window, r.err
	case <-t.ctx.Done():
		return window{}, context.Cause(t.ctx)
	}
}
