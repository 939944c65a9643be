package store

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/scalelaw/scalelaw/fit"
	"github.com/scalelaw/scalelaw/sweep"
)

// fitOf is a record on runs of which the last is excluded.
func fitOf(id, name string, runs []sweep.Run, alpha float64) fit.Record {
	r := fit.Record{
		ID: id, Sweep: name, Metric: "icons-test/top1_error", Select: "best",
		Options: fit.Options{Law: "power", Rule: "pareto", Level: 0.95, Seed: 1<<63 + 1, Convention: sweep.ComputeConvention},
		Result: fit.Result{
			Status: "ok", Law: "power", Rule: "pareto", Convention: sweep.ComputeConvention, NPoints: len(runs), NUsed: len(runs) - 1,
			Level: 0.95, IntervalMethod: "bootstrap", R2: 0.99,
			Coefficients: []fit.Coefficient{
				{Name: "alpha", Value: alpha, Interval: [2]float64{alpha - 0.01, alpha + 0.01}},
				{Name: "beta", Value: 1. / 3, Interval: [2]float64{0.25, 0.5}},
			},
		},
	}
	for i, run := range runs {
		in := fit.Evidence{
			Point: fit.Point{ID: run.ID, C: run.GMACsTotal, E: 0.9 - 0.1*float64(i)},
			Runs:  []string{run.ID}, Step: run.Steps(), Revision: "r1", Evaluator: "e1", Used: true,
		}
		if i == len(runs)-1 {
			in.Used, in.Reason = false, "dominated"
		}
		r.Inputs = append(r.Inputs, in)
	}
	return r
}

func TestFitRecords(t *testing.T) {
	s, runs := open(t), makeRuns(t, 4)
	create(t, s, "grid", runs, 4, 0)
	old, newer := fitOf("f1-old", "grid", runs, -0.10), fitOf("f2-new", "grid", runs, -0.12)
	all := fitOf("f3-all", "grid", runs, -0.11)
	all.Options.Rule, all.Result.Rule = "all", "all"
	grouped := fitOf("f4-group", "grid", runs[:3], -0.2)
	group := "icons-6k"
	grouped.GroupBy, grouped.Options.Group, grouped.Result.Group = "data", &group, &group
	refused := fitOf("f5-refused", "grid", runs[:2], 0)
	refused.Metric, refused.Result.Status, refused.Result.Coefficients = "icons-test/top5_error", "refused", nil
	refused.Result.Reason = &fit.Note{Code: "too_few_points", Text: "2 distinct C, want 3"}
	for _, r := range []fit.Record{old, newer, all, grouped, refused, old, newer} { // the last two again
		must(t, s.AddFit(ctx, r))
	}
	for _, c := range []struct {
		filter FitFilter
		want   []fit.Record
	}{
		{FitFilter{}, []fit.Record{refused, grouped, all, newer}},
		{FitFilter{All: true}, []fit.Record{refused, grouped, all, newer, old}},
		{FitFilter{Sweep: "grid", Rule: "pareto", Metric: "icons-test/top1_error"}, []fit.Record{grouped, newer}},
		{FitFilter{Sweep: "another"}, nil},
		{FitFilter{Law: "power", Rule: "all"}, []fit.Record{all}},
	} {
		got, err := s.Fits(ctx, c.filter)
		must(t, err)
		equal(t, "fits", ids(got), ids(c.want))
	}
	got, err := s.Fit(ctx, "f2")
	must(t, err)
	equal(t, "the record, to the last digit", got, newer)
	if _, err := s.Fit(ctx, "f"); !errors.Is(err, sweep.ErrBadInput) {
		t.Errorf("an ambiguous prefix: %v", err)
	}
	if _, err := s.Fit(ctx, "g"); !errors.Is(err, sweep.ErrNotFound) {
		t.Errorf("no such fit: %v", err)
	}
	if _, err := s.Fit(ctx, "f2-nex"); !errors.Is(err, sweep.ErrNotFound) || !strings.Contains(err.Error(), "did you mean f2-new?") {
		t.Errorf("nearly a fit: %v", err)
	}
	if n := count(t, s, "select count(*) from fit_runs where fit = 'f2-new' and used and reason = ''"); n != 3 {
		t.Errorf("%d used runs, want 3", n)
	}
	if n := count(t, s, "select count(*) from fit_runs where fit = 'f2-new' and not used and reason = 'dominated'"); n != 1 {
		t.Errorf("%d excluded runs, want 1", n)
	}
}

func ids(records []fit.Record) (names []string) {
	for _, r := range records {
		names = append(names, r.ID)
	}
	return names
}

// A fit whose runs are not all there is not stored by halves.
func TestFitIsAllOrNothing(t *testing.T) {
	s, runs := open(t), makeRuns(t, 3)
	create(t, s, "grid", runs, 3, 0)
	bad := fitOf("f1", "grid", runs, -0.1)
	bad.Inputs[0].Used = false // without a reason
	if err := s.AddFit(ctx, bad); err == nil {
		t.Error("an excluded run without a reason was stored")
	}
	unknown := fitOf("f2", "grid", makeRuns(t, 4), -0.1)
	if err := s.AddFit(ctx, unknown); !errors.Is(err, sweep.ErrNotFound) {
		t.Errorf("a run that is not there: %v", err)
	}
	if n := count(t, s, "select (select count(*) from fits) + (select count(*) from coefficients) + (select count(*) from fit_runs)"); n != 0 {
		t.Errorf("%d rows are left", n)
	}
}

func TestFitInputs(t *testing.T) {
	s, runs := open(t), makeRuns(t, 5)
	create(t, s, "grid", runs, 5, 0)
	succeed(t, s, runs[0], 0.5)
	again := score(runs[0], runs[0].Steps(), 0.4)
	again.Revision = "r2"
	must(t, s.AddEvaluations(ctx, []sweep.Evaluation{again, score(runs[0], 1, 0.9)})) // a newer revision; an earlier checkpoint
	must(t, s.SetRunState(ctx, runs[1].ID, sweep.Diverged, "loss is NaN at step 3"))
	must(t, s.SetRunState(ctx, runs[2].ID, sweep.Succeeded, "")) // never evaluated
	must(t, s.AddEvaluations(ctx, []sweep.Evaluation{score(runs[3], 1, 0.9)}))
	must(t, s.SetRunState(ctx, runs[3].ID, sweep.Succeeded, "")) // its last checkpoint was not
	got, err := s.FitInputs(ctx, "grid", "icons-test/top1_error")
	must(t, err)
	equal(t, "inputs", got, []sweep.ScoredRun{
		{Run: runs[0], State: sweep.Succeeded, Score: &again, Checkpoint: fmt.Sprintf("weights of %s at 4", runs[0].ID)},
		{Run: runs[1], State: sweep.Diverged, Reason: "diverged: loss is NaN at step 3"},
		{Run: runs[2], State: sweep.Succeeded, Reason: "it was not evaluated on icons-test/top1_error"},
		{Run: runs[3], State: sweep.Succeeded, Reason: "it was not evaluated on icons-test/top1_error"},
		{Run: runs[4], State: sweep.Planned, Reason: "planned"},
	})
	if _, err := s.FitInputs(ctx, "grid", "top1"); !errors.Is(err, sweep.ErrBadInput) {
		t.Errorf("a metric without a task: %v", err)
	}
	if _, err := s.FitInputs(ctx, "gird", "icons-test/top1_error"); !errors.Is(err, sweep.ErrNotFound) {
		t.Errorf("no such sweep: %v", err)
	}
}

func TestViews(t *testing.T) {
	s, runs := open(t), makeRuns(t, 4)
	create(t, s, "grid", runs, 4, 0)
	succeed(t, s, runs[0], 0.5)
	must(t, s.AddFit(ctx, fitOf("old", "grid", runs, -0.10)))
	must(t, s.AddFit(ctx, fitOf("new", "grid", runs, -0.12)))
	for query, want := range map[string]int{
		`select count(*) from scaling_coefficients`: 4,
		`select count(*) from scaling_coefficients where newest and sweep = 'grid' and metric = 'icons-test/top1_error' and "group" is null and fit = 'new'`:             2,
		`select count(*) from scaling_coefficients where newest and coefficient = 'alpha' and value = -0.12 and lower = -0.12::float8 - 0.01::float8 and level = 0.95`:   1,
		`select count(*) from scaling_coefficients where rule = 'pareto' and law = 'power' and n_points = 4 and n_used = 3 and compute_convention like 'forward GMACs%'`: 4,
		`select count(*) from pareto_frontier where fit = 'new' and sweep = 'grid'`:                                                                                      3,
		`select count(*) from pareto_frontier where fit = 'old'`:                                                                                                         0,
		`select count(*) from pareto_frontier where model = 'icons-w4' and data = 'icons-6k' and samples_seen = 1000 and e = 0.9`:                                        1,
		`select count(*) from run_summary`: 4,
		`select count(*) from run_summary where state = 'succeeded' and attempts = 1 and device_seconds = 2 and last_loss = 2.5 and (scores ->> 'icons-test/top1_error')::float8 = 0.5 and sweeps = '{grid}'`: 1,
		`select count(*) from run_metrics where metric = 'loss' and step = 4 and value = 2.5`:                                                                                                                 1,
	} {
		if got := count(t, s, query); got != want {
			t.Errorf("%d, want %d: %s", got, want, query)
		}
	}
}
