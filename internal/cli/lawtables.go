package cli

import (
	"fmt"

	"github.com/scalelaw/scalelaw/fit"
)

// resultTable has a row a coefficient, and a row a prediction: the error at compute c, lower and
// upper of the law, and those of a new run.
func resultTable(results []fit.Result) *table {
	t := &table{header: []string{"group", "law", "rule", "coefficient", "value", "lower", "upper", "level", "n_used", "n_points", "r2", "convention", "status", "c", "run_lower", "run_upper"}}
	for _, r := range results {
		if r.Status != "ok" {
			t.add(r.Group, r.Law, r.Rule, nil, nil, nil, nil, r.Level, r.NUsed, r.NPoints, nil, r.Convention, "refused: "+r.Reason.Code, nil, nil, nil)
		}
		for _, c := range r.Coefficients {
			t.add(r.Group, r.Law, r.Rule, c.Name, c.Value, c.Interval[0], c.Interval[1], r.Level, r.NUsed, r.NPoints, r.R2, r.Convention, r.Status, nil, nil, nil)
		}
		for _, p := range r.Predictions {
			t.add(r.Group, r.Law, r.Rule, "prediction", p.Value, p.LawInterval[0], p.LawInterval[1], r.Level, r.NUsed, r.NPoints, r.R2, r.Convention, r.Status, p.C, p.RunInterval[0], p.RunInterval[1])
		}
	}
	return t
}

// coefficientTable has a row a coefficient of stored fits.
func coefficientTable(fits []fitView) *table {
	t := &table{header: []string{"sweep", "metric", "group", "rule", "law", "coefficient", "value", "lower", "upper", "level", "points", "R2", "fit", "stale"}}
	for _, f := range fits {
		points := fmt.Sprintf("%d/%d", f.NUsed, f.NPoints)
		if f.Status != "ok" {
			t.add(f.Sweep, f.Metric, f.Group, f.Rule, f.Law, "refused", f.Reason.Code, nil, nil, f.Level, points, nil, id(f.Fit), f.Stale)
		}
		for _, c := range f.Coefficients {
			t.add(f.Sweep, f.Metric, f.Group, f.Rule, f.Law, c.Name, c.Value, c.Interval[0], c.Interval[1], f.Level, points, f.R2, id(f.Fit), f.Stale)
		}
	}
	return t
}

// besideTheTable says what a CSV of coefficients has no room for.
func (a *app) besideTheTable(fits []fitView) {
	for _, f := range fits {
		a.sayWarnings(f.Result)
		if len(f.Predictions) > 0 {
			a.say("predictions are no coefficients: `scalelaw predict %s --compute C... -o csv` gives them, and so does -o json", shortID(f.Fit))
		}
	}
}

// sayWarnings says a result's warnings, for outputs that have no place for them.
func (a *app) sayWarnings(r fit.Result) {
	for _, n := range r.Warnings {
		a.say("warning%s: %s [%s]", onGroup(r.Group), n.Text, n.Code)
	}
}
