package cli

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/scalelaw/scalelaw/internal/servers"
	"github.com/scalelaw/scalelaw/store"
	"github.com/scalelaw/scalelaw/web"
)

// defaultWeb is where the pages are served.
const defaultWeb = "127.0.0.1:8080"

// backend gives the pages what they read and do.
type backend struct {
	*store.Store
	session *session
	galleries
	details sync.Map // name of a data set -> func() (sweep.DatasetDetail, error), called once
}

var _ web.Backend = (*backend)(nil)

func (a *app) webCommand() *cobra.Command {
	var listen string
	c := &cobra.Command{
		Use: "web", Short: "Serve the pages and the API, until Ctrl-C",
		Long:    "The pages for servers that run already: those of `up` on the data folder, or those that --database-url and TEMPORAL_ADDRESS name.",
		Example: "  scalelaw web\n  scalelaw web --listen 127.0.0.1:9000",
		Args:    exactly(),
		RunE: func(c *cobra.Command, _ []string) error {
			return a.with(c.Context(), need{command: "web", temporal: true, uiPort: servers.NoUI}, func(s *session) error {
				served, err := s.serveWeb(listen)
				if err != nil {
					return err
				}
				fmt.Fprintln(a.stdout, served.address)
				return errors.Join(s.waitFor(c.Context(), served.failed), served.stop())
			})
		},
	}
	c.Flags().StringVar(&listen, "listen", defaultWeb, "HOST:PORT of the pages (port 0: any free one)")
	return c
}

// pages is a web server that runs.
type pages struct {
	server  *http.Server
	address string
	failed  chan error // gets what ended it, unless stop did
}

// serveWeb begins to serve the pages.
func (s *session) serveWeb(listen string) (*pages, error) {
	server, err := web.New(&backend{Store: s.store, session: s}, web.Options{
		Log: s.app.log, Version: Version(), TemporalUI: s.addresses.TemporalUI, Namespace: s.addresses.TemporalNamespace,
	})
	if err != nil {
		return nil, err
	}
	l, err := net.Listen("tcp", listen)
	if err != nil {
		return nil, usage("--listen %s: %v", listen, err)
	}
	p := &pages{
		server:  &http.Server{Handler: server.Handler(), ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10},
		address: "http://" + l.Addr().String(), failed: make(chan error, 1),
	}
	go func() {
		if err := p.server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			p.failed <- fmt.Errorf("serve the pages at %s: %w", p.address, err)
		}
	}()
	return p, nil
}

// stop ends the server; open streams are cut after a moment.
func (p *pages) stop() error {
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Second)
	defer cancel()
	if err := p.server.Shutdown(ctx); err != nil {
		return p.server.Close()
	}
	return nil
}

// servePages is serveWeb on loopback for `up`: nil where port is -1. Where nobody chose the
// port, any free one will do. Other verbs find the address in the data folder.
func (s *session) servePages(port int, chosen bool) (*pages, error) {
	if port < 0 {
		return nil, nil
	}
	served, err := s.serveWeb(net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if err != nil && !chosen {
		served, err = s.serveWeb("127.0.0.1:0")
	}
	if err != nil {
		return nil, err
	}
	s.addresses.Web = served.address
	return served, s.addresses.Write(s.app.config.DataDir)
}
