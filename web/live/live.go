// Package live tells any number of open pages what changed. One hub a process listens to the
// database; streams read from its window of recent changes, each from its own place, so a stream
// costs a few words and no query.
package live

import (
	"context"
	"log/slog"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/scalelaw/scalelaw/store"
)

const (
	// window is how many changes a reader may be behind before it is told to reload.
	window = 8192
	// gather is how long changes wait for each other, so that streams wake together.
	gather = 100 * time.Millisecond
	// retryAtMost bounds the pauses between attempts to listen again.
	retryAtMost = 5 * time.Second
)

// Source is what a hub listens to; a store.Store is one.
type Source interface {
	// Listen gives changes to each until ctx is over or the connection is lost; ready is called
	// once nothing is missed any more.
	Listen(ctx context.Context, ready func(), each func(store.Change)) error
}

// Hub fans changes out. It is safe for concurrent use.
type Hub struct {
	source Source
	log    *slog.Logger
	epoch  string // of this hub, in the ids of its events

	mu    sync.Mutex
	ring  [window]store.Change // change number n is at n % window
	last  int64                // number of the newest change; the first is 1
	gap   int64                // changes were missed after this one
	dirty bool                 // changes came that streams were not woken for
	woken chan struct{}        // closed and replaced when streams shall look
	lost  time.Time            // since when nothing is heard; zero: all is well
	done  chan struct{}        // closed when Run is over
}

// New makes a hub that hears nothing until Run.
func New(source Source, log *slog.Logger) *Hub {
	return &Hub{
		source: source, log: log, epoch: strconv.FormatInt(time.Now().UnixNano(), 36),
		woken: make(chan struct{}), lost: time.Now(), done: make(chan struct{}),
	}
}

// Run listens until ctx is over, again and again when the database goes away. What is missed
// meanwhile is made good by telling every stream to reload. When Run ends, so do the streams. It
// may be called once.
func (h *Hub) Run(ctx context.Context) {
	defer close(h.done)
	pause := 100 * time.Millisecond
	for ctx.Err() == nil {
		began := time.Now()
		err := h.source.Listen(ctx, h.ready, h.publish)
		if ctx.Err() != nil {
			return
		}
		h.away(err)
		if time.Since(began) > retryAtMost {
			pause = 100 * time.Millisecond
		}
		select {
		case <-ctx.Done():
		case <-time.After(pause):
		}
		pause = min(2*pause, retryAtMost)
	}
}

// ready notes that changes are heard from now on; those before, since the loss, were not.
func (h *Hub) ready() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.last++ // a number of its own, which nobody has who saw only what came before the loss
	h.ring[h.last%window] = store.Change{}
	h.gap, h.lost = h.last, time.Time{}
	h.wake()
}

// away notes the loss of the database.
func (h *Hub) away(err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.lost.IsZero() {
		h.lost = time.Now()
		h.wake()
	}
	h.log.Warn("live pages hear nothing from the database", "error", err)
}

// Lost is since when the hub hears nothing; zero: it hears all.
func (h *Hub) Lost() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.lost
}

// Now names the newest change. A page that is read from the database after this call, and whose
// stream goes on from here, misses nothing in between.
func (h *Hub) Now() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.id(h.last)
}

// publish puts a change into the window. Streams are woken a moment later, together.
func (h *Hub) publish(c store.Change) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.last++
	h.ring[h.last%window] = c
	if !h.dirty {
		h.dirty = true
		time.AfterFunc(gather, h.flush)
	}
}

func (h *Hub) flush() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.wake()
}

// wake lets every stream look. The caller holds the lock.
func (h *Hub) wake() {
	h.dirty = false
	close(h.woken)
	h.woken = make(chan struct{})
}

// id names a change to clients: only this hub's are understood.
func (h *Hub) id(number int64) string { return h.epoch + "-" + strconv.FormatInt(number, 10) }

// number reads an id back; false: it is not of this hub, or of no change that there was.
func (h *Hub) number(id string) (int64, bool) {
	rest, ours := strings.CutPrefix(id, h.epoch+"-")
	n, err := strconv.ParseInt(rest, 10, 64)
	return n, ours && err == nil && n >= 0 && n <= h.last
}
