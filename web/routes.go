package web

import (
	"context"
	"fmt"
	"net/http"

	"github.com/scalelaw/scalelaw/sweep"
)

// answer makes what a request is shown.
type answer func(ctx context.Context, s *Server, r *http.Request) (view, error)

// route is an address and what answers it.
type route struct {
	Pattern string // of http.ServeMux, with its method
	Does    string // a line for the documentation of the API
	answer  answer
}

// routes is the one table of addresses.
func routes() []route {
	return []route{
		{"GET /{$}", "the studies", studies},
	}
}

func unknownPage(_ context.Context, _ *Server, r *http.Request) (view, error) {
	return view{}, fmt.Errorf("page %s: %w", r.URL.Path, sweep.ErrNotFound)
}
