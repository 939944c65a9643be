//go:build linux

package owner

import (
	"errors"
	"fmt"
	"unsafe"

	"github.com/scalelaw/scalelaw/trainer/cuda/driver"
)

// holdings is what a device has given and not got back.
type holdings struct {
	graphs  set[driver.Graph]
	events  set[driver.Event]
	streams set[driver.Stream]
	modules set[driver.Module]
	memory  set[driver.Pointer]
	pinned  map[*byte]driver.Pinned

	capturing set[driver.Stream] // since BeginCapture
}

type handle interface{ ~uintptr | ~uint64 }

type set[H handle] map[H]struct{}

func newHoldings() holdings {
	return holdings{
		set[driver.Graph]{}, set[driver.Event]{}, set[driver.Stream]{}, set[driver.Module]{}, set[driver.Pointer]{},
		map[*byte]driver.Pinned{}, set[driver.Stream]{},
	}
}

// give notes what a call gave.
func give[H handle](held set[H], h H, err error) (H, error) {
	if err == nil {
		held[h] = struct{}{}
	}
	return h, err
}

// takeBack frees what is held, once.
func takeBack[H handle](held set[H], h H, what string, free func(H) error) error {
	if _, ok := held[h]; !ok {
		return driver.Errorf(driver.Bug, "%s %#x is not held: freed before, or never given", what, h)
	}
	err := free(h)
	if err == nil {
		delete(held, h)
	}
	return err
}

// endCaptures ends what was begun: nothing settles while a stream captures.
func (h *holdings) endCaptures(r Raw) {
	for s := range h.capturing {
		if g, err := r.EndCapture(s); err == nil {
			h.graphs[g] = struct{}{}
		}
	}
}

// free gives everything back, in an order in which nothing is in use any more.
func (h *holdings) free(r Raw) error {
	failures := []error{
		freeAll(h.graphs, r.FreeGraph),
		freeAll(h.events, r.FreeEvent),
		freeAll(h.streams, r.FreeStream),
		freeAll(h.modules, r.UnloadModule),
		freeAll(h.memory, r.Free),
	}
	for at, p := range h.pinned {
		delete(h.pinned, at)
		failures = append(failures, r.FreePinned(p))
	}
	return errors.Join(failures...)
}

func freeAll[H handle](held set[H], free func(H) error) error {
	var failures []error
	for x := range held {
		delete(held, x)
		if err := free(x); err != nil {
			failures = append(failures, fmt.Errorf("%#x: %w", x, err))
		}
	}
	return errors.Join(failures...)
}

// first is the address of pinned memory's first byte.
func first(p driver.Pinned) *byte { return unsafe.SliceData(p) }
