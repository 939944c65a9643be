package live

import (
	"bufio"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/scalelaw/scalelaw/internal/pgtest"
	"github.com/scalelaw/scalelaw/store"
	"github.com/scalelaw/scalelaw/sweep"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }

// serve makes a server whose every address streams h.
func serve(t testing.TB, h *Hub, limit time.Duration) *httptest.Server {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h.Serve(w, r, Topic{Sweep: r.URL.Query().Get("sweep")}, JSON, limit)
	}))
	t.Cleanup(server.Close)
	return server
}

// reader is an open stream.
type reader struct {
	*bufio.Reader
	cut func()
}

// open connects, as a browser that had the message `after`.
func open(t testing.TB, url, after string) *reader {
	t.Helper()
	asking, cancel := context.WithCancel(ctx)
	t.Cleanup(cancel)
	r, err := http.NewRequestWithContext(asking, http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	if after != "" {
		r.Header.Set("Last-Event-ID", after)
	}
	w, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.Body.Close() })
	if kind := w.Header.Get("Content-Type"); kind != "text/event-stream" {
		t.Fatalf("%s: %s", w.Status, kind)
	}
	return &reader{bufio.NewReaderSize(w.Body, 512), cancel}
}

// message reads up to an empty line and gives the fields.
func (r *reader) message(t testing.TB) map[string]string {
	t.Helper()
	fields := map[string]string{}
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			t.Fatal(err)
		}
		name, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ": ")
		if line == "\n" {
			return fields
		}
		fields[name] = value
	}
}

func TestServerSentEvents(t *testing.T) {
	h, from := hub(t)
	url := serve(t, h, 0).URL + "/?sweep=s"
	r := open(t, url, "")
	first := r.message(t)
	equal(t, "where it begins", first["id"], h.Now())
	from.changes <- change("a", 3)
	m := r.message(t)
	equal(t, "event", m["event"], "progress")
	equal(t, "data", m["data"], `{"kind":"progress","sweep":"s","run":"a","step":3}`)
	r.cut() // the lid closes
	from.changes <- change("b", 1)
	from.changes <- store.Change{Kind: "progress", Sweep: "other", Run: "z"}
	from.changes <- change("a", 4)
	back := open(t, url, m["id"])
	back.message(t)
	equal(t, "missed", []string{back.message(t)["data"], back.message(t)["data"]}, []string{
		`{"kind":"progress","sweep":"s","run":"b","step":1}`, `{"kind":"progress","sweep":"s","run":"a","step":4}`})
	page := open(t, url+"&after="+m["id"], "")
	page.message(t)
	equal(t, "begun at the page's place", page.message(t)["data"], `{"kind":"progress","sweep":"s","run":"b","step":1}`)
	stranger := open(t, url, "other-12")
	equal(t, "no place of ours", stranger.message(t)["id"], "")
	equal(t, "no place of ours", stranger.message(t)["event"], "reload")
}

// Only the last message of a batch carries its id.
func TestMessages(t *testing.T) {
	got := string(encode([]Event{{"a", []byte("one\r\ntwo")}, {"b", []byte("x")}}, "e-7"))
	equal(t, "messages", got, "event: a\ndata: one\ndata: two\n\nid: e-7\nevent: b\ndata: x\n\n")
}

func TestReadersAreToldOfALoss(t *testing.T) {
	from := newTeller()
	h := New(from, slog.New(slog.DiscardHandler))
	r := open(t, serve(t, h, 0).URL, "")
	r.message(t)
	lost := r.message(t)
	since, err := time.Parse(`{"since": "`+time.RFC3339+`"}`, lost["data"])
	if lost["event"] != "lost" || err != nil || time.Since(since) > time.Minute {
		t.Errorf("%v (%v)", lost, err)
	}
	running, cancel := context.WithCancel(ctx)
	go h.Run(running)
	equal(t, "when it is back", r.message(t)["event"], "reload")
	cancel()
	if _, err := r.ReadString(0); err == nil || err.Error() != "EOF" {
		t.Errorf("when the server ends: %v", err)
	}
}

func TestStreamsHaveALimit(t *testing.T) {
	h, _ := hub(t)
	r := open(t, serve(t, h, 10*time.Millisecond).URL, "")
	r.message(t)
	if _, err := r.ReadString('\n'); err == nil || err.Error() != "EOF" {
		t.Errorf("after the limit: %v", err)
	}
}

// Five hundred open pages over HTTP and a real database: no query but LISTEN, a bounded amount
// of memory, and each of them is told.
func TestFiveHundredStreams(t *testing.T) {
	const streams = 500
	s, err := store.Open(ctx, pgtest.New(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	listening := &counting{Source: s}
	h := New(listening, slog.New(slog.DiscardHandler))
	running, cancel := context.WithCancel(ctx)
	go h.Run(running)
	t.Cleanup(func() { cancel(); <-h.done })
	server := serve(t, h, 0)
	for !h.Lost().IsZero() {
		time.Sleep(time.Millisecond)
	}
	before := memory(t)
	readers := make([]*reader, streams)
	for i := range readers {
		readers[i] = open(t, server.URL+"/?sweep=live", "")
		readers[i].message(t)
	}
	grown := memory(t) - before
	record := sweep.SweepRecord{Name: "live", Spec: []byte("{}"), SpecSHA256: "x", CodeVersion: "v"}
	if _, _, err := s.CreateSweep(ctx, record, nil); err != nil {
		t.Fatal(err)
	}
	for _, r := range readers {
		equal(t, "told", r.message(t)["data"], `{"kind":"sweep","sweep":"live","state":"running"}`)
	}
	equal(t, "connections that listen", listening.times.Load(), int64(1))
	t.Logf("%d streams, both ends of them in this process: %.1f MB, %.1f KB a stream", streams, grown/1e6, grown/1e3/streams)
	if grown > 100e6 {
		t.Errorf("%d streams take %.1f MB", streams, grown/1e6)
	}
}

// counting counts how often somebody listens.
type counting struct {
	Source
	times atomic.Int64
}

func (c *counting) Listen(ctx context.Context, ready func(), each func(store.Change)) error {
	c.times.Add(1)
	return c.Source.Listen(ctx, ready, each)
}

// memory is what this process holds of the machine's, in bytes, where that is known; else what
// is in use.
func memory(t testing.TB) float64 {
	t.Helper()
	runtime.GC()
	if text, err := os.ReadFile("/proc/self/statm"); err == nil {
		if pages, err := strconv.ParseFloat(strings.Fields(string(text))[1], 64); err == nil {
			return pages * float64(os.Getpagesize())
		}
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.HeapInuse + m.StackInuse)
}

// BenchmarkFanOut publishes changes to 500 streams that all want them.
func BenchmarkFanOut(b *testing.B) {
	h, from := hub(b)
	for range 500 {
		s := h.Subscribe(Topic{Sweep: "s"}, "")
		go func() {
			for {
				if _, err := s.Next(ctx); err != nil {
					return
				}
			}
		}()
	}
	i := 0
	for b.Loop() {
		from.changes <- change(fmt.Sprint(i%50), int64(i))
		i++
	}
}
