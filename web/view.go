package web

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// view is what a request is shown: one value, as a page through a template or as JSON.
type view struct {
	template string // a file of templates/, without its ending
	part     string // of the template, where htmx asks for no page; empty: main
	title    string
	tab      string // the entry of the navigation that is marked
	sweep    string // the study that the page is about; empty: none
	data     any    // what the template and JSON show
	status   int    // 0: 200
	redirect string // where a browser goes instead of seeing it; empty: nowhere

	asOf time.Time // when it was read, where that is not now
	from string    // the newest change before it was read, for the stream of those after it

	raw  []byte // sent as they are in place of all that; nil: not
	kind string // media type of raw, and of stream

	stream func(io.Writer) error // sent as it comes in place of all that; nil: not
	keep   bool                  // it never changes: browsers may keep it
}

// render gives the bytes and their type.
func (s *Server) render(v view, q *http.Request) ([]byte, string, error) {
	if v.raw != nil {
		return v.raw, v.kind, nil
	}
	if wantsJSON(q) {
		body, err := json.Marshal(v.data)
		return append(body, '\n'), "application/json", err
	}
	var b bytes.Buffer
	t, ok := s.templates[v.template]
	if !ok {
		return nil, "", fmt.Errorf("no template %q", v.template)
	}
	part := "layout"
	if q.Header.Get("HX-Request") == "true" && q.Header.Get("HX-Request-Type") != "full" {
		part = cmp.Or(v.part, "main") // htmx swaps the middle of the page, or less
	}
	err := t.ExecuteTemplate(&b, part, s.frame(v, q))
	return b.Bytes(), "text/html; charset=utf-8", err
}

// flow sends a stream. When it breaks in the middle the connection is cut, so that nobody takes
// a part for the whole.
func (s *Server) flow(w http.ResponseWriter, q *http.Request, v view) {
	h := w.Header()
	h.Set("Content-Type", v.kind)
	h.Set("Cache-Control", "no-store")
	h.Add("Vary", "Accept")
	if err := v.stream(w); err != nil {
		s.options.Log.Error("stream", "path", q.URL.Path, "error", err)
		if err := http.NewResponseController(w).SetWriteDeadline(time.Now()); err != nil { // the end of the answer does not get out
			s.options.Log.Error("cut a stream", "path", q.URL.Path, "error", err)
		}
	}
}

// send writes a whole answer, or says that the reader has it.
func send(w http.ResponseWriter, q *http.Request, status int, kind string, body []byte) {
	sum := sha256.Sum256(body)
	tag := `"` + hex.EncodeToString(sum[:12]) + `"`
	h := w.Header()
	h.Set("Content-Type", kind)
	h.Add("Vary", "Accept, HX-Request")
	if status == http.StatusOK {
		h.Set("ETag", tag)
		if h.Get("Cache-Control") == "" {
			h.Set("Cache-Control", "private, no-cache")
		}
		if strings.Contains(q.Header.Get("If-None-Match"), tag) {
			w.WriteHeader(http.StatusNotModified)
			return
		}
	}
	w.WriteHeader(status)
	if q.Method != http.MethodHead {
		w.Write(body)
	}
}

// wantsJSON: an Accept header that prefers JSON, or ?format=json.
func wantsJSON(q *http.Request) bool {
	if f := q.URL.Query().Get("format"); f != "" {
		return f == "json"
	}
	accept := q.Header.Get("Accept")
	return strings.Contains(accept, "application/json") && !strings.Contains(accept, "text/html")
}
