package web

import (
	"maps"
	"slices"
	"strings"

	"github.com/scalelaw/scalelaw/fit"
	"github.com/scalelaw/scalelaw/store"
	"github.com/scalelaw/scalelaw/study"
	"github.com/scalelaw/scalelaw/sweep"
)

// docs is what the document of the API says of each route, by its pattern.
func docs() map[string]documented {
	part := map[string]string{"limit": "rows of a part, 1 to 1000", "after": "the cursor that the part before gave as next", "format": "json, csv or ndjson"}
	curve := map[string]string{"measure": "loss, learning_rate, grad_norm, logit_scale or samples_per_second", "against": "samples, steps or compute", "log": "x, y or xy: logarithmic axes"}
	runs := maps.Clone(part)
	maps.Copy(runs, map[string]string{
		"text": "the beginning of an id, or part of a model's or data set's name", "model": "of this model", "data": "on this data set", "samples": "samples seen that were asked for",
		"state": "planned, queued, running, paused, succeeded, failed, diverged or cancelled", "trainer": "of this trainer", "metric": "TASK/METRIC to show",
		"sort": strings.Join(store.RunSorts, ", ") + "; with a minus before it, the other way",
	})
	all := map[string]documented{
		"GET /runs":                       {gives: store.Listed[store.RunRow]{}, query: runs},
		"GET /sweeps/{sweep}/runs":        {gives: store.Listed[store.RunRow]{}, query: runs},
		"GET /{$}":                        {gives: studiesPage{}, query: with(part, "text", "part of a name")},
		"GET /data":                       {gives: dataSets{}},
		"GET /data/{data}":                {gives: dataSet{}, query: map[string]string{"split": "train, test, test-all, emoji, pixel, colour or retrieval", "from": "number of the first pair"}},
		"GET /icons/{icon}":               {kind: "image/png"},
		"GET /runs/{run}":                 {gives: runPage{}},
		"GET /runs/{run}/gallery":         {gives: galleryPage{}, query: map[string]string{"words": "what to look for", "from": "number of the first image"}},
		"GET /runs/{run}/metrics":         {gives: store.Listed[metricRow]{}, query: with(part, "name", "of these metrics only; may be given again")},
		"GET /coefficients":               {gives: store.Listed[store.Coefficient]{}, query: with(with(with(with(with(part, "sweep", "of this sweep"), "metric", "of this TASK/METRIC"), "law", "of this law"), "rule", "by this rule"), "all", "1: every fit, not only the newest of each question")},
		"GET /compare":                    {gives: comparePage{}, query: with(curve, "run", "the beginning of a run's id; given again for each run")},
		"GET /sweeps/{sweep}/law":         {gives: lawFit{}, query: lawQuery()},
		"GET /sweeps/{sweep}/bottlenecks": {gives: bottlenecksPage{}, query: map[string]string{"metric": "TASK/METRIC", "shift": "TASK/METRIC under shift; default: that of the study"}},
		"GET /sweeps/{sweep}/report":      {gives: reportPage{}},
		"GET /sweeps/{sweep}/report.html": {kind: "text/html"},
		"GET /sweeps/{sweep}/report.pdf":  {kind: "application/pdf"},
		"GET /sweeps/{sweep}/predict":     {gives: predictPage{}, query: with(with(lawQuery(), "at", "compute in GMACs"), "error", "to reach, a fraction")},
		"POST /sweeps/{sweep}/predict":    {gives: []store.Prediction{}},
		"GET /predictions":                {gives: predictionsPage{}, query: map[string]string{"sweep": "of this sweep", "open": "1: only those that wait"}},
		"GET /fits/{fit}":                 {gives: fitPage{}, query: map[string]string{"first": "row of the page's table of runs"}},
		"GET /fits/{fit}/diff":            {gives: fit.Difference{}, query: map[string]string{"with": "the other fit's id or its beginning; default: the newest of the same question"}},
		"POST /fits/{fit}/reproduce":      {gives: study.Reproduction{}},
		"POST /sweeps/{sweep}/law":        {gives: []lawFit{}},
		"GET /api":                        {gives: map[string]any{}},
		"GET /sweeps/{sweep}":             {gives: gridPage{}},
		"GET /new":                        {gives: newPage{}, query: map[string]string{"example": "the name of an example", "study": "the name of a study"}},
		"POST /new/plan":                  {gives: newPage{}, takes: map[string]string{"file": "the sweep file, as YAML"}},
		"POST /new":                       {gives: submitted{}, takes: map[string]string{"file": "the sweep file, as YAML", "extend": "not empty: add its cells to the study of that name"}},
		"POST /sweeps/{sweep}/{action}": {gives: sweep.SweepSummary{}, takes: map[string]string{
			"diverged": "retry: not empty: diverged runs, too", "concurrency": "concurrency: runs at once", "gpu_hours": "budget: device hours; 0: no limit"}},
		"GET /sweeps/{sweep}/temporal": {gives: elsewhere{}},
		"GET /runs/{run}/temporal":     {gives: elsewhere{}},
	}
	for _, r := range routes() { // figures are not written down one by one
		for _, form := range forms {
			if _, ok := all[r.Pattern]; !ok && strings.HasSuffix(r.Pattern, form.ending) {
				all[r.Pattern] = documented{kind: form.kind, query: map[string]string{"theme": "light or dark", "width": "pixels"}}
			}
		}
	}
	return all
}

func with(query map[string]string, name, does string) map[string]string {
	more := maps.Clone(query)
	more[name] = does
	return more
}

func sorted(m map[string]string) []string { return slices.Sorted(maps.Keys(m)) }

// lawQuery are the choices of a law.
func lawQuery() map[string]string {
	return map[string]string{
		"metric": "TASK/METRIC; default: the first that the sweep asks for", "law": "the law", "rule": "which points it is fitted to; default: what suits the law",
		"group_by": "data or model: one law a value, and a list of fits", "group": "of those laws this one", "select": "best (seeds averaged) or all", "unit": "of compute: gmacs, flop or samples",
		"from": "least compute, in GMACs", "up_to": "highest error", "chance": "error of guessing", "holdout": "hold out runs of more compute", "level": "of confidence",
		"with": "another study, laid over", "checks": "1: intervals by other methods, too", "colour": "model or data", "further": "the figure goes to this many times the largest compute", "zoom": "ends of the axes",
	}
}
