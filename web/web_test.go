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

	"github.com/scalelaw/scalelaw/sweep"
)

// fake is a backend for tests; what a test does not give is not there.
type fake struct {
	Backend
	sweeps []sweep.SweepSummary
	err    error
}

func (f *fake) Sweeps(context.Context) ([]sweep.SweepSummary, error) { return f.sweeps, f.err }

func (f *fake) SweepSummary(_ context.Context, name string) (sweep.SweepSummary, error) {
	for _, s := range f.sweeps {
		if s.Name == name {
			return s, nil
		}
	}
	return sweep.SweepSummary{}, sweep.ErrNotFound
}

// serve gives a handler over b, and what it logs.
func serve(t *testing.T, b Backend) (http.Handler, *bytes.Buffer) {
	t.Helper()
	var log bytes.Buffer
	s, err := New(b, Options{Log: slog.New(slog.NewTextHandler(&log, nil)), Version: "test"})
	if err != nil {
		t.Fatal(err)
	}
	return s.Handler(), &log
}

// get asks for a page, with headers as name, value, ...
func get(h http.Handler, path string, headers ...string) *httptest.ResponseRecorder {
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
