package cli

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/log"

	"github.com/scalelaw/scalelaw/store"
)

// pageSpeed is how an address did, over all its requests.
type pageSpeed struct {
	Page     string  `json:"page"`
	Requests int     `json:"requests"`
	Refused  int     `json:"refused"` // answered in words, with a status from 400 to 499
	Failed   int     `json:"failed"`  // answered with a higher one, or not at all
	MedianMS float64 `json:"first_byte_median_ms"`
	P95MS    float64 `json:"first_byte_p95_ms"`
	Bytes    int64   `json:"bytes"`   // sent, compressed; the most
	Queries  int64   `json:"queries"` // of one request; the most
}

// visit is one request.
type visit struct {
	firstByte      time.Duration
	bytes, queries int64
	status         int // 0: there was no answer
}

// visits collects them by page.
type visits struct {
	mu     sync.Mutex
	byPage map[string][]visit
}

func (v *visits) add(page string, one visit) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.byPage[page] = append(v.byPage[page], one)
}

// pages is how many pages were read at all.
func (v *visits) pages() int {
	v.mu.Lock()
	defer v.mu.Unlock()
	return len(v.byPage)
}

func (v *visits) speeds() (all []pageSpeed) {
	for page, of := range v.byPage {
		p := pageSpeed{Page: page, Requests: len(of)}
		var ms []float64
		for _, one := range of {
			ms = append(ms, float64(one.firstByte)/float64(time.Millisecond))
			p.Bytes, p.Queries = max(p.Bytes, one.bytes), max(p.Queries, one.queries)
			switch {
			case one.status == 0 || one.status >= http.StatusInternalServerError:
				p.Failed++
			case one.status >= http.StatusBadRequest:
				p.Refused++
			}
		}
		slices.Sort(ms)
		p.MedianMS, p.P95MS = ms[len(ms)/2], ms[len(ms)*95/100]
		all = append(all, p)
	}
	slices.SortFunc(all, func(a, b pageSpeed) int { return strings.Compare(a.Page, b.Page) })
	return all
}

// measureStudy counts the study, reads its pages while runs write, and tells which tables were
// read whole meanwhile.
func (s *session) measureStudy(ctx context.Context, b storeBench, m storeSpeed) (err error) {
	var before, after map[string]int64
	if m.Study, before, err = lookAt(ctx, b.use, true); err != nil {
		return err
	}
	if err := s.readStudy(ctx, b, &m); err != nil {
		return err
	}
	if _, after, err = lookAt(ctx, b.use, false); err != nil {
		return err
	}
	m.ReadWhole = map[string]int64{}
	for table, n := range after {
		if n > before[table] {
			m.ReadWhole[table] = n - before[table]
		}
	}
	return errors.Join(s.app.print(m, pageTable(m)), m.failed())
}

// lookAt counts the rows of the study, if wanted, and how often tables were read whole until then.
func lookAt(ctx context.Context, url string, count bool) (n store.Loaded, whole map[string]int64, err error) {
	s, err := store.Open(ctx, url)
	if err == nil && count {
		n, err = s.Counted(ctx, benchSweep)
		s.Close()
		if err == nil {
			s, err = store.Open(ctx, url)
		}
	}
	if err != nil {
		return n, nil, err
	}
	defer s.Close()
	time.Sleep(2 * time.Second) // connections that ended are reported a moment later
	whole, err = s.ReadWhole(ctx)
	return n, whole, err
}

// readStudy serves the pages on loopback and reads them.
func (s *session) readStudy(ctx context.Context, b storeBench, m *storeSpeed) (err error) {
	if s.store, err = store.Open(ctx, b.use); err != nil {
		return err
	}
	defer func() { s.store.Close(); s.store = nil }()
	if s.temporal, err = client.NewLazyClient(client.Options{HostPort: "127.0.0.1:1", Logger: log.NewStructuredLogger(s.app.log)}); err != nil { // nobody is there: pages do without
		return err
	}
	served, err := s.serveWeb(ctx, webOptions{listen: "127.0.0.1:0"})
	if err != nil {
		return err
	}
	defer served.stop()
	w, err := s.newWalk(ctx, served)
	if err != nil {
		return err
	}
	writing, stop := context.WithCancel(ctx)
	defer stop()
	written, wait := writeOn(writing, b)
	end := time.Now().Add(time.Duration(b.seconds * float64(time.Second)))
	var all sync.WaitGroup
	for i := range b.readers {
		all.Go(func() { w.read(ctx, i*len(w.pages)/b.readers, end, b.pause) })
	}
	all.Wait()
	stop()
	m.RowsWritten, m.Pages = written.Load(), w.visits.speeds()
	return wait()
}

// failed names the pages that some requests got no answer from.
func (m storeSpeed) failed() error {
	var all error
	for _, p := range m.Pages {
		if p.Failed > 0 {
			all = errors.Join(all, fmt.Errorf("%s: %d of %d requests failed", p.Page, p.Failed, p.Requests))
		}
	}
	return all
}

func pageTable(m storeSpeed) *table {
	t := &table{header: []string{"page", "requests", "refused", "failed", "median ms", "p95 ms", "bytes", "queries"}}
	for _, p := range m.Pages {
		t.add(p.Page, p.Requests, p.Refused, p.Failed, p.MedianMS, p.P95MS, p.Bytes, p.Queries)
	}
	return t
}
