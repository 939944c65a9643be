package web

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/scalelaw/scalelaw/sweep"
)

// answerWithin is how long reading what a page shows may take. Streams take what they need.
const answerWithin = 30 * time.Second

// page answers a route in the form that the request asks for.
func (s *Server) page(r route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		ctx, cancel := context.WithCancelCause(q.Context())
		defer cancel(nil)
		late := time.AfterFunc(answerWithin, func() { cancel(errTooLong) })
		defer late.Stop()
		q = q.WithContext(ctx)
		v, err := s.find(r, w, q)
		if err != nil && errors.Is(context.Cause(ctx), errTooLong) {
			err = errors.Join(errTooLong, err)
		}
		if err != nil {
			v = s.failure(q, err)
		}
		if v.stream != nil {
			late.Stop()
		}
		s.answer(w, q, v)
	})
}

// find makes a view. While the database is lost it is the last good one, for people; programs
// are told of the loss.
func (s *Server) find(r route, w http.ResponseWriter, q *http.Request) (view, error) {
	if err := readable(q); err != nil {
		return view{}, err
	}
	if r.changes() {
		return s.audited(r, w, q)
	}
	old, kept := s.kept.last(q.URL.RequestURI())
	kept = kept && !wantsJSON(q)
	if kept && !s.outages.databaseLost().IsZero() {
		return old, nil
	}
	from := ""
	if s.options.Live != nil {
		from = s.options.Live.Now()
	}
	v, err := r.answer(q.Context(), s, q)
	if kept && errors.Is(err, sweep.ErrUnreachable) {
		return old, nil
	}
	v.from = from
	return v, err
}

// answer sends a view.
func (s *Server) answer(w http.ResponseWriter, q *http.Request, v view) {
	if v.redirect != "" && !wantsJSON(q) {
		http.Redirect(w, q, v.redirect, http.StatusSeeOther)
		return
	}
	if v.status == 0 {
		v.status = http.StatusOK
	}
	if v.stream != nil {
		s.flow(w, q, v)
		return
	}
	body, kind, err := s.render(v, q)
	if err != nil {
		s.options.Log.Error("render", "path", q.URL.Path, "error", err)
		http.Error(w, "this page could not be made; the server's log says why", http.StatusInternalServerError)
		return
	}
	if v.keep {
		w.Header().Set("Cache-Control", forEver)
	}
	if v.template != "" && v.status == http.StatusOK && v.asOf.IsZero() && reads(q.Method) {
		s.kept.keep(q.URL.RequestURI(), v, len(body), time.Now())
	}
	send(w, q, v.status, kind, body)
}
