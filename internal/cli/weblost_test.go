package cli

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.temporal.io/sdk/client"

	"github.com/scalelaw/scalelaw/internal/pgembed"
	"github.com/scalelaw/scalelaw/internal/pgtest"
	"github.com/scalelaw/scalelaw/store"
	"github.com/scalelaw/scalelaw/sweep"
)

// lossy is a server of pages over a Postgres that can be stopped and started.
type lossy struct {
	t       *testing.T
	options pgembed.Options
	cluster *pgembed.Cluster
	store   *store.Store
	pages   *pages
	run     sweep.Run
}

func newLossy(t *testing.T) *lossy {
	pgtest.Cluster(t) // skips where there is no Postgres
	dir, err := os.MkdirTemp("", "scalelaw-lost")
	must(t, err)
	must(t, os.Chmod(dir, 0o755)) // Postgres runs as another user, for root
	l := &lossy{t: t, options: pgembed.Options{Dir: filepath.Join(dir, "postgres"), Databases: []string{"scalelaw"}, Settings: map[string]string{"fsync": "off"}}}
	l.start()
	t.Cleanup(func() { l.stop(); os.RemoveAll(dir) })
	url := l.cluster.URL("scalelaw")
	_, _, err = store.Migrate(ctx, url)
	must(t, err)
	l.store, err = store.Open(ctx, url)
	must(t, err)
	t.Cleanup(l.store.Close)
	spec, err := sweep.Parse([]byte("name: s\ntrainer: clip\ngrid: {model: [icons-w4], data: [icons-6k], samples_seen: [128K]}\n"), sweep.ParseOptions{})
	must(t, err)
	plan, err := sweep.Plan(spec, nil, nil)
	must(t, err)
	asJSON, err := specJSON(spec)
	must(t, err)
	l.run = plan.Runs[0].Run
	_, _, err = l.store.CreateSweep(ctx, sweep.SweepRecord{Name: "s", Spec: asJSON, SpecSHA256: "x"}, []sweep.Run{l.run})
	must(t, err)
	a := &app{stdout: io.Discard, stderr: io.Discard, getenv: environ(t)}
	must(t, a.configure())
	nowhere, err := client.NewLazyClient(client.Options{HostPort: "127.0.0.1:1"})
	must(t, err)
	l.pages, err = (&session{app: a, store: l.store, temporal: nowhere}).serveWeb(ctx, webOptions{listen: "127.0.0.1:0"})
	must(t, err)
	t.Cleanup(func() { l.pages.stop(); nowhere.Close() })
	return l
}

func (l *lossy) start() {
	var err error
	l.cluster, err = pgembed.Start(ctx, l.options)
	must(l.t, err)
}

func (l *lossy) stop() {
	within, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	must(l.t, l.cluster.Stop(within))
}

// shows waits until the grid is as a test wants it.
func (l *lossy) shows(what string, is func(page string) bool) {
	l.t.Helper()
	var page string
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		answer, err := http.Get(l.pages.address + "/sweeps/s")
		must(l.t, err)
		text, err := io.ReadAll(answer.Body)
		must(l.t, err)
		answer.Body.Close()
		if page = string(text); answer.StatusCode == http.StatusOK && is(page) {
			return
		}
	}
	l.t.Fatalf("the page never says %s:\n%s", what, page)
}

// stream is an open stream of events.
type stream struct {
	t    *testing.T
	body io.Closer
	text *bufio.Reader
	id   string // of the last message
}

func (l *lossy) stream(after string) *stream {
	l.t.Helper()
	r, err := http.NewRequest(http.MethodGet, l.pages.address+"/events?sweep=s", nil)
	must(l.t, err)
	if after != "" {
		r.Header.Set("Last-Event-ID", after)
	}
	answer, err := http.DefaultClient.Do(r)
	must(l.t, err)
	return &stream{t: l.t, body: answer.Body, text: bufio.NewReader(answer.Body)}
}

// until reads to an event.
func (s *stream) until(event string) {
	s.t.Helper()
	late := time.AfterFunc(30*time.Second, func() { s.body.Close() })
	defer late.Stop()
	for {
		line, err := s.text.ReadString('\n')
		if err != nil {
			s.t.Fatalf("no event %q: %v", event, err)
		}
		line = strings.TrimSpace(line)
		if id, ok := strings.CutPrefix(line, "id: "); ok {
			s.id = id
		}
		if line == "event: "+event || event == "" && s.id != "" {
			return
		}
	}
}

// A database that goes away and comes back: pages say since when, show what they know, and
// follow by themselves; streams tell it, and one that was cut misses nothing.
func TestPagesOutliveTheDatabase(t *testing.T) {
	l := newLossy(t)
	l.shows("the run", func(page string) bool {
		return strings.Contains(page, "planned") && !strings.Contains(page, "The database cannot") && strings.Contains(page, "Temporal cannot be reached since")
	})
	live := l.stream("")
	live.until("")
	l.stop()
	l.shows("that the database is lost", func(page string) bool {
		return strings.Contains(page, "The database cannot be reached since") && strings.Contains(page, "as of") && strings.Contains(page, "icons-w4")
	})
	live.until("lost")
	l.start()
	live.until("reload")
	l.shows("that all is well", func(page string) bool {
		return !strings.Contains(page, "The database cannot") && !strings.Contains(page, "as of")
	})

	live.until("")
	must(t, live.body.Close()) // the lid is closed
	must(t, l.store.SetRunState(ctx, l.run.ID, sweep.Running, ""))
	must(t, l.store.SetRunState(ctx, l.run.ID, sweep.Failed, "out of memory"))
	again := l.stream(live.id)
	again.until("run")
	must(t, again.body.Close())
	l.shows("the failure", func(page string) bool { return strings.Contains(page, "out of memory") })
}
