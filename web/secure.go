package web

import (
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// policy: nothing but our own files, no inline script or style, nobody frames us.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// secure puts the headers on that every answer has, and refuses requests that another site
// makes a browser send.
func (s *Server) secure(next http.Handler) http.Handler {
	origin := http.NewCrossOriginProtection()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
		if s.options.Access.TLS {
			h.Set("Strict-Transport-Security", "max-age=31536000")
		}
		if s.options.Access.Proxy {
			forwarded(r)
		}
		if !s.options.Access.Tokens && !isLoopback(r.Host) {
			s.refuse(w, r, fmt.Errorf("%w: without tokens these pages are for this machine alone, at localhost or 127.0.0.1, not at %q", errForbidden, r.Host))
			return
		}
		if err := origin.Check(r); err != nil {
			s.refuse(w, r, fmt.Errorf("%w: another site sent this: %w", errForbidden, err))
			return
		}
		next.ServeHTTP(w, r)
	})
}

// isLoopback reports a Host header that names this machine. Another name would be that of a
// site that points it here to make a browser read our pages for it (DNS rebinding).
func isLoopback(host string) bool {
	name, _, err := net.SplitHostPort(host)
	if err != nil {
		name = strings.Trim(host, "[]")
	}
	if strings.EqualFold(name, "localhost") {
		return true
	}
	address, err := netip.ParseAddr(name)
	return err == nil && address.IsLoopback()
}

// forwarded takes over what the proxy in front says of a request. Of several addresses the last
// is the one that the proxy itself has seen.
func forwarded(r *http.Request) {
	if all := r.Header.Values("X-Forwarded-For"); len(all) > 0 {
		list := strings.Split(all[len(all)-1], ",")
		if a, err := netip.ParseAddr(strings.TrimSpace(list[len(list)-1])); err == nil {
			r.RemoteAddr = netip.AddrPortFrom(a, 0).String()
		}
	}
	if host := r.Header.Get("X-Forwarded-Host"); host != "" {
		r.Host = host
	}
}
