package web

import (
	"context"
	"net/http"

	"github.com/scalelaw/scalelaw/sweep"
)

// studiesPage is the first page: every sweep, the newest first.
type studiesPage struct {
	Studies []sweep.SweepSummary `json:"studies"`
}

func studies(ctx context.Context, s *Server, _ *http.Request) (view, error) {
	all, err := s.backend.Sweeps(ctx)
	return view{template: "studies", title: "Studies", tab: "studies", data: studiesPage{all}}, err
}
