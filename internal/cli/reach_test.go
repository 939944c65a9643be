package cli

import (
	"math"
	"testing"

	"github.com/scalelaw/scalelaw/fit"
	"github.com/scalelaw/scalelaw/study"
)

// The law is known, and so is the compute that reaches an error; the cell spends that compute.
func TestPredictError(t *testing.T) {
	w := newWorld(t)
	f := decode[fitView](t, w.fit(t).out)
	const e = 0.3
	v := decode[[]study.Reached](t, succeeds(t, w.getenv, "predict", f.Fit[:10], "--error", "0.3", "-o", "json").out)
	if len(v) != 1 || v[0].Status != "ok" || v[0].Cheapest != nil || v[0].Cell == nil {
		t.Fatalf("%+v", v)
	}
	near(t, "C", v[0].C/math.Pow(e/trueBeta, 1/trueAlpha), 1, 1e-6)
	near(t, "what the cell costs", float64(v[0].Cell.Samples)*v[0].Cell.GMACsPerSample/v[0].C, 1, 1e-3)
	o := succeeds(t, w.getenv, "predict", f.Fit, "--error", "0.3,0.25")
	has(t, "predict --error", o.out, "SAMPLES SEEN", v[0].Cell.Model, v[0].Cell.Data, "CHEAPEST")
	has(t, "why its data", o.err, "E = 0.3 by fit "+shortID(f.Fit)+": on "+v[0].Cell.Data+": "+v[0].Cell.DataReason)
	has(t, "why its data", v[0].Cell.DataReason, "nearest in compute")
	has(t, "far away", o.err, "warning: E = 0.25 by fit ", "[extrapolation]")
	has(t, "csv", succeeds(t, w.getenv, "predict", f.Fit, "--error", "0.3", "-o", "csv").out, "0.3,", v[0].Cell.Model)
}

// Of laws of single data sets the cheapest that gets there is marked.
func TestPredictErrorByGroups(t *testing.T) {
	w := newWorld(t)
	groups := decode[[]fitView](t, w.fit(t, "--group-by", "data").out)
	v := decode[[]study.Reached](t, succeeds(t, w.getenv, "predict", groups[1].Fit, "--error", "0.3", "-o", "json").out)
	if len(v) != 2 || v[0].Fit != groups[1].Fit || v[1].Fit != groups[0].Fit || v[0].Cheapest == nil || v[1].Cheapest == nil || *v[0].Cheapest == *v[1].Cheapest {
		t.Fatalf("%+v", v)
	}
	for _, x := range v {
		if x.Cell.Data != *x.Group || x.Cell.DataReason != "" {
			t.Errorf("a law of %s says to train on %s", *x.Group, x.Cell.Data)
		}
	}
}

// A law of a loss takes targets above 1.
func TestPredictErrorOfALoss(t *testing.T) {
	w := newWorld(t)
	asked := fit.Record{Sweep: "quickstart", Metric: "text/loss", Select: "all", Options: fit.Options{Law: "power", Rule: "all", YIs: "loss", Bootstrap: 100}}
	for i, r := range w.runs {
		if i != failedRun && i != divergedRun {
			asked.Inputs = append(asked.Inputs, fit.Evidence{Point: fit.Point{ID: r.ID, C: r.GMACsTotal, E: 10 * trueError(r.GMACsTotal)}, Runs: []string{r.ID}, Step: r.Steps()})
		}
	}
	loss, err := fit.NewRecord(ctx, asked)
	must(t, err)
	must(t, w.store.AddFit(ctx, loss))
	v := decode[[]study.Reached](t, succeeds(t, w.getenv, "predict", loss.ID, "--error", "3", "-o", "json").out)
	near(t, "C", v[0].C/math.Pow(0.3/trueBeta, 1/trueAlpha), 1, 1e-6)
}

func TestPredictErrorRefuses(t *testing.T) {
	w := newWorld(t)
	f := decode[fitView](t, w.fit(t).out)
	o := fails(t, w.getenv, exitRefused, []string{"E = 1e-05 by fit ", "[too_far]"}, "predict", f.Fit, "--error", "0.00001")
	has(t, "the table", o.out, "too_far")
	succeeds(t, w.getenv, "predict", f.Fit, "--error", "0.00001,0.3") // one is reached
	fails(t, w.getenv, exitBadInput, []string{"a fraction between 0 and 1"}, "predict", f.Fit, "--error", "30")
	fails(t, w.getenv, exitBadInput, []string{"--error is asked for alone"}, "predict", f.Fit, "--error", "0.3", "--compute", "1")
	fails(t, w.getenv, exitBadInput, []string{"--error is asked for alone"}, "predict", f.Fit, "--error", "0.3", "0.2")
}
