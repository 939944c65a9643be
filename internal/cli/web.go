package cli

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"sync"

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

// webOptions is how the pages are served.
type webOptions struct {
	listen     string
	cert, key  string // files of PEM; empty: no TLS here
	proxy      bool   // a proxy in front speaks TLS and tells who comes
	tokens     bool   // demanded on loopback, too
	temporalUI string // where readers find it; empty: as the data folder says
}

func (a *app) webCommand() *cobra.Command {
	var o webOptions
	c := &cobra.Command{
		Use: "web", Short: "Serve the pages and the API, until Ctrl-C",
		Long: `The pages for servers that run already: those of ` + "`up`" + ` on the data folder, or those that --database-url and TEMPORAL_ADDRESS name.

On loopback everybody on this machine may do everything. Anywhere else, and behind a proxy, a token is demanded
(` + "`scalelaw token create`" + `): one for reading looks, one for writing starts and steers sweeps, too.`,
		Example: "  scalelaw web\n  scalelaw web --listen 0.0.0.0:8443 --tls-cert cert.pem --tls-key key.pem\n  scalelaw web --behind-proxy",
		Args:    exactly(),
		RunE: func(c *cobra.Command, _ []string) error {
			return a.with(c.Context(), need{command: "web", temporal: true, uiPort: servers.NoUI}, func(s *session) error {
				served, err := s.serveWeb(c.Context(), o)
				if err != nil {
					return err
				}
				fmt.Fprintln(a.stdout, served.address)
				return errors.Join(s.waitFor(c.Context(), served.failed), served.stop())
			})
		},
	}
	c.Flags().StringVar(&o.listen, "listen", defaultWeb, "HOST:PORT of the pages (port 0: any free one)")
	c.Flags().StringVar(&o.cert, "tls-cert", "", "PEM file of the certificate and its chain")
	c.Flags().StringVar(&o.key, "tls-key", "", "PEM file of its key")
	c.Flags().BoolVar(&o.proxy, "behind-proxy", false, "a proxy in front speaks TLS and sets X-Forwarded-For and -Host; tokens are demanded")
	c.Flags().BoolVar(&o.tokens, "tokens", false, "demand tokens on loopback, too")
	c.Flags().StringVar(&o.temporalUI, "temporal-ui", "", "address of Temporal's web UI, for links to it")
	return c
}

// access says who may do what at an address. One that others can reach wants a token that lets
// somebody in.
func (s *session) access(ctx context.Context, o webOptions) (web.Access, error) {
	if (o.cert == "") != (o.key == "") {
		return web.Access{}, usage("--tls-cert and --tls-key go together")
	}
	if o.cert != "" && o.proxy {
		return web.Access{}, usage("--behind-proxy means that the proxy speaks TLS; leave --tls-cert out")
	}
	open, err := loopback(o.listen)
	if err != nil {
		return web.Access{}, err
	}
	access := web.Access{Tokens: o.tokens || o.proxy || !open, TLS: o.cert != "" || o.proxy, Proxy: o.proxy}
	if !access.Tokens {
		return access, nil
	}
	n, err := s.store.TokensInForce(ctx)
	if err != nil {
		return web.Access{}, err
	}
	if n == 0 {
		return web.Access{}, usage("others could reach the pages at %s, so they demand a token, and there is none: make one with `scalelaw token create --label you --scope writing`", o.listen)
	}
	if !access.TLS && !open {
		s.app.say("tokens travel in the clear at %s: give --tls-cert and --tls-key, or put a proxy in front (--behind-proxy)", o.listen)
	}
	return access, nil
}

// loopback reports an address that only this machine reaches.
func loopback(listen string) (bool, error) {
	host, _, err := net.SplitHostPort(listen)
	if err != nil {
		return false, usage("--listen %s: it is HOST:PORT", listen)
	}
	if strings.EqualFold(host, "localhost") {
		return true, nil
	}
	address, err := netip.ParseAddr(host)
	return err == nil && address.IsLoopback(), nil
}
