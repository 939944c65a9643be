package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/log"

	"github.com/scalelaw/scalelaw/store"
	"github.com/scalelaw/scalelaw/sweep"
)

// pageSpeed is how an address did, over all its requests.
type pageSpeed struct {
	Page     string  `json:"page"`
	Requests int     `json:"requests"`
	Failed   int     `json:"failed"` // answered with something other than 200
	MedianMS float64 `json:"first_byte_median_ms"`
	P95MS    float64 `json:"first_byte_p95_ms"`
	Bytes    int64   `json:"bytes"`   // sent, compressed; the most
	Queries  int64   `json:"queries"` // of one request; the most
}

// visit is one request.
type visit struct {
	firstByte      time.Duration
	bytes, queries int64
	ok             bool
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

func (v *visits) speeds() (all []pageSpeed) {
	for page, of := range v.byPage {
		p := pageSpeed{Page: page, Requests: len(of)}
		var ms []float64
		for _, one := range of {
			ms = append(ms, float64(one.firstByte)/float64(time.Millisecond))
			p.Bytes, p.Queries = max(p.Bytes, one.bytes), max(p.Queries, one.queries)
			if !one.ok {
				p.Failed++
			}
		}
		slices.Sort(ms)
		p.MedianMS, p.P95MS = ms[len(ms)/2], ms[len(ms)*95/100]
		all = append(all, p)
	}
	slices.SortFunc(all, func(a, b pageSpeed) int { return strings.Compare(a.Page, b.Page) })
	return all
}

// measureStudy serves the pages on loopback and reads them while runs write.
func (s *session) measureStudy(ctx context.Context, b storeBench, m storeSpeed) (err error) {
	if s.store, err = store.Open(ctx, b.use); err != nil {
		return err
	}
	if m.Study, err = s.store.Counted(ctx, benchSweep); err != nil {
		return err
	}
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
	reading, cancel := context.WithTimeout(ctx, time.Duration(b.seconds*float64(time.Second)))
	defer cancel()
	var all sync.WaitGroup
	for i := range b.readers {
		all.Go(func() { w.read(reading, i, b.pause) })
	}
	written, failed := s.writeOn(reading, b, &all)
	all.Wait()
	if err := failed(); err != nil {
		return err
	}
	m.RowsWritten, m.Pages = written.Load(), w.visits.speeds()
	return s.app.print(m, pageTable(m))
}

func pageTable(m storeSpeed) *table {
	t := &table{header: []string{"page", "requests", "failed", "median ms", "p95 ms", "bytes", "queries"}}
	for _, p := range m.Pages {
		t.add(p.Page, p.Requests, p.Failed, p.MedianMS, p.P95MS, p.Bytes, p.Queries)
	}
	return t
}

// walk is the addresses that readers go through.
type walk struct {
	base   string
	pages  []string // as the document of the API has them
	runs   []string
	fits   []string
	client *http.Client
	visits visits
}

// newWalk reads the addresses from the document of the API, and counts the queries of each
// request in the server.
func (s *session) newWalk(ctx context.Context, served *pages) (*walk, error) {
	w := &walk{base: served.address, visits: visits{byPage: map[string][]visit{}}}
	w.client = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 1000, DisableCompression: true}} // we ask for gzip ourselves, to count what is sent
	counted := served.server.Handler
	served.server.Handler = http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		under, n := store.CountQueries(r.Context())
		out.Header().Set("Trailer", queriesTrailer)
		counted.ServeHTTP(out, r.WithContext(under))
		out.Header().Set(queriesTrailer, fmt.Sprint(n.N()))
	})
	cells, err := s.store.Cells(ctx, benchSweep, 0, 100_000)
	if err != nil {
		return nil, err
	}
	for _, c := range cells {
		w.runs = append(w.runs, c.RunID)
	}
	if w.fits, err = s.store.FitIDs(ctx, benchSweep); err != nil {
		return nil, err
	}
	return w, w.readPages(ctx)
}

const queriesTrailer = "X-Queries"

// downloads are addresses that are no pages: pictures and files, made of what pages read.
var downloads = regexp.MustCompile(`\.(png|pdf|csv|tex|zip)$|/temporal$|^/icons/|/gallery$|^/events`)

func (w *walk) readPages(ctx context.Context) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, w.base+"/api?format=json", nil)
	if err != nil {
		return err
	}
	answer, err := w.client.Do(r)
	if err != nil {
		return fmt.Errorf("read the document of the API: %w", err)
	}
	defer answer.Body.Close()
	var document struct {
		Paths map[string]map[string]any `json:"paths"`
	}
	if err := json.NewDecoder(answer.Body).Decode(&document); err != nil {
		return fmt.Errorf("read the document of the API: %w", err)
	}
	for path, methods := range document.Paths {
		if methods["get"] != nil && !downloads.MatchString(path) {
			w.pages = append(w.pages, path)
		}
	}
	if slices.Sort(w.pages); len(w.pages) == 0 {
		return fmt.Errorf("the document of the API names no pages: %w", sweep.ErrNotFound)
	}
	return nil
}

// address fills a page's blanks: the i-th run and fit, and what a page needs to show anything.
func (w *walk) address(page string, i int) string {
	run := func(k int) string { return w.runs[(i*7919+k)%len(w.runs)] }
	filled := strings.NewReplacer("{sweep}", benchSweep, "{run}", run(0), "{data}", "icons-160k", "{fit}", w.fits[i%len(w.fits)]).Replace(page)
	if strings.HasPrefix(page, "/compare") {
		filled += "?run=" + run(0)[:16] + "&run=" + run(1)[:16]
	}
	return w.base + filled
}

// read walks all pages, from another one on for each reader, until ctx is over.
func (w *walk) read(ctx context.Context, reader int, pause time.Duration) {
	for i := reader; ctx.Err() == nil; i++ {
		page := w.pages[i%len(w.pages)]
		if one, err := w.visit(ctx, w.address(page, i+1000*reader)); err == nil {
			w.visits.add(page, one)
		}
		select {
		case <-ctx.Done():
		case <-time.After(pause):
		}
	}
}

func (w *walk) visit(ctx context.Context, address string) (v visit, err error) {
	var began time.Time
	trace := &httptrace.ClientTrace{GotFirstResponseByte: func() { v.firstByte = time.Since(began) }}
	r, err := http.NewRequestWithContext(httptrace.WithClientTrace(ctx, trace), http.MethodGet, address, nil)
	if err != nil {
		return v, err
	}
	r.Header.Set("Accept", "text/html")
	r.Header.Set("Accept-Encoding", "gzip")
	began = time.Now()
	answer, err := w.client.Do(r)
	if err != nil {
		return v, err
	}
	defer answer.Body.Close()
	if v.bytes, err = io.Copy(io.Discard, answer.Body); err != nil {
		return v, err
	}
	v.ok = answer.StatusCode == http.StatusOK
	fmt.Sscan(answer.Trailer.Get(queriesTrailer), &v.queries) // 0 where an answer has no trailer
	return v, nil
}

// writeOn lets runs of the study that have not ended write on, as their trainer would: a batch
// of rows every two seconds. failed gives what went wrong, once all are done.
func (s *session) writeOn(ctx context.Context, b storeBench, all *sync.WaitGroup) (written *atomic.Int64, failed func() error) {
	written = &atomic.Int64{}
	var first atomic.Pointer[error]
	fail := func(err error) {
		if err != nil && ctx.Err() == nil {
			first.CompareAndSwap(nil, &err)
		}
	}
	failed = func() error {
		if err := first.Load(); err != nil {
			return *err
		}
		return nil
	}
	to, err := store.Open(ctx, b.use) // workers are other processes, with connections of their own
	if err != nil {
		fail(err)
		return written, failed
	}
	running, err := to.Unfinished(ctx, benchSweep, b.writers)
	fail(err)
	var writers sync.WaitGroup
	for i, r := range running {
		writers.Go(func() {
			fail(writeRun(ctx, to, r, time.Duration(i)*2*time.Second/time.Duration(len(running)), written))
		})
	}
	all.Go(func() { writers.Wait(); to.Close() })
	return written, failed
}

// streamed are the metrics of a run that trains.
var streamed = []string{"loss", "learning_rate", "grad_norm", "logit_scale", "samples_per_second"}

// writeRun adds 20 steps every two seconds, beginning after a while.
func writeRun(ctx context.Context, to *store.Store, r store.UnfinishedRun, after time.Duration, written *atomic.Int64) error {
	tick := time.NewTimer(after)
	for step := r.Step + 1; ; step += 20 {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		var rows []sweep.Metric
		for i := range int64(20) {
			for _, name := range streamed {
				rows = append(rows, sweep.Metric{Name: name, Step: step + i, SamplesSeen: (step + i) * r.BatchSize, Value: 2 + 1/float64(step+i)})
			}
		}
		if err := to.AddMetrics(ctx, r.ID, r.Attempt, rows); err != nil {
			return err
		}
		written.Add(int64(len(rows)))
		tick.Reset(2 * time.Second)
	}
}
