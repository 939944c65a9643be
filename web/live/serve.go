package live

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/scalelaw/scalelaw/store"
)

const (
	// quiet is how long a stream may say nothing before it says that it is there: proxies cut
	// connections that are silent for a minute.
	quiet = 20 * time.Second
	// writeLimit is how long a reader may take to accept what was sent.
	writeLimit = 10 * time.Second
	// reconnect is how long a browser waits before it comes back.
	reconnect = 2 * time.Second
)

// Event is one message of a stream: Name picks the element that htmx swaps.
type Event struct {
	Name string
	Data []byte
}

// Render makes messages of changes; it must not ask the database, as every stream calls it.
type Render func(changes []store.Change) ([]Event, error)

// JSON is the Render of programs: a message a change, named by its kind.
func JSON(changes []store.Change) ([]Event, error) {
	events := make([]Event, len(changes))
	for i, c := range changes {
		data, err := json.Marshal(c)
		if err != nil {
			return nil, err
		}
		events[i] = Event{c.Kind, data}
	}
	return events, nil
}

// Serve answers a request with server-sent events about a topic until the reader goes, the
// server ends or limit has passed (0: none; the reader then comes back, and its right to read is
// looked at again). A reader that comes back, or begins where its page was read (the query's
// `after`, see Now), gets what it missed, or an event named reload when that is not known any
// more. An event named lost says since when nothing is heard from the database.
func (h *Hub) Serve(w http.ResponseWriter, r *http.Request, t Topic, render Render, limit time.Duration) error {
	s := h.Subscribe(t, cmp.Or(r.Header.Get("Last-Event-ID"), r.URL.Query().Get("after")))
	out := writer{w: w, control: http.NewResponseController(w)}
	header := w.Header()
	header.Set("Content-Type", "text/event-stream")
	header.Set("Cache-Control", "no-store")
	header.Set("X-Accel-Buffering", "no") // nginx keeps answers back otherwise
	// The first id is given at once, so that a reader that is cut off before anything happened
	// misses nothing either.
	if err := out.send(fmt.Appendf(nil, "retry: %d\nid: %s\n\n", reconnect.Milliseconds(), s.firstID())); err != nil {
		return err
	}
	var end <-chan time.Time
	if limit > 0 {
		end = time.After(limit)
	}
	silence := time.NewTimer(quiet)
	defer silence.Stop()
	for told := (time.Time{}); ; {
		text, more, err := s.message(render, &told)
		if err == nil && len(text) > 0 {
			err = out.send(text)
			silence.Reset(quiet)
		}
		if err != nil {
			return err
		}
		select {
		case <-more:
		case <-silence.C:
			if err := out.send([]byte(": still here\n\n")); err != nil {
				return err
			}
			silence.Reset(quiet)
		case <-r.Context().Done():
			return nil
		case <-end:
			return nil
		case <-h.done:
			return nil
		}
	}
}

// firstID is the place that a stream begins at; none where it begins with a reload.
func (s *Stream) firstID() string {
	if s.reload {
		return ""
	}
	return s.hub.id(s.at)
}

// message is what there is to tell, and the channel that closes when there is more. told is the
// loss of the database that the reader knows of.
func (s *Stream) message(render Render, told *time.Time) ([]byte, <-chan struct{}, error) {
	b, more := s.look()
	lost := s.hub.Lost()
	events := []Event{}
	switch {
	case b.Reload:
		events = append(events, Event{"reload", []byte("{}")})
	case len(b.Changes) > 0:
		made, err := render(b.Changes)
		if err != nil {
			return nil, more, err
		}
		events = made
	}
	if !lost.IsZero() && !lost.Equal(*told) {
		events = append(events, Event{"lost", fmt.Appendf(nil, `{"since": %q}`, lost.UTC().Format(time.RFC3339))})
	}
	*told = lost
	return encode(events, b.ID), more, nil
}

// encode writes messages as the protocol has them. Only the last carries the id: a reader that
// was cut off in between has none of it.
func encode(events []Event, id string) []byte {
	var text bytes.Buffer
	for i, e := range events {
		if i == len(events)-1 {
			fmt.Fprintf(&text, "id: %s\n", id)
		}
		fmt.Fprintf(&text, "event: %s\n", e.Name)
		for line := range bytes.SplitSeq(e.Data, []byte("\n")) {
			fmt.Fprintf(&text, "data: %s\n", bytes.TrimSuffix(line, []byte("\r")))
		}
		text.WriteByte('\n')
	}
	return text.Bytes()
}

// writer sends parts of an answer at once.
type writer struct {
	w       http.ResponseWriter
	control *http.ResponseController
}

func (o writer) send(text []byte) error {
	// A writer without deadlines is a recorder of a test.
	if err := o.control.SetWriteDeadline(time.Now().Add(writeLimit)); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return err
	}
	if _, err := o.w.Write(text); err != nil {
		return err
	}
	return o.control.Flush()
}
