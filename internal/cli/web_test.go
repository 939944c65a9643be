package cli

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.temporal.io/sdk/client"

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

// With a certificate the pages are served over TLS; one that cannot be read is told beforehand.
func TestWebOverTLS(t *testing.T) {
	w := newWorld(t)
	a := &app{stdout: io.Discard, stderr: io.Discard, getenv: w.getenv}
	must(t, a.configure())
	nowhere, err := client.NewLazyClient(client.Options{HostPort: "127.0.0.1:1"})
	must(t, err)
	t.Cleanup(nowhere.Close)
	s := &session{app: a, store: w.store, temporal: nowhere}
	cert, key := certificate(t)
	if _, err := s.serveWeb(t.Context(), webOptions{listen: "127.0.0.1:0", cert: key, key: cert}); err == nil || exitCode(err) != exitBadInput {
		t.Errorf("the wrong files: %v", err)
	}
	served, err := s.serveWeb(t.Context(), webOptions{listen: "127.0.0.1:0", cert: cert, key: key})
	must(t, err)
	t.Cleanup(func() { served.stop() })
	trust := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, ForceAttemptHTTP2: true}}
	answer, err := trust.Get(served.address + "/")
	must(t, err)
	answer.Body.Close()
	if answer.StatusCode != http.StatusOK || answer.ProtoMajor != 2 || answer.Header.Get("Strict-Transport-Security") == "" || !strings.HasPrefix(served.address, "https://") {
		t.Errorf("%s: %s %v", served.address, answer.Proto, answer.Header)
	}
}

// certificate makes one for a test, with its key, as PEM files.
func certificate(t *testing.T) (cert, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	about := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}}
	signed, err := x509.CreateCertificate(rand.Reader, about, about, &private.PublicKey, private)
	must(t, err)
	secret, err := x509.MarshalPKCS8PrivateKey(private)
	must(t, err)
	cert, key = filepath.Join(t.TempDir(), "cert.pem"), filepath.Join(t.TempDir(), "key.pem")
	must(t, os.WriteFile(cert, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: signed}), 0o600))
	must(t, os.WriteFile(key, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret}), 0o600))
	return cert, key
}
