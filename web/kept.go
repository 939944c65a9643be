package web

import (
	"slices"
	"sync"
	"time"
)

// kept are the last good answers by address, which are shown while the database is lost.
type kept struct {
	mu    sync.Mutex
	order []string // addresses, the latest last
	all   map[string]keptView
	bytes int
}

type keptView struct {
	view
	at   time.Time
	size int
}

// keptBytes bounds what is kept, by the length of the pages.
const keptBytes = 16 << 20

// keep remembers an answer and forgets the oldest.
func (k *kept) keep(address string, v view, size int, now time.Time) {
	if size > keptBytes/4 {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.all == nil {
		k.all = map[string]keptView{}
	}
	k.forget(address)
	k.all[address], k.order = keptView{v, now, size}, append(k.order, address)
	for k.bytes += size; k.bytes > keptBytes; {
		k.forget(k.order[0])
	}
}

func (k *kept) forget(address string) {
	if old, ok := k.all[address]; ok {
		k.bytes -= old.size
		delete(k.all, address)
		k.order = slices.DeleteFunc(k.order, func(a string) bool { return a == address })
	}
}

// last is the last good answer of an address, marked with its time.
func (k *kept) last(address string) (view, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	v, ok := k.all[address]
	v.asOf = v.at
	return v.view, ok
}
