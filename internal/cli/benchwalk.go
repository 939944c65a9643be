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
	"time"

	"github.com/scalelaw/scalelaw/store"
	"github.com/scalelaw/scalelaw/sweep"
)

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
	w.client = &http.Client{Timeout: time.Minute, Transport: &http.Transport{MaxIdleConnsPerHost: 1000, DisableCompression: true}} // we ask for gzip ourselves, to count what is sent
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
	switch {
	case strings.HasPrefix(page, "/compare"):
		filled += "?run=" + run(0)[:16] + "&run=" + run(1)[:16]
	case strings.HasSuffix(page, "/diff"):
		filled += "?with=" + w.fits[(i+1)%len(w.fits)]
	case strings.Contains(page, "/robustness"), strings.HasSuffix(page, "/bottlenecks"):
		filled += "?shift=imagenetv2/top1_error"
	}
	return w.base + filled
}

// read walks all pages, from one on, until it is time to end and every page was read.
func (w *walk) read(ctx context.Context, from int, end time.Time, pause time.Duration) {
	for i := from; ctx.Err() == nil && (time.Now().Before(end) || w.visits.pages() < len(w.pages)); i++ {
		page := w.pages[i%len(w.pages)]
		one, err := w.visit(ctx, w.address(page, i+31*from))
		if err != nil {
			one.status = 0
		}
		if ctx.Err() == nil {
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
	v.status = answer.StatusCode
	fmt.Sscan(answer.Trailer.Get(queriesTrailer), &v.queries) // 0 where an answer has no trailer
	return v, nil
}
