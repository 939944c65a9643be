package dataset

import (
	"cmp"
	"context"
	"fmt"
	"io"

	"github.com/scalelaw/scalelaw/sweep"
)

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
