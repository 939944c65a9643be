package web

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/scalelaw/scalelaw/store"
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

// draftPath plans a sweep file that is being written: it is posted, and changes nothing.
const draftPath = "/new/plan"

// changes reports that a route changes something: that needs a token that may write, and is
// recorded.
func (r route) changes() bool {
	return !strings.HasPrefix(r.Pattern, "GET ") && r.Pattern != "POST "+draftPath
}

func (r route) scope() store.Scope {
	if r.changes() {
		return store.Writing
	}
	return store.Reading
}

// routes is the one table of addresses.
func routes() []route {
	return slices.Concat([]route{
		{"GET /{$}", "the studies", studies},
		{"GET /runs", "runs of all studies, filtered and sorted", runList("runs").answer},
		{"GET /sweeps/{sweep}/runs", "runs of a study, filtered and sorted", runList("sweep-runs").answer},
		{"GET /new", "a new sweep, begun with ?example= or the spec of ?study=, and its plan", newSweep},
		{"POST " + draftPath, "plans the sweep file `file`, and changes nothing", planDraft},
		{"POST /new", "submits the sweep file `file`; with `extend` its cells are added to the study of that name", submit},
		{"GET /sweeps/{sweep}", "a study's grid: its runs with where they stand, and how fast it goes", grid},
		{"POST /sweeps/{sweep}/{action}", "pause, resume, cancel, retry (diverged), concurrency (concurrency) or budget (gpu_hours)", act},
		{"GET /sweeps/{sweep}/temporal", "the study's workflow in Temporal's own web UI", sweepHistory},
		{"GET /runs/{run}/temporal", "the run's workflow there", runHistory},
		{"GET /runs/{run}", "a run: where it stands, recipe, attempts, checkpoints, evaluations", oneRun},
		{"GET /runs/{run}/gallery", "test images with the texts nearest to them, or the images nearest to ?words=", gallery},
		{"GET /runs/{run}/metrics", "every row of its training stream", runMetrics.answer},
		{"GET /coefficients", "coefficients of stored fits with their intervals", coefficients.answer},
		{"GET /compare", "runs side by side: where their recipes differ, scores, curves", compareRuns},
		{"GET /sweeps/{sweep}/law", "a sweep's law as its runs stand: the fit, as `fit new -o json` gives it", law},
		{"GET /sweeps/{sweep}/bottlenecks", "what a doubling of each axis of a sweep's grid brings, and which to scale next", bottlenecks},
		{"GET /sweeps/{sweep}/report", "where the report of a sweep is to be had", reportOf},
		{"GET /sweeps/{sweep}/report.html", "the report as one file of HTML", reportHTML()},
		{"GET /sweeps/{sweep}/report.pdf", "the report as PDF", reportPDF()},
		{"GET /sweeps/{sweep}/predict", "what a budget ?at= buys, or what an ?error= takes, by a sweep's law", predict},
		{"POST /sweeps/{sweep}/predict", "register the prediction of ?at=, which the run that lands there scores", register},
		{"GET /predictions", "registered predictions and how they turned out", predictions},
		{"GET /fits/{fit}", "a stored fit: the whole record", oneFit},
		{"GET /fits/{fit}/diff", "what changed from a fit to the one ?with=: question, runs, coefficients", diffFits},
		{"POST /fits/{fit}/reproduce", "compute a fit again from its stored inputs and compare every byte", reproduceFit},
		{"POST /sweeps/{sweep}/law", "store the fit that the choices ask for", storeLaw},
		{"GET /api", "this document", apiPage},
		{"GET /data", "the data sets that sweeps can name", dataPage},
		{"GET /data/{data}", "a data set: pairs of ?split= from ?from= on, splits, words, licences", oneDataSet},
		{"GET /icons/{icon}", "a picture of icons-32 by its number, as PNG", icon},
	},
		boardRoutes(),
		drawn("/fits/{fit}/law", "the figure of a stored fit", fitFigure),
		drawn("/sweeps/{sweep}/law", "the figure of the law", lawFigure),
		drawn("/runs/{run}/curve", "a run's learning curve", runCurve),
		drawn("/compare/curve", "learning curves of runs", comparedCurves),
		drawn("/data/{data}/words", "how often words stand in captions", wordsFigure),
	)
}

func unknownPage(_ context.Context, _ *Server, r *http.Request) (view, error) {
	return view{}, fmt.Errorf("page %s: %w", r.URL.Path, sweep.ErrNotFound)
}
