package web

import (
	"context"
	"crypto/rand"
	"net"
	"net/http"

	"github.com/scalelaw/scalelaw/store"
)

// deed is what a request changes, as its handler tells.
type deed struct{ action, target, detail string }

type deedKey struct{}

// note tells what a request is about to change, for the audit.
func note(ctx context.Context, action, target, detail string) {
	if d, ok := ctx.Value(deedKey{}).(*deed); ok {
		*d = deed{action, target, detail}
	}
}

// audited answers a route that changes something and records who asked for what, and how it
// ended. A change that cannot be recorded is told as a failure, although it was made.
func (s *Server) audited(r route, w http.ResponseWriter, q *http.Request) (view, error) {
	d := &deed{action: r.Pattern}
	id := rand.Text()
	w.Header().Set("X-Request-Id", id)
	v, err := r.answer(context.WithValue(q.Context(), deedKey{}, d), s, q)
	row := store.AuditRow{Actor: visitorOf(q).Name, Source: "web", Action: d.action, Target: d.target, Outcome: store.Outcome(err), Detail: d.detail, RequestID: id, Address: client(q)}
	if err != nil {
		row.Detail = err.Error()
	}
	if recorded := s.backend.Audit(context.WithoutCancel(q.Context()), row); err == nil {
		err = recorded
	}
	return v, err
}

// client is the address that a request comes from.
func client(q *http.Request) string {
	host, _, err := net.SplitHostPort(q.RemoteAddr)
	if err != nil {
		return q.RemoteAddr
	}
	return host
}
