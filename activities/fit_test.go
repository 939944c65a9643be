package activities

import (
	"context"
	"slices"
	"testing"

	"github.com/scalelaw/scalelaw/fit"
	"github.com/scalelaw/scalelaw/study"
	"github.com/scalelaw/scalelaw/sweep"
)

// drawn is a world whose surface sweep is done.
func drawn(t *testing.T) *world {
	w, _ := surfaceSweep(t)
	if _, err := w.drawAll(); err != nil {
		t.Fatal(err)
	}
	return w
}

func (w *world) fit(record bool, asks ...sweep.FitAsk) []FitOutcome {
	w.t.Helper()
	result, err := call[FitResult](w, w.do.Fit, FitInput{Sweep: "s", Asks: asks, Record: record})
	if err != nil {
		w.t.Fatal(err)
	}
	return result.Fits
}

var overall = sweep.FitAsk{Metric: "surface/top1_error", Rule: "all", Law: "power", Select: "all"}

// runsOf are the runs behind a record, used or not.
func runsOf(r fit.Record) (ids []string) {
	for _, e := range r.Inputs {
		ids = append(ids, e.Runs...)
	}
	slices.Sort(ids)
	return ids
}

func TestFitIsStoredWithItsRuns(t *testing.T) {
	w := drawn(t)
	got := w.fit(true, overall)
	if len(got) != 1 || got[0].Status != "ok" || got[0].Points != 24 || got[0].Used != 24 || got[0].Metric != overall.Metric || got[0].Rule != "all" || got[0].Formula == "" {
		t.Fatalf("%+v", got)
	}
	r := w.store.records()[0]
	var ids []string
	for _, c := range w.store.sweeps["s"].cells {
		ids = append(ids, c.RunID)
	}
	slices.Sort(ids)
	if r.ID != got[0].ID || !slices.Equal(runsOf(r), ids) || r.Options.Version != "v1" || r.Result.Formula != got[0].Formula {
		t.Errorf("record %s of runs %v by %s", r.ID, runsOf(r), r.Options.Version)
	}
	if _, changes, err := r.Reproduce(context.Background()); err != nil || len(changes) > 0 {
		t.Errorf("it does not reproduce: %v", err)
	}
}

// With select best the seeds of a cell are one point; all of its runs are on the record.
func TestFitOfBest(t *testing.T) {
	w := drawn(t)
	best := overall
	best.Select = "best"
	if got := w.fit(true, best); got[0].Points != 12 {
		t.Errorf("%+v", got)
	}
	if n := len(runsOf(w.store.records()[0])); n != 24 {
		t.Errorf("%d runs are on the record", n)
	}
}

// The same question about the same runs is the same record; a look stores nothing.
func TestFitAgain(t *testing.T) {
	w := drawn(t)
	look := w.fit(false, overall)
	if len(w.store.fits) != 0 {
		t.Error("a look was stored")
	}
	first, second := w.fit(true, overall), w.fit(true, overall)
	if !slices.Equal(first, second) || !slices.Equal(first, look) || len(w.store.fits) != 1 {
		t.Errorf("%+v, then %+v: %d records", first, second, len(w.store.fits))
	}
	w.store.runs[w.store.sweeps["s"].cells[0].RunID].state = sweep.Failed
	if third := w.fit(true, overall); third[0].ID == first[0].ID || third[0].Points != 23 || len(w.store.fits) != 2 {
		t.Errorf("with a run less: %+v", third)
	}
}

// A refusal is an outcome with its reason, and is stored like any other.
func TestFitRefuses(t *testing.T) {
	w, _ := surfaceSweep(t)
	got := w.fit(true, overall)
	if got[0].Status != "refused" || got[0].Formula != "the frontier has 0 distinct amounts of compute; a line with an interval needs 3" || got[0].Used != 0 {
		t.Fatalf("%+v", got)
	}
	r := w.store.records()[0]
	if r.Result.Reason.Code != "too_few_points" || len(r.Inputs) != 24 || r.Inputs[0].Reason != "planned" {
		t.Errorf("reason %+v, inputs %+v", r.Result.Reason, r.Inputs[0])
	}
}

func TestFitByGroup(t *testing.T) {
	w := drawn(t)
	by := overall
	by.GroupBy = "data"
	got := w.fit(true, by, overall)
	if len(got) != 3 || got[0].Group != "LAION-80M" || got[1].Group != "LAION-400M" || got[2].Group != "" || got[0].Points != 12 {
		t.Errorf("%+v", got)
	}
	if len(w.store.fits) != 3 {
		t.Errorf("%d records", len(w.store.fits))
	}
}

func TestFitOfBadInput(t *testing.T) {
	w := drawn(t)
	rule, group, selection := overall, overall, overall
	rule.Rule, group.GroupBy, selection.Select = "by eye", "colour", "worst"
	for _, odd := range []sweep.FitAsk{rule, group, selection} {
		_, err := call[FitResult](w, w.do.Fit, FitInput{Sweep: "s", Asks: []sweep.FitAsk{odd}, Record: true})
		if got := failureOf(t, err); got.Type() != ClassBadInput || !got.NonRetryable() || len(w.store.fits) != 0 {
			t.Errorf("%+v: %s: %v", odd, got.Type(), got)
		}
	}
}

// What the command line sets replaces the defaults, and a share of successes is said to be
// converted.
func TestFitAsked(t *testing.T) {
	w := drawn(t)
	more := fit.Options{Bins: 4, Pad: 0.2, Bootstrap: 200, Seed: 9, Level: 0.8, Predict: []float64{1e15}}
	records, err := study.Ask{FitAsk: overall, Options: more}.Put(context.Background(), w.store, "v2", "s", false)
	if err != nil {
		t.Fatal(err)
	}
	o := records[0].Options
	if o.Bins != 4 || o.Pad != 0.2 || o.Bootstrap != 200 || o.Seed != 9 || o.Level != 0.8 || !slices.Equal(o.Predict, more.Predict) || o.Version != "v2" || o.Notes != nil {
		t.Errorf("options %+v", o)
	}
	recall := overall
	recall.Metric = "surface/recall"
	records, err = study.Ask{FitAsk: recall}.Put(context.Background(), w.store, "v2", "s", false)
	if err != nil || len(records[0].Options.Notes) != 1 || records[0].Options.Notes[0].Code != "converted" || records[0].Options.Pad != fit.DefaultPad {
		t.Errorf("options %+v, %v", records[0].Options, err)
	}
}
