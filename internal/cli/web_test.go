package cli

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/scalelaw/scalelaw/store"
	"github.com/scalelaw/scalelaw/web"
)

func TestLoopback(t *testing.T) {
	for listen, want := range map[string]bool{
		"127.0.0.1:8080": true, "localhost:0": true, "[::1]:80": true, "127.9.9.9:1": true,
		":8080": false, "0.0.0.0:8080": false, "192.168.1.2:80": false, "[::]:80": false, "laws.example.org:443": false,
	} {
		if got, err := loopback(listen); got != want || err != nil {
			t.Errorf("%s: %v, want %v (%v)", listen, got, want, err)
		}
	}
	if _, err := loopback("8080"); err == nil || exitCode(err) != exitBadInput {
		t.Errorf("no port: %v", err)
	}
}

// What others can reach wants a token that lets somebody in.
func TestWebAccess(t *testing.T) {
	w := newWorld(t)
	a := &app{stdout: io.Discard, stderr: io.Discard, getenv: w.getenv}
	must(t, a.configure())
	s := &session{app: a, store: w.store}
	for _, c := range []struct {
		o    webOptions
		want string // in the error
	}{
		{webOptions{listen: "127.0.0.1:0", cert: "c"}, "go together"},
		{webOptions{listen: "127.0.0.1:0", cert: "c", key: "k", proxy: true}, "the proxy speaks TLS"},
		{webOptions{listen: "0.0.0.0:0"}, "scalelaw token create"},
		{webOptions{listen: "127.0.0.1:0", proxy: true}, "scalelaw token create"},
	} {
		if _, err := s.access(t.Context(), c.o); err == nil || !strings.Contains(err.Error(), c.want) || exitCode(err) != exitBadInput {
			t.Errorf("%+v: %v", c.o, err)
		}
	}
	if got, err := s.access(t.Context(), webOptions{listen: "127.0.0.1:0"}); got != (web.Access{}) || err != nil {
		t.Errorf("loopback: %+v (%v)", got, err)
	}
	_, secret, err := w.store.CreateToken(t.Context(), store.Token{Label: "me", CreatedBy: "me", Scope: store.Reading})
	must(t, err)
	for o, want := range map[webOptions]web.Access{
		{listen: "0.0.0.0:0"}:                      {Tokens: true},
		{listen: "0.0.0.0:0", cert: "c", key: "k"}: {Tokens: true, TLS: true},
		{listen: "127.0.0.1:0", proxy: true}:       {Tokens: true, TLS: true, Proxy: true},
		{listen: "127.0.0.1:0", tokens: true}:      {Tokens: true},
	} {
		if got, err := s.access(t.Context(), o); got != want || err != nil {
			t.Errorf("%+v: %+v (%v)", o, got, err)
		}
	}
	server, err := web.New(&backend{Store: w.store, session: s}, web.Options{Log: a.log, Access: web.Access{Tokens: true}})
	must(t, err)
	r, _ := http.NewRequest(http.MethodGet, "/sweeps/quickstart", nil)
	r.Header.Set("Accept", "application/json")
	if answer := ask(server.Handler(), r); answer.Code != http.StatusUnauthorized {
		t.Errorf("without: %d", answer.Code)
	}
	r.Header.Set("Authorization", "Bearer "+secret)
	if answer := ask(server.Handler(), r); answer.Code != http.StatusOK || !strings.Contains(answer.Body.String(), `"samples_per_second"`) {
		t.Errorf("with: %d %s", answer.Code, answer.Body)
	}
}
