package web

import (
	"errors"
	"net/http"
	"net/url"
	"time"

	"github.com/scalelaw/scalelaw/web/live"
)

// streamFor is how long a stream lasts. Its reader then comes back and goes on where it was, and
// its token is looked at again.
const streamFor = 15 * time.Minute

// events answers /events: what changes, as server-sent events, in the study ?sweep=, of the
// run ?run=, or everywhere. Each event is named by its kind and is JSON.
func (s *Server) events(w http.ResponseWriter, q *http.Request) {
	if s.options.Live == nil {
		w.WriteHeader(http.StatusNoContent) // which tells a browser not to come back
		return
	}
	// The deadline for reading the request would end the stream, too. A writer without deadlines
	// is a recorder of a test.
	if err := http.NewResponseController(w).SetReadDeadline(time.Time{}); err != nil && !errors.Is(err, http.ErrNotSupported) {
		s.options.Log.Debug("a stream of events", "error", err)
	}
	asked := q.URL.Query()
	topic := live.Topic{Sweep: asked.Get("sweep"), Run: asked.Get("run"), Kinds: asked["kind"]}
	if err := s.options.Live.Serve(w, q, topic, live.JSON, streamFor); err != nil {
		s.options.Log.Debug("a stream of events ended", "error", err)
	}
}

// stream is the address of the events about what a view shows.
func (s *Server) stream(v view) string {
	if s.options.Live == nil || v.template == "problem" || v.template == "signin" {
		return ""
	}
	ask := url.Values{}
	if v.sweep != "" {
		ask.Set("sweep", v.sweep)
	}
	if v.from != "" {
		ask.Set("after", v.from)
	}
	return "/events?" + ask.Encode()
}

// status answers /status, which pages ask again and again while something is lost. A page that
// shows old data is read anew when all is well.
func (s *Server) status(w http.ResponseWriter, q *http.Request) {
	f := frame{Notices: s.outages.notices()}
	if len(f.Notices) == 0 && q.URL.Query().Get("old") != "" {
		w.Header().Set("HX-Refresh", "true")
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	if q.URL.Query().Get("old") != "" && len(f.Notices) > 0 {
		f.AsOf, _ = time.Parse(time.RFC3339, q.URL.Query().Get("old"))
	}
	if err := s.templates["problem"].ExecuteTemplate(w, "banners", f); err != nil {
		s.options.Log.Error("render", "path", q.URL.Path, "error", err)
	}
}
