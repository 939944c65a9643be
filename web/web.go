// Package web shows studies: server-rendered pages, the same addresses as JSON, live over
// server-sent events. It holds no state of its own: what it shows is read through Backend, and
// every choice that a reader makes is in the address.
package web

import (
	"context"
	"log/slog"
	"net/http"
	"runtime/debug"
	"sync"

	"github.com/klauspost/compress/gzhttp"

	"github.com/scalelaw/scalelaw/store"
	"github.com/scalelaw/scalelaw/sweep"
	"github.com/scalelaw/scalelaw/web/live"
)

// Backend is what the pages read and do. It is implemented over a store and a Temporal client.
// Errors wrap those of package sweep.
type Backend interface {
	Reader
	Laws
	Actor
	Guard
	Temporal
}

// Actor changes what pages show.
type Actor interface {
	// Act does to a sweep what somebody asks of it.
	Act(ctx context.Context, sweep string, a Action) error
	// Plan says what a spec comes to, beside what there is.
	Plan(ctx context.Context, spec *sweep.Spec) (*sweep.PlanResult, error)
	// Standing says what there is of its name.
	Standing(ctx context.Context, spec *sweep.Spec) (Standing, error)
	// Submit starts it, or adds its cells to the sweep of its name.
	Submit(ctx context.Context, spec *sweep.Spec, extend bool) error
}

// Guard knows who may use the pages, and records what they change.
type Guard interface {
	Authenticate(ctx context.Context, secret string) (store.Token, error)
	Audit(ctx context.Context, r store.AuditRow) error
}

// Temporal is what the pages ask of it.
type Temporal interface {
	// SweepWorkflow and RunWorkflow are the ids of workflows.
	SweepWorkflow(sweep string) string
	RunWorkflow(run string) string
	// Execution is the id of a workflow's newest execution.
	Execution(ctx context.Context, workflow string) (string, error)
	// Waiting reports a sweep that was submitted and that no worker has planned yet.
	Waiting(ctx context.Context, name string) bool
	// Limits are those of a sweep that runs, as they were set last.
	Limits(ctx context.Context, name string) (sweep.Limits, error)
	// Reach tells which server does not answer now.
	Reach(ctx context.Context) (database, temporal error)
}

// Reader is what the pages read. Every call is bounded.
type Reader interface {
	// Studies lists studies, the newest first: those with text in their name.
	Studies(ctx context.Context, text string, p store.Page) (store.Listed[store.Study], error)
	// RecentSweeps names the n studies that were made last.
	RecentSweeps(ctx context.Context, n int) ([]string, error)
	// FittedPoints are the points (compute, error) behind fits.
	FittedPoints(ctx context.Context, fits []string) (map[string][][2]float64, error)
	// SweepSummary is a study with its cells counted.
	SweepSummary(ctx context.Context, name string) (sweep.SweepSummary, error)
	// GridRuns are the runs of a sweep with where they stand, their score on a metric, and these
	// fields of their recipes.
	GridRuns(ctx context.Context, name, metric string, fields []string) ([]store.GridRun, error)

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
	Access     Access
	Live       *live.Hub // tells what changes; nil: pages do not change by themselves
}

// Server answers requests for pages.
type Server struct {
	backend   Backend
	options   Options
	templates templates
	assets    assets

	known   known
	limits  limits
	outages outages
	kept    kept
	answers *answers
}

// New makes a server. The error is one of the embedded templates or files.
func New(b Backend, o Options) (*Server, error) {
	a, err := loadAssets()
	if err != nil {
		return nil, err
	}
	s := &Server{backend: b, options: o, assets: a, answers: newAnswers()}
	if s.templates, err = parseTemplates(a); err != nil {
		return nil, err
	}
	return s, nil
}

// Run watches the servers behind the pages and hears what changes, until ctx is over. Streams
// end then.
func (s *Server) Run(ctx context.Context) {
	var both sync.WaitGroup
	if s.options.Live != nil {
		both.Go(func() { s.options.Live.Run(ctx) })
	}
	both.Go(func() { s.outages.watch(ctx, s.backend.Reach) })
	both.Wait()
}

// Handler serves every route, with the headers and limits that all of them share.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	for _, r := range routes() {
		mux.Handle(r.Pattern, s.admit(r.scope(), s.page(r)))
	}
	mux.Handle("GET /static/", s.assets)
	mux.HandleFunc("GET /sign-in", s.signInForm)
	mux.HandleFunc("POST /sign-in", s.signIn)
	mux.HandleFunc("POST /sign-out", s.signOut)
	mux.Handle("GET /status", s.admit(store.Reading, http.HandlerFunc(s.status)))
	mux.Handle("/", s.admit(store.Reading, s.page(route{Pattern: "GET /", answer: unknownPage})))
	all := http.NewServeMux()
	all.Handle("GET /events", s.admit(store.Reading, http.HandlerFunc(s.events))) // not compressed: each message must go out at once
	all.Handle("/", gzhttp.GzipHandler(mux))
	return s.recovered(s.secure(s.limited(all)))
}

// recovered answers for a handler that panics: a page can be broken, the server goes on.
func (s *Server) recovered(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		defer func() {
			switch p := recover(); p {
			case nil:
			case http.ErrAbortHandler:
				panic(p) // cuts the connection, as is wanted
			default:
				s.options.Log.Error("panic", "path", q.URL.Path, "panic", p, "stack", string(debug.Stack()))
				http.Error(w, "this page is broken; the server's log says how", http.StatusInternalServerError)
			}
		}()
		next.ServeHTTP(w, q)
	})
}
