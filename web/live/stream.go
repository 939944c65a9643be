package live

import (
	"context"
	"errors"
	"slices"

	"github.com/scalelaw/scalelaw/store"
)

// Topic is what a stream is about; an empty one is about everything.
type Topic struct {
	Sweep string   // changes of this sweep, its runs and its laws
	Run   string   // changes of this run
	Kinds []string // only these kinds of change; none: all
}

func (t Topic) wants(c store.Change) bool {
	if c.Kind == "" || t.Sweep != "" && c.Sweep != t.Sweep || t.Run != "" && c.Run != t.Run {
		return false
	}
	return len(t.Kinds) == 0 || slices.Contains(t.Kinds, c.Kind)
}

// Batch is what changed since the batch before.
type Batch struct {
	ID      string         // to go on from
	Changes []store.Change // of each thing the newest, oldest first
	Reload  bool           // more happened than is known: read the page again
}

// Stream is one reader's place in the changes. It is for one goroutine.
type Stream struct {
	hub    *Hub
	topic  Topic
	at     int64 // number of the last change that was looked at
	reload bool  // before anything else
}

// Subscribe gives a stream of what changes from now on or, with the id of a batch that a reader
// had, since that. An id that is too old, or of another process, begins with a Reload.
func (h *Hub) Subscribe(t Topic, after string) *Stream {
	h.mu.Lock()
	defer h.mu.Unlock()
	s := &Stream{hub: h, topic: t, at: h.last}
	if after != "" {
		n, ok := h.number(after)
		if s.reload = !ok; ok {
			s.at = n
		}
	}
	return s
}

// ErrOver means that the hub has ended.
var ErrOver = errors.New("nothing is told any more")

// Next waits for changes that the stream is about. The error is that of ctx, or ErrOver.
func (s *Stream) Next(ctx context.Context) (Batch, error) {
	for {
		b, woken := s.look()
		if b.Reload || len(b.Changes) > 0 {
			return b, nil
		}
		select {
		case <-ctx.Done():
			return Batch{ID: b.ID}, ctx.Err()
		case <-s.hub.done:
			return Batch{ID: b.ID}, ErrOver
		case <-woken:
		}
	}
}

// look takes what is there, and gives the channel that closes when there is more.
func (s *Stream) look() (Batch, <-chan struct{}) {
	h := s.hub
	h.mu.Lock()
	defer h.mu.Unlock()
	from := s.at
	s.at = h.last
	b := Batch{ID: h.id(h.last)}
	if s.reload || from < h.gap || h.last-from > window {
		s.reload, b.Reload = false, true
		return b, h.woken
	}
	b.Changes = h.between(from, s.topic)
	return b, h.woken
}

// thing is what a change is about: of several about the same, only the newest matters.
type thing struct{ kind, sweep, run, fit string }

// between are the changes after a number that a topic is about. The caller holds the lock.
func (h *Hub) between(from int64, t Topic) []store.Change {
	var found []store.Change
	seen := map[thing]bool{}
	for n := h.last; n > from; n-- { // newest first, so that older ones of the same thing are passed over
		c := h.ring[n%window]
		key := thing{c.Kind, c.Sweep, c.Run, c.Fit}
		if !t.wants(c) || seen[key] {
			continue
		}
		seen[key] = true
		found = append(found, c)
	}
	slices.Reverse(found)
	return found
}
