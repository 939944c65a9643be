package web

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"time"

	"github.com/scalelaw/scalelaw/sweep"
)

// How long a page waits for what takes long to compute before it is sent without, and a program
// or a download, which cannot come back for it; and how long computing may take at all.
const (
	patience     = 120 * time.Millisecond
	longPatience = 25 * time.Second
	atMost       = 2 * time.Minute
	freshFor     = time.Second // then what it was computed from is read again
	mostKept     = 48
)

// errLate is of what is still being computed.
var errLate = fmt.Errorf("%w: this is still being computed; ask again in a moment", sweep.ErrUnreachable)

// answers are what takes long to compute, computed once for all who ask, few at a time. A
// request that goes away ends nothing that others may wait for.
type answers struct {
	slots chan struct{}
	mu    sync.Mutex
	all   map[string]*computed
	order []string // oldest first
}

// work computes an answer. last is the one before, or nil: where nothing changed it will do.
type work func(ctx context.Context, last any) (any, error)

// computed is an answer, or the work on it.
type computed struct {
	done   chan struct{} // closed when value and err stand
	value  any
	err    error
	ready  time.Time
	before *computed // the last answer, until this one is there
}

func newAnswers() *answers {
	return &answers{slots: make(chan struct{}, max(1, runtime.GOMAXPROCS(0)/2)), all: map[string]*computed{}}
}

// ask gives the answer under a key; one older than fresh (0: any) is computed anew. late says
// that it is not there within wait: then the value is the last one, if there is one.
func (a *answers) ask(ctx context.Context, key string, wait, fresh time.Duration, do work) (value any, late bool, err error) {
	c := a.get(ctx, key, fresh, do)
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-c.done:
		return c.value, false, c.err
	case <-ctx.Done():
		return nil, true, context.Cause(ctx)
	case <-timer.C:
		if b := c.before; b != nil {
			return b.value, true, nil
		}
		return nil, true, nil
	}
}

// must waits long, and takes being late for an error.
func (a *answers) must(ctx context.Context, key string, fresh time.Duration, do work) (any, error) {
	value, late, err := a.ask(ctx, key, longPatience, fresh, do)
	if err == nil && late {
		err = errLate
	}
	return value, err
}

func (a *answers) get(ctx context.Context, key string, fresh time.Duration, do work) *computed {
	a.mu.Lock()
	defer a.mu.Unlock()
	last, ok := a.all[key]
	if ok && !last.old(fresh) {
		return last
	}
	c := &computed{done: make(chan struct{}), before: last}
	if last != nil {
		if last.before = nil; last.err != nil {
			c.before = nil
		}
	} else {
		a.order = append(a.order, key)
	}
	a.all[key] = c
	for len(a.order) > mostKept {
		delete(a.all, a.order[0])
		a.order = a.order[1:]
	}
	go a.compute(context.WithoutCancel(ctx), c, do)
	return c
}

// old reports an answer that is to be computed anew: it failed, or was made too long ago.
func (c *computed) old(fresh time.Duration) bool {
	select {
	case <-c.done:
		return c.err != nil || fresh > 0 && time.Since(c.ready) > fresh
	default:
		return false
	}
}

func (a *answers) compute(ctx context.Context, c *computed, do work) {
	ctx, cancel := context.WithTimeout(ctx, atMost)
	defer cancel()
	defer func() {
		if p := recover(); p != nil {
			c.err = fmt.Errorf("compute: %v", p)
		}
		c.ready = time.Now()
		close(c.done)
	}()
	select {
	case a.slots <- struct{}{}:
		defer func() { <-a.slots }()
	case <-ctx.Done():
		c.err = errLate
		return
	}
	var last any
	if c.before != nil {
		last = c.before.value
	}
	c.value, c.err = do(ctx, last)
	if errors.Is(c.err, context.DeadlineExceeded) {
		c.err = fmt.Errorf("it takes more than %s, which is too long for a page; ask the command line: %w", atMost, sweep.ErrUnsupported)
	}
}
