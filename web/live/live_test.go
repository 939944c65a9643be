package live

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"testing"
	"time"

	"github.com/scalelaw/scalelaw/store"
)

var ctx = context.Background()

// teller is a database of which a test decides what it tells, and when it is lost.
type teller struct {
	changes chan store.Change
	lose    chan error
	ready   chan struct{} // gets a value when somebody listens
}

func newTeller() *teller {
	return &teller{make(chan store.Change), make(chan error), make(chan struct{}, 10)}
}

func (t *teller) Listen(ctx context.Context, ready func(), each func(store.Change)) error {
	ready()
	t.ready <- struct{}{}
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case err := <-t.lose:
			return err
		case c := <-t.changes:
			each(c)
		}
	}
}

// hub runs a hub over a teller until the test ends.
func hub(t testing.TB) (*Hub, *teller) {
	t.Helper()
	from := newTeller()
	h := New(from, slog.New(slog.DiscardHandler))
	running, cancel := context.WithCancel(ctx)
	go h.Run(running)
	t.Cleanup(func() { cancel(); <-h.done })
	<-from.ready
	return h, from
}

func change(run string, step int64) store.Change {
	return store.Change{Kind: "progress", Sweep: "s", Run: run, Step: step}
}

// next waits for a batch.
func next(t testing.TB, s *Stream) Batch {
	t.Helper()
	waiting, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	b, err := s.Next(waiting)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func equal(t testing.TB, what string, got, want any) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s:\ngot  %+v\nwant %+v", what, got, want)
	}
}

func TestOfManyChangesTheNewestIsTold(t *testing.T) {
	h, from := hub(t)
	s, other := h.Subscribe(Topic{Sweep: "s"}, ""), h.Subscribe(Topic{Run: "b", Kinds: []string{"progress"}}, "")
	for _, c := range []store.Change{change("a", 1), change("b", 1), change("a", 2), {Kind: "run", Sweep: "s", Run: "b", State: "failed"}, {Kind: "sweep", Sweep: "z"}} {
		from.changes <- c
	}
	equal(t, "of the sweep", next(t, s).Changes, []store.Change{change("b", 1), change("a", 2), {Kind: "run", Sweep: "s", Run: "b", State: "failed"}})
	equal(t, "of one kind of one run", next(t, other).Changes, []store.Change{change("b", 1)})
}

// A reader that was away gets what it missed; one that was away too long, or that another
// process told, reads again.
func TestReadersComeBack(t *testing.T) {
	h, from := hub(t)
	s := h.Subscribe(Topic{}, "")
	from.changes <- change("a", 1)
	had := next(t, s).ID
	from.changes <- change("b", 7)
	equal(t, "what was missed", next(t, h.Subscribe(Topic{}, had)).Changes, []store.Change{change("b", 7)})
	for _, id := range []string{"other-1", "nonsense", h.epoch + "-99999", h.epoch + "--1"} {
		back := h.Subscribe(Topic{}, id)
		if b := next(t, back); !b.Reload || len(b.Changes) > 0 {
			t.Errorf("%s: %+v", id, b)
		}
		from.changes <- change("c", 1)
		equal(t, "after the reload", next(t, back).Changes, []store.Change{change("c", 1)})
	}
	before := newest(t, h)
	for i := range window + 1 {
		from.changes <- change(fmt.Sprint(i), 1)
	}
	for newest(t, h) != before+window+1 { // the last is on its way
		time.Sleep(time.Millisecond)
	}
	if b := next(t, h.Subscribe(Topic{}, had)); !b.Reload {
		t.Errorf("more than the window was missed: %+v", b)
	}
	if b := next(t, h.Subscribe(Topic{}, h.id(before+1))); b.Reload || len(b.Changes) != window {
		t.Errorf("as much as the window was missed: reload %v, %d changes", b.Reload, len(b.Changes))
	}
}

// newest is the number of the newest change.
func newest(t *testing.T, h *Hub) int64 {
	t.Helper()
	id := h.Now()
	h.mu.Lock()
	defer h.mu.Unlock()
	n, ok := h.number(id)
	if !ok {
		t.Fatal("the hub does not know its own id")
	}
	return n
}

// A page that was read before its stream began misses nothing in between.
func TestStreamsGoOnFromTheirPage(t *testing.T) {
	h, from := hub(t)
	read := h.Now()
	from.changes <- change("a", 1)
	equal(t, "since the page", next(t, h.Subscribe(Topic{}, read)).Changes, []store.Change{change("a", 1)})
}

// While the database is away its changes are not known: everybody reads again when it is back.
func TestLostDatabase(t *testing.T) {
	h, from := hub(t)
	s := h.Subscribe(Topic{}, "")
	had := h.Now()
	if !h.Lost().IsZero() {
		t.Error("lost from the start")
	}
	from.lose <- errors.New("gone")
	<-from.ready
	for what, s := range map[string]*Stream{"open": s, "back": h.Subscribe(Topic{}, had)} {
		if b := next(t, s); !b.Reload {
			t.Errorf("a stream that was %s: %+v", what, b)
		}
	}
	from.changes <- change("a", 3)
	equal(t, "then it goes on", next(t, s).Changes, []store.Change{change("a", 3)})
	if !h.Lost().IsZero() {
		t.Error("still lost")
	}
}

func TestNothingIsHeardBeforeTheFirstConnection(t *testing.T) {
	h := New(newTeller(), slog.New(slog.DiscardHandler))
	if h.Lost().IsZero() {
		t.Error("a hub that does not run hears all")
	}
}

func TestStreamsEndWithTheirHub(t *testing.T) {
	from := newTeller()
	h := New(from, slog.New(slog.DiscardHandler))
	running, cancel := context.WithCancel(ctx)
	go h.Run(running)
	<-from.ready
	s := h.Subscribe(Topic{}, "")
	cancel()
	if _, err := s.Next(ctx); !errors.Is(err, ErrOver) {
		t.Error(err)
	}
}
