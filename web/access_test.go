package web

import (
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/scalelaw/scalelaw/store"
	"github.com/scalelaw/scalelaw/sweep"
)

// guarded is a server that demands tokens.
func guarded(t *testing.T, a Access) (*desk, http.Handler) {
	t.Helper()
	d := aStudy()
	d.tokens = map[string]store.Token{"slaw_r": {Label: "reader", Scope: store.Reading}, "slaw_w": {Label: "writer", Scope: store.Writing}}
	a.Tokens = true
	s, err := New(d, Options{Log: slog.New(slog.DiscardHandler), Access: a})
	if err != nil {
		t.Fatal(err)
	}
	return d, s.Handler()
}

func TestTokens(t *testing.T) {
	d, h := guarded(t, Access{})
	for _, c := range []struct {
		method, path, token, accept string
		status                      int
	}{
		{"GET", "/", "", "", http.StatusSeeOther},
		{"GET", "/", "", "application/json", http.StatusUnauthorized},
		{"GET", "/", "slaw_r", "", http.StatusOK},
		{"GET", "/", "wrong", "application/json", http.StatusUnauthorized},
		{"GET", "/events", "", "application/json", http.StatusUnauthorized},
		{"GET", "/nowhere", "slaw_r", "", http.StatusNotFound},
		{"POST", "/sweeps/s/pause", "", "", http.StatusUnauthorized},
		{"POST", "/sweeps/s/pause", "slaw_r", "", http.StatusForbidden},
		{"POST", "/sweeps/s/pause", "slaw_w", "", http.StatusSeeOther},
	} {
		r := httptest.NewRequest(c.method, c.path, nil)
		if c.token != "" {
			r.Header.Set("Authorization", "Bearer "+c.token)
		}
		r.Header.Set("Accept", c.accept)
		w := httptest.NewRecorder()
		if h.ServeHTTP(w, r); w.Code != c.status {
			t.Errorf("%s %s with %q: %d, want %d", c.method, c.path, c.token, w.Code, c.status)
		}
		if p := w.Body.String(); c.status == http.StatusUnauthorized && c.accept == "application/json" && !strings.Contains(p, `"status":401`) {
			t.Errorf("%+v: %s", c, p)
		}
		if c.status == http.StatusUnauthorized && !strings.HasPrefix(w.Header().Get("WWW-Authenticate"), "Bearer") {
			t.Errorf("%s %s: a program is not told what is wanted", c.method, c.path)
		}
	}
	if len(d.acts) != 1 || len(d.audit) != 1 || d.audit[0].Actor != "writer" {
		t.Errorf("%+v, %+v", d.acts, d.audit)
	}
	if page := get(h, "/sweeps/s", "Authorization", "Bearer slaw_r").Body.String(); strings.Contains(page, "/pause") {
		t.Error("who may only read is shown no forms")
	}
	if w := get(h, "/", "HX-Request", "true"); w.Header().Get("HX-Redirect") == "" || w.Code != http.StatusUnauthorized {
		t.Errorf("a part of a page: %d %v", w.Code, w.Header())
	}
	if w := get(h, "/static/app.css"); w.Code != http.StatusNotFound { // asked for without its checksum; but not for a token
		t.Errorf("the sign-in page has no style: %d", w.Code)
	}
}

func TestSignIn(t *testing.T) {
	d, h := guarded(t, Access{TLS: true})
	if w := post(h, "/sign-in", url.Values{"token": {"wrong"}}); w.Code != http.StatusUnauthorized || len(w.Result().Cookies()) > 0 {
		t.Errorf("%d %v", w.Code, w.Header())
	}
	soon := time.Now().Add(time.Hour)
	d.tokens["slaw_e"] = store.Token{Label: "short", Scope: store.Reading, ExpiresAt: &soon}
	w := post(h, "/sign-in", url.Values{"token": {" slaw_e\n"}, "next": {"/sweeps/s?x=1"}})
	if w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/sweeps/s?x=1" || len(w.Result().Cookies()) != 1 {
		t.Fatalf("%d %v", w.Code, w.Header())
	}
	c := w.Result().Cookies()[0]
	if !c.HttpOnly || !c.Secure || c.SameSite != http.SameSiteLaxMode || c.Name != "__Host-scalelaw" || c.Path != "/" || c.MaxAge > 3600 {
		t.Errorf("%+v", c)
	}
	if page := get(h, "/", "Cookie", c.Name+"="+c.Value); page.Code != http.StatusOK || !strings.Contains(page.Body.String(), "Sign out") {
		t.Errorf("%d", page.Code)
	}
	if out := post(h, "/sign-out", nil, "Cookie", c.Name+"="+c.Value).Result().Cookies(); len(out) != 1 || out[0].MaxAge >= 0 {
		t.Errorf("%+v", out)
	}
	if len(d.audit) != 2 || d.audit[0].Outcome != "refused" || d.audit[1].Actor != "short" || strings.Contains(d.audit[1].Detail+d.audit[0].Detail, "slaw_") {
		t.Errorf("%+v", d.audit)
	}
	for next, want := range map[string]string{"//evil.org/": "/", "https://evil.org": "/", `/\evil.org`: "/", "javascript:x": "/", "": "/", "/a?b=c": "/a?b=c", "/%2f/evil": "/"} {
		if got := within(next); got != want {
			t.Errorf("%q: %q, want %q", next, got, want)
		}
	}
}

// Where the database is lost, who was let in before may look on; nobody else is let in, and a
// token that the database refuses is refused at once.
func TestTokensWithoutDatabase(t *testing.T) {
	d, h := guarded(t, Access{})
	ask := func(token string) int { return get(h, "/", "Authorization", "Bearer "+token).Code }
	if ask("slaw_r") != http.StatusOK {
		t.Fatal("not let in")
	}
	d.authErr = sweep.ErrUnreachable
	if got := ask("slaw_r"); got != http.StatusOK {
		t.Errorf("known before: %d", got)
	}
	if got := ask("slaw_w"); got != http.StatusServiceUnavailable {
		t.Errorf("not known: %d", got)
	}
	d.authErr = nil
	delete(d.tokens, "slaw_r")
	if got := ask("slaw_r"); got != http.StatusSeeOther {
		t.Errorf("revoked: %d", got)
	}
	d.authErr = sweep.ErrUnreachable
	if got := ask("slaw_r"); got != http.StatusServiceUnavailable {
		t.Errorf("revoked, and then the database lost: %d", got)
	}
}

func TestOtherSitesAreRefused(t *testing.T) {
	d := aStudy()
	h, _ := serve(t, d)
	for name, headers := range map[string][]string{
		"Sec-Fetch-Site": {"Sec-Fetch-Site", "cross-site"}, "same site, other origin": {"Sec-Fetch-Site", "same-site"},
		"Origin": {"Origin", "http://evil.org"}, "null": {"Origin", "null"},
	} {
		if w := post(h, "/sweeps/s/pause", nil, headers...); w.Code != http.StatusForbidden || len(d.acts) > 0 {
			t.Errorf("%s: %d, %v", name, w.Code, d.acts)
		}
	}
	if w := post(h, "/sweeps/s/pause", nil, "Origin", "http://localhost", "Sec-Fetch-Site", "same-origin"); w.Code != http.StatusSeeOther {
		t.Errorf("our own: %d", w.Code)
	}
}

// Without tokens another name in Host is that of a site that points it at this machine.
func TestForeignHostsAreRefused(t *testing.T) {
	h, _ := serve(t, aStudy())
	for host, status := range map[string]int{
		"localhost:8080": 200, "127.0.0.1": 200, "[::1]:80": 200, "LOCALHOST": 200,
		"evil.org": 403, "localhost.evil.org": 403, "192.168.1.2:8080": 403, "": 403,
	} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.Host = host
		w := httptest.NewRecorder()
		if h.ServeHTTP(w, r); w.Code != status {
			t.Errorf("%q: %d, want %d", host, w.Code, status)
		}
	}
}

func TestBehindAProxy(t *testing.T) {
	d, h := guarded(t, Access{Proxy: true, TLS: true})
	w := post(h, "/sweeps/s/pause", nil, "Authorization", "Bearer slaw_w", "X-Forwarded-For", "6.6.6.6, 10.1.2.3", "X-Forwarded-Host", "laws.example.org", "Origin", "https://laws.example.org")
	if w.Code != http.StatusSeeOther || d.audit[0].Address != "10.1.2.3" || w.Header().Get("Strict-Transport-Security") == "" {
		t.Errorf("%d, %+v", w.Code, d.audit)
	}
}

func TestLimits(t *testing.T) {
	d, h := guarded(t, Access{})
	var last *httptest.ResponseRecorder
	for range signInsAtOnce + 1 {
		last = post(h, "/sign-in", url.Values{"token": {"guess"}})
	}
	if last.Code != http.StatusTooManyRequests || last.Header().Get("Retry-After") == "" || len(d.audit) != signInsAtOnce {
		t.Errorf("guessing: %d %v, %d tried", last.Code, last.Header(), len(d.audit))
	}
	if w := get(h, "/", "Authorization", "Bearer slaw_r"); w.Code != http.StatusOK {
		t.Errorf("pages are counted apart: %d", w.Code)
	}
	big := post(h, "/sweeps/s/pause", url.Values{"x": {strings.Repeat("x", maxBody+1)}}, "Authorization", "Bearer slaw_w")
	if big.Code != http.StatusRequestEntityTooLarge {
		t.Errorf("a large request: %d %s", big.Code, big.Body)
	}
	var l limits
	for range 3 {
		if l.wait("x", "a", 1, 3) > 0 {
			t.Error("three at once are allowed")
		}
	}
	if l.wait("x", "a", 1, 3) == 0 || l.wait("x", "b", 1, 3) > 0 {
		t.Error("the fourth is not, and others have their own count")
	}
}

func TestPanicsAreAnswered(t *testing.T) {
	var log strings.Builder
	s := &Server{options: Options{Log: slog.New(slog.NewTextHandler(&log, nil))}}
	w := httptest.NewRecorder()
	s.recovered(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(errors.New("nil map")) })).ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", nil))
	if w.Code != http.StatusInternalServerError || strings.Contains(w.Body.String(), "nil map") || !strings.Contains(log.String(), "nil map") {
		t.Errorf("%d %s; log %s", w.Code, w.Body, log.String())
	}
}
