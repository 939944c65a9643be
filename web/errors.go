package web

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/scalelaw/scalelaw/fit"
	"github.com/scalelaw/scalelaw/sweep"
)

// statuses is the one table from errors to HTTP; the first row that an error wraps counts.
var statuses = []struct {
	kind   error
	status int
	title  string
}{
	{errTooMany, http.StatusTooManyRequests, "Too many requests"},
	{errStranger, http.StatusUnauthorized, "A token is needed"},
	{sweep.ErrDenied, http.StatusForbidden, "You may not do that"},
	{sweep.ErrNotFound, http.StatusNotFound, "There is no such thing"},
	{sweep.ErrExists, http.StatusConflict, "It exists already"},
	{sweep.ErrUnsupported, http.StatusUnprocessableEntity, "That is not supported"},
	{sweep.ErrBadInput, http.StatusBadRequest, "That cannot be read"},
	{fit.ErrInput, http.StatusBadRequest, "That cannot be read"},
	{sweep.ErrDataMissing, http.StatusGone, "Its data is lost or damaged"},
	{errTooLong, http.StatusGatewayTimeout, "That took too long"},
	{sweep.ErrUnreachable, http.StatusServiceUnavailable, "A server cannot be reached"},
}

var (
	errTooMany = errors.New("too many requests")
	errTooLong = errors.New("it took too long")
)

// problem is an error as it is shown.
type problem struct {
	Status  int      `json:"status"`
	Title   string   `json:"title"`
	Text    string   `json:"text"`
	Nearest []string `json:"nearest,omitempty"` // names that may have been meant
}

// failure is the view of an error. What the table does not know is logged and not shown.
func (s *Server) failure(q *http.Request, err error) view {
	p := problem{Status: http.StatusInternalServerError, Title: "Something went wrong", Text: "the server's log says what"}
	for _, row := range statuses {
		if errors.Is(err, row.kind) {
			p = problem{Status: row.status, Title: row.title, Text: err.Error()}
			break
		}
	}
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		p = problem{Status: http.StatusRequestEntityTooLarge, Title: "That is too large", Text: fmt.Sprintf("a request has at most %d bytes", large.Limit)}
	}
	if p.Status >= 500 {
		s.options.Log.Error("request", "method", q.Method, "path", q.URL.Path, "error", err)
	}
	return view{template: "problem", title: p.Title, data: p, status: p.Status}
}
