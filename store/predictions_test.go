package store

import (
	"errors"
	"testing"

	"github.com/scalelaw/scalelaw/fit"
	"github.com/scalelaw/scalelaw/sweep"
)

// foreseen is a fit of runs[:3], and the prediction of a run of runs[3]'s compute, between 0.2
// and 0.4.
func foreseen(t *testing.T, s *Store, runs []sweep.Run, converted bool) fit.Record {
	t.Helper()
	create(t, s, "grid", runs, len(runs), 0)
	for _, r := range runs[:3] {
		succeed(t, s, r, 0.5)
	}
	f := fitOf("f", "grid", runs[:3], -0.1)
	must(t, s.AddFit(ctx, f))
	must(t, s.Register(ctx, f, []fit.Prediction{promise(runs[3].GMACsTotal * 1.04)}, "ada", 0.05, converted))
	return f
}

func promise(c float64) fit.Prediction {
	return fit.Prediction{C: c, Value: 0.3, LawInterval: [2]float64{0.25, 0.35}, RunInterval: [2]float64{0.2, 0.4}}
}

func only(t *testing.T, s *Store, filter PredictionFilter) Prediction {
	t.Helper()
	all, err := s.Predictions(ctx, filter)
	must(t, err)
	if len(all) != 1 {
		t.Fatalf("%d predictions", len(all))
	}
	return all[0]
}

// The run that lands scores the prediction by itself, once.
func TestPredictionsScoreThemselves(t *testing.T) {
	for _, c := range []struct {
		value     float64
		converted bool
		observed  float64
		inside    bool
	}{{0.39, false, 0.39, true}, {0.41, false, 0.41, false}, {0.75, true, 0.25, true}, {0.4, false, 0.4, true}} {
		s, runs := open(t), makeRuns(t, 8)
		foreseen(t, s, runs, c.converted)
		if p := only(t, s, PredictionFilter{Open: true}); p.Inside != nil || p.RunID != nil || p.Author != "ada" || p.Sweep != "grid" || p.Level != 0.95 || p.Tolerance != 0.05 {
			t.Errorf("open: %+v", p)
		}
		must(t, s.AddEvaluations(ctx, []sweep.Evaluation{score(runs[3], 1, 0.3)})) // not its last checkpoint
		only(t, s, PredictionFilter{Open: true})
		succeed(t, s, runs[3], c.value)
		p := only(t, s, PredictionFilter{Fit: "f", Sweep: "grid"})
		if p.RunID == nil || *p.RunID != runs[3].ID || *p.Observed != c.observed || *p.Inside != c.inside {
			t.Errorf("%g: scored %+v", c.value, p)
		}
		succeed(t, s, runs[7], 0.3) // the same compute, later
		again := score(runs[3], runs[3].Steps(), 0.1)
		again.Evaluator = "e2"
		must(t, s.AddEvaluations(ctx, []sweep.Evaluation{again}))
		equal(t, "scored once", only(t, s, PredictionFilter{}), p)
		if n := count(t, s, "select count(*) from registered_predictions where inside = $1 and run = $2", c.inside, runs[3].ID); n != 1 {
			t.Errorf("the view has %d rows", n)
		}
	}
}

func TestPredictionsWaitForTheirRun(t *testing.T) {
	s, runs := open(t), makeRuns(t, 8)
	foreseen(t, s, runs, false)
	succeed(t, s, runs[6], 0.3) // another compute
	if _, err := s.Exclude(ctx, Exclusion{RunID: runs[3].ID, Author: "ada", Reason: "r"}); err != nil {
		t.Fatal(err)
	}
	succeed(t, s, runs[3], 0.3)
	later := score(runs[7], runs[7].Steps(), 0.3)
	later.Revision = "r2" // of the task: not what was predicted
	must(t, s.AddEvaluations(ctx, []sweep.Evaluation{later}))
	only(t, s, PredictionFilter{Open: true})
	if _, err := s.Include(ctx, runs[3].ID, "ada", ""); err != nil {
		t.Fatal(err)
	}
	must(t, s.AddFit(ctx, fitOf("f2", "grid", runs[:4], -0.1))) // the next fit finds what an evaluation missed
	if p := only(t, s, PredictionFilter{}); p.RunID == nil || *p.RunID != runs[3].ID || !*p.Inside {
		t.Errorf("%+v", p)
	}
}

// A group's prediction waits for a run of the group.
func TestPredictionsOfAGroup(t *testing.T) {
	s, runs := open(t), makeRuns(t, 8)
	create(t, s, "grid", runs, 8, 0)
	f := fitOf("f", "grid", runs[:3], -0.1)
	group := "icons-32k"
	f.GroupBy, f.Options.Group = "data", &group
	must(t, s.AddFit(ctx, f))
	must(t, s.Register(ctx, f, []fit.Prediction{promise(runs[3].GMACsTotal)}, "ada", 0.05, false))
	succeed(t, s, runs[3], 0.3) // icons-6k
	only(t, s, PredictionFilter{Open: true})
	succeed(t, s, runs[7], 0.3)
	if p := only(t, s, PredictionFilter{}); p.RunID == nil || *p.RunID != runs[7].ID || *p.Group != group {
		t.Errorf("%+v", p)
	}
}

// A prediction of what is known is none; the same one again changes nothing.
func TestPredictionsAreMadeBefore(t *testing.T) {
	s, runs := open(t), makeRuns(t, 8)
	f := foreseen(t, s, runs, false)
	if err := s.Register(ctx, f, []fit.Prediction{promise(100), promise(runs[0].GMACsTotal)}, "ada", 0.05, false); !errors.Is(err, sweep.ErrExists) {
		t.Errorf("a run that landed: %v", err)
	}
	other := promise(runs[3].GMACsTotal * 1.04)
	other.Value = 0.31
	must(t, s.Register(ctx, f, []fit.Prediction{other}, "bob", 0.05, false))
	if p := only(t, s, PredictionFilter{}); p.Author != "ada" || p.Value != 0.3 { // and none of the two above
		t.Errorf("%+v", p)
	}
	// Its fit and its sweep's name outlive the sweep.
	if _, err := s.Delete(ctx, "grid", false); err != nil {
		t.Fatal(err)
	}
	only(t, s, PredictionFilter{Sweep: "grid"})
}
