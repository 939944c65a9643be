// Package web shows studies: server-rendered pages, the same addresses as JSON, live over
// server-sent events. It holds no state of its own: what it shows is read through Backend, and
// every choice that a reader makes is in the address.
package web

import (
	"context"
	"log/slog"
	"net/http"

	"github.com/scalelaw/scalelaw/store"
	"github.com/scalelaw/scalelaw/sweep"
)

// Backend is what the pages read and do. It is implemented over a store and a Temporal client.
// Errors wrap those of package sweep.
type Backend interface {
	Reader
}

// Reader is what the pages read. Every call is bounded.
type Reader interface {
	// Sweeps lists all sweeps, the newest first.
	Sweeps(ctx context.Context) ([]sweep.SweepSummary, error)
	// SweepSummary is one of them.
	SweepSummary(ctx context.Context, name string) (sweep.SweepSummary, error)

	// Coefficients lists those of stored fits, the newest first.
	Coefficients(ctx context.Context, f store.FitFilter, p store.Page) (store.Listed[store.Coefficient], error)

	// RunList lists runs.
	RunList(ctx context.Context, f store.RunFilter, p store.Page) (store.Listed[store.RunRow], error)
	// RunDetail is everything about the run whose id begins with prefix but its metrics.
	RunDetail(ctx context.Context, prefix string) (store.RunDetail, error)
	// MetricsPage is a part of a run's training stream, by step; names choose metrics.
	MetricsPage(ctx context.Context, runID string, names []string, p store.Page) (store.Listed[sweep.Metric], error)
	// Curve is one metric of it in about so many parts.
	Curve(ctx context.Context, runID, name string, parts int) ([]store.CurvePart, error)
	// Gallery is held-out images as a run's last kept checkpoint sees them. The first time it
	// takes seconds.
	Gallery(ctx context.Context, runID string) (Gallery, error)

	// Dataset tells what a data set of the catalogue holds.
	Dataset(ctx context.Context, name string) (sweep.DatasetDetail, error)
	// Samples are n pairs of a split of it from the from-th on, and how many there are.
	Samples(ctx context.Context, name, split string, from, n int) ([]sweep.Sample, int, error)
	// Icon is an icon by its number, as PNG.
	Icon(ctx context.Context, n int) ([]byte, error)
}

// Options are what a Server needs beside its backend.
type Options struct {
	Log        *slog.Logger
	Version    string
	TemporalUI string // address of Temporal's own web UI; empty: there is none to link to
	Namespace  string // of Temporal, for those links
}

// Server answers requests for pages.
type Server struct {
	backend   Backend
	options   Options
	templates templates
	assets    assets
}

// New makes a server. The error is one of the embedded templates or files.
func New(b Backend, o Options) (*Server, error) {
	a, err := loadAssets()
	if err != nil {
		return nil, err
	}
	s := &Server{backend: b, options: o, assets: a}
	if s.templates, err = parseTemplates(a); err != nil {
		return nil, err
	}
	return s, nil
}

// Handler serves every route, with the headers and limits that all of them share.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	for _, r := range routes() {
		mux.Handle(r.Pattern, s.page(r))
	}
	mux.Handle("GET /static/", s.assets)
	mux.Handle("/", s.page(route{Pattern: "/", answer: unknownPage}))
	return s.secure(mux)
}
