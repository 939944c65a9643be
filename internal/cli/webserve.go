package cli

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/scalelaw/scalelaw/trainer/icons32"
	"github.com/scalelaw/scalelaw/web"
	"github.com/scalelaw/scalelaw/web/live"
)

// pages is a web server that runs.
type pages struct {
	server  *http.Server
	address string
	failed  chan error // gets what ended it, unless stop did
	quiet   func()     // ends the streams and the watching
	watched sync.WaitGroup
}

// serveWeb begins to serve the pages.
func (s *session) serveWeb(ctx context.Context, o webOptions) (*pages, error) {
	access, err := s.access(ctx, o)
	if err != nil {
		return nil, err
	}
	if o.cert != "" {
		if _, err := tls.LoadX509KeyPair(o.cert, o.key); err != nil {
			return nil, usage("--tls-cert %s, --tls-key %s: %v", o.cert, o.key, err)
		}
	}
	ui := s.addresses.TemporalUI
	if o.temporalUI != "" {
		ui = o.temporalUI
	}
	server, err := web.New(&backend{Store: s.store, session: s}, web.Options{
		Log: s.app.log, Version: Version(), TemporalUI: ui, Namespace: s.addresses.TemporalNamespace,
		Access: access, Live: live.New(s.store, s.app.log),
	})
	if err != nil {
		return nil, err
	}
	l, err := net.Listen("tcp", o.listen)
	if err != nil {
		return nil, usage("--listen %s: %v", o.listen, err)
	}
	p := &pages{server: httpServer(server.Handler()), address: "http://" + l.Addr().String(), failed: make(chan error, 1)}
	if o.cert != "" {
		p.address = "https://" + l.Addr().String()
	}
	p.watched.Go(func() { icons32.Load() }) // decoded once, before somebody waits for it; an error comes again where they are asked for
	run, quiet := context.WithCancel(context.WithoutCancel(ctx))
	p.quiet = quiet
	p.watched.Go(func() { server.Run(run) })
	go p.serve(l, o)
	return p, nil
}

// httpServer has limits against readers that are slow on purpose. Streams set deadlines of
// their own.
func httpServer(h http.Handler) *http.Server {
	return &http.Server{
		Handler: h, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: time.Minute, WriteTimeout: 2 * time.Minute,
		IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10,
	}
}

func (p *pages) serve(l net.Listener, o webOptions) {
	var err error
	if o.cert != "" {
		err = p.server.ServeTLS(l, o.cert, o.key)
	} else {
		err = p.server.Serve(l)
	}
	if !errors.Is(err, http.ErrServerClosed) {
		p.failed <- fmt.Errorf("serve the pages at %s: %w", p.address, err)
	}
}

// stop ends the streams, lets answers under way finish for a moment, and ends the server.
func (p *pages) stop() error {
	p.quiet()
	p.watched.Wait()
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Second)
	defer cancel()
	if err := p.server.Shutdown(ctx); err != nil {
		return p.server.Close()
	}
	return nil
}

// servePages is serveWeb on loopback for `up`: nil where port is -1. Where nobody chose the
// port, any free one will do. Other verbs find the address in the data folder.
func (s *session) servePages(ctx context.Context, port int, chosen bool) (*pages, error) {
	if port < 0 {
		return nil, nil
	}
	served, err := s.serveWeb(ctx, webOptions{listen: net.JoinHostPort("127.0.0.1", strconv.Itoa(port))})
	if err != nil && !chosen {
		served, err = s.serveWeb(ctx, webOptions{listen: "127.0.0.1:0"})
	}
	if err != nil {
		return nil, err
	}
	s.addresses.Web = served.address
	return served, s.addresses.Write(s.app.config.DataDir)
}
