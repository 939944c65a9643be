package web

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/scalelaw/scalelaw/store"
	"github.com/scalelaw/scalelaw/sweep"
)

// fake is a backend for tests; what a test does not give is not there.
type fake struct {
	Backend
	sweeps []sweep.SweepSummary
	laws   []store.Headline
	err    error
}

func (f *fake) Studies(_ context.Context, text string, _ store.Page) (all store.Listed[store.Study], err error) {
	for _, s := range f.sweeps {
		if strings.Contains(s.Name, text) {
			all.Rows = append(all.Rows, store.Study{Name: s.Name, State: s.State, Counts: s.Counts, Total: s.Total, Laws: f.laws})
		}
	}
	return all, f.err
}

func (f *fake) RecentSweeps(context.Context, int) (names []string, err error) {
	for _, s := range f.sweeps {
		names = append(names, s.Name)
	}
	return names, f.err
}

func (f *fake) FittedPoints(context.Context, []string) (map[string][][2]float64, error) {
	return map[string][][2]float64{"f1": {{1, 0.9}, {10, 0.5}, {100, 0.3}}}, f.err
}

func (f *fake) SweepSummary(_ context.Context, name string) (sweep.SweepSummary, error) {
	for _, s := range f.sweeps {
		if s.Name == name {
			return s, nil
		}
	}
	return sweep.SweepSummary{}, sweep.ErrNotFound
}

// serve gives a handler over b, and what it logs.
func serve(t testing.TB, b Backend) (http.Handler, *bytes.Buffer) {
	t.Helper()
	var log bytes.Buffer
	s, err := New(b, Options{Log: slog.New(slog.NewTextHandler(&log, nil)), Version: "test"})
	if err != nil {
		t.Fatal(err)
	}
	return s.Handler(), &log
}

// get asks for a page, with headers as name, value, ...; again where a busy machine still
// computes it.
func get(h http.Handler, path string, headers ...string) *httptest.ResponseRecorder {
	for end := time.Now().Add(3 * time.Minute); ; {
		w := getOnce(h, path, headers...)
		if w.Code != http.StatusServiceUnavailable || !strings.Contains(w.Body.String(), "still being computed") || time.Now().After(end) {
			return w
		}
	}
}

func getOnce(h http.Handler, path string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, path, nil)
	r.Host = "localhost"
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestStudiesAsPageAndAsJSON(t *testing.T) {
	h, _ := serve(t, &fake{sweeps: []sweep.SweepSummary{{SweepRecord: sweep.SweepRecord{Name: "quick<start", State: sweep.Running}, Total: 54}}})
	page := get(h, "/")
	if body := page.Body.String(); page.Code != 200 || !strings.Contains(body, "quick&lt;start") || !strings.Contains(body, "<!doctype html>") {
		t.Errorf("%d %s", page.Code, body)
	}
	asJSON := get(h, "/", "Accept", "application/json")
	if body := asJSON.Body.String(); !strings.Contains(body, `"total":54`) || asJSON.Header().Get("Content-Type") != "application/json" {
		t.Errorf("%s", body)
	}
	if again := get(h, "/", "If-None-Match", page.Header().Get("ETag")); again.Code != http.StatusNotModified || again.Body.Len() > 0 {
		t.Errorf("with its tag: %d, %d bytes", again.Code, again.Body.Len())
	}
	if part := get(h, "/", "HX-Request", "true").Body.String(); strings.Contains(part, "<html") || !strings.Contains(part, "<h1>") {
		t.Errorf("htmx gets the middle of the page: %s", part)
	}
}

func TestStudiesSayTheirLaws(t *testing.T) {
	alpha := -0.1114
	f := &fake{
		sweeps: []sweep.SweepSummary{{SweepRecord: sweep.SweepRecord{Name: "ladder", State: sweep.Running}, Total: 4, Counts: map[sweep.State]int{sweep.Succeeded: 3}}},
		laws: []store.Headline{
			{Fit: "f1", Metric: "icons-test/top1_error", Rule: "pareto", Law: "power", Status: "ok", Alpha: &alpha, Interval: &[2]float64{-0.12, -0.1}, Level: 0.95, Used: 3},
			{Fit: "f2", Metric: "icons-test/top1_error", Rule: "envelope", Law: "power", Status: "refused", Reason: "too few points"},
		},
	}
	h, _ := serve(t, f)
	page := get(h, "/").Body.String()
	contains(t, "page", page, "−0.1114", "−0.12", "95 %", "3 of 4", "too few points", "<path", "error from 90.0 %", `href="/sweeps/ladder"`)
	if none := get(h, "/?text=x").Body.String(); !strings.Contains(none, "No study has") {
		t.Errorf("nothing found: %s", none)
	}
	f.sweeps = nil
	contains(t, "none", get(h, "/").Body.String(), "No study yet", `href="/new"`)
	if m := miniatureOf([][2]float64{{1, 0.5}}); m != nil {
		t.Errorf("a picture of one point: %+v", m)
	}
	if m := miniatureOf([][2]float64{{1, 0.5}, {1, 0.5}}); m.Dots[0] != [2]string{"66.0", "26.0"} {
		t.Errorf("points in one place: %+v", m)
	}
}

func TestErrorsArePages(t *testing.T) {
	h, log := serve(t, &fake{err: errors.New("secret detail")})
	if w := get(h, "/"); w.Code != 500 || strings.Contains(w.Body.String(), "secret") || !strings.Contains(log.String(), "secret detail") {
		t.Errorf("%d %s; log %s", w.Code, w.Body, log)
	}
	if w := get(h, "/nowhere"); w.Code != 404 || !strings.Contains(w.Body.String(), "/nowhere") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

func TestEveryAnswerHasThePolicy(t *testing.T) {
	h, _ := serve(t, &fake{})
	for _, path := range []string{"/", "/nowhere", "/static/nothing.css"} {
		header := get(h, path).Header()
		if header.Get("Content-Security-Policy") != policy || header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: %v", path, header)
		}
	}
	if strings.Contains(policy, "unsafe") || strings.Contains(policy, "http") {
		t.Error(policy)
	}
}

// The third-party files are those whose checksums were written down.
func TestVendoredFiles(t *testing.T) {
	sums, err := fs.ReadFile(staticFiles, "static/vendor/SHA256SUMS")
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(sums)), "\n")
	if len(lines) < 2 {
		t.Fatalf("only %d files", len(lines))
	}
	for _, line := range lines {
		want, name, _ := strings.Cut(line, "  ")
		data, err := fs.ReadFile(staticFiles, "static/vendor/"+name)
		if err != nil {
			t.Error(err)
			continue
		}
		if sum := sha256.Sum256(data); hex.EncodeToString(sum[:]) != want {
			t.Errorf("%s was changed", name)
		}
	}
}

func discard() *slog.Logger { return slog.New(slog.DiscardHandler) }
