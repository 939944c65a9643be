package fit

import (
	"context"
	"math"
	"slices"
	"strings"
	"testing"
)

// recordOf is a record of points, a run each.
func recordOf(t *testing.T, points []Point, o Options, more ...Evidence) Record {
	t.Helper()
	if o.Bootstrap == 0 {
		o.Bootstrap = 200
	}
	q := Record{Sweep: "s", Metric: "t/top1_error", Select: "best", Options: o, Inputs: more}
	for _, p := range points {
		q.Inputs = append(q.Inputs, Evidence{Point: p, Runs: []string{p.ID}, Step: 100, Revision: "1", Evaluator: "test",
			Scores: []Score{{Run: p.ID, Step: 100, Checkpoint: "sha of " + p.ID, Revision: "1", Evaluator: "test", Value: p.E}}})
	}
	r, err := NewRecord(context.Background(), q)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// Everything that decides a fit is in its id.
func TestRecordIDs(t *testing.T) {
	points := onLine(8, -0.1, 2, 0.01, 1, "r")
	base := recordOf(t, points, Options{})
	seen := map[string]string{base.ID: "nothing"}
	for what, change := range map[string]func(r *Record){
		"the sweep":       func(r *Record) { r.Sweep = "other" },
		"the metric":      func(r *Record) { r.Metric = "t/top5_error" },
		"the grouping":    func(r *Record) { r.GroupBy = "data" },
		"select":          func(r *Record) { r.Select = "all" },
		"the law":         func(r *Record) { r.Options.Law = "power-floor" },
		"the rule":        func(r *Record) { r.Options.Rule = "all" },
		"the bins":        func(r *Record) { r.Options.Bins = 7 },
		"the pad":         func(r *Record) { r.Options.Pad = 0.2 },
		"resamples":       func(r *Record) { r.Options.Bootstrap = 300 },
		"the seed":        func(r *Record) { r.Options.Seed = 1 },
		"the level":       func(r *Record) { r.Options.Level = 0.9 },
		"the convention":  func(r *Record) { r.Options.Convention = "FLOPs" },
		"the version":     func(r *Record) { r.Options.Version = "v2" },
		"predictions":     func(r *Record) { r.Options.Predict = []float64{1e9} },
		"an error":        func(r *Record) { r.Inputs[0].E *= 1.01 },
		"a compute":       func(r *Record) { r.Inputs[0].C *= 1.01 },
		"a run":           func(r *Record) { r.Inputs[0].Runs = []string{"other"} },
		"a step":          func(r *Record) { r.Inputs[0].Scores[0].Step = 99 },
		"a checkpoint":    func(r *Record) { r.Inputs[0].Scores[0].Checkpoint = "other" },
		"a revision":      func(r *Record) { r.Inputs[0].Scores[0].Revision = "2" },
		"an evaluator":    func(r *Record) { r.Inputs[0].Scores[0].Evaluator = "other" },
		"a run left out":  func(r *Record) { r.Inputs[0].E, r.Inputs[0].Reason = 0, "excluded by ada" },
		"a run less":      func(r *Record) { r.Inputs = r.Inputs[1:] },
		"another reason":  func(r *Record) { r.Inputs[0].E, r.Inputs[0].Reason = 0, "excluded by bob" },
		"another cluster": func(r *Record) { r.Inputs[0].Cluster = "c" },
	} {
		q := base
		q.Inputs = slices.Clone(q.Inputs)
		q.Inputs[0].Scores = slices.Clone(q.Inputs[0].Scores)
		change(&q)
		r, err := NewRecord(context.Background(), q)
		if err != nil {
			t.Fatal(what, err)
		}
		if was, twice := seen[r.ID]; twice {
			t.Errorf("changing %s gives the id that changing %s gives", what, was)
		}
		seen[r.ID] = what
	}
}

// What somebody changed in a stored record is found and named.
func TestRecordThatDoesNotReproduce(t *testing.T) {
	r := recordOf(t, onLine(8, -0.1, 2, 0.01, 1, "r"), Options{}, Evidence{Point: Point{ID: "lost"}, Reason: "diverged"})
	if last := r.Result.Excluded[len(r.Result.Excluded)-1]; last != (Excluded{"lost", "diverged"}) {
		t.Errorf("the result does not list the run without a score: %+v", r.Result.Excluded)
	}
	r.Result.Coefficients = slices.Clone(r.Result.Coefficients)
	r.Result.Coefficients[0].Value = -0.5
	_, changes, err := r.Reproduce(context.Background())
	if err != nil || len(changes) != 1 || changes[0].Field != "result.coefficients[0].value" || string(changes[0].A) != "-0.5" {
		t.Errorf("%+v, %v", changes, err)
	}
	r.Inputs[1].E = 0.9 // and an input: the id is another then, and the line, too
	_, changes, err = r.Reproduce(context.Background())
	if err != nil || !slices.ContainsFunc(changes, func(c Change) bool { return c.Field == "fit" }) {
		t.Errorf("%+v, %v", changes, err)
	}
}

func TestDiff(t *testing.T) {
	points := onLine(8, -0.1, 2, 0.01, 1, "r")
	a := recordOf(t, points[:7], Options{})
	changed := slices.Clone(points)
	changed[1].E *= 1.001
	b := recordOf(t, changed[1:], Options{Seed: 3}, Evidence{Point: Point{ID: points[0].ID}, Runs: []string{points[0].ID}, Reason: "excluded by ada"})
	d, err := Diff(a, b)
	if err != nil {
		t.Fatal(err)
	}
	var runs []string
	for _, r := range d.Runs {
		runs = append(runs, r.Change+" "+r.Run)
	}
	if want := []string{"added r07", "withdrawn r00", "rescored r01"}; !slices.Equal(runs, want) {
		t.Errorf("runs %v, want %v", runs, want)
	}
	if len(d.Question) != 1 || d.Question[0].Field != "options.seed" || string(d.Question[0].A) != "0" || string(d.Question[0].B) != "3" {
		t.Errorf("question %+v", d.Question)
	}
	if d.Runs[1].B.Reason != "excluded by ada" || d.Runs[0].A.Known || d.Same {
		t.Errorf("%+v", d)
	}
	alpha := d.Coefficients[0]
	within(t, "alpha, B - A", *alpha.Difference, b.Result.Coefficients[0].Value-a.Result.Coefficients[0].Value, 0)
	none, err := Diff(a, a)
	if err != nil || !none.Same || len(none.Question) != 0 || len(none.Runs) != 0 || *none.Coefficients[0].Difference != 0 {
		t.Errorf("a record and itself: %+v, %v", none, err)
	}
	refused := recordOf(t, points[:2], Options{})
	if d, err = Diff(a, refused); err != nil || d.Status != [2]string{"ok", "refused: too_few_points"} || d.Coefficients[0].B != nil {
		t.Errorf("against a refusal: %+v, %v", d, err)
	}
}

// Turned round and back the law is the same, and so is each end of its interval.
func TestReach(t *testing.T) {
	r := recordOf(t, onLine(12, -0.15, 2, 0.02, 5, "r"), Options{Rule: "all", Bootstrap: 500})
	e := 0.1
	targets, err := r.Reach(context.Background(), []float64{e})
	if err != nil {
		t.Fatal(err)
	}
	x := targets[0]
	alpha, beta := r.Result.Coefficients[0].Value, r.Result.Coefficients[1].Value
	within(t, "C", x.C/math.Pow(e/beta, 1/alpha), 1, 1e-9)
	back, err := r.Predict(context.Background(), []float64{*x.LawInterval[0], *x.LawInterval[1], *x.RunInterval[0], *x.RunInterval[1]})
	if err != nil {
		t.Fatal(err)
	}
	for i, p := range back.Predictions {
		end := [][2]float64{p.LawInterval, p.RunInterval}[i/2][i%2]
		within(t, "the interval's end at its compute", end, e, 1e-6)
	}
	if *x.LawInterval[0] >= x.C || x.C >= *x.LawInterval[1] || *x.RunInterval[0] > *x.LawInterval[0] || len(x.Warnings) != 0 {
		t.Errorf("%+v", x)
	}
}

func TestReachRefuses(t *testing.T) {
	falling := recordOf(t, onLine(12, -0.15, 2, 0.02, 5, "r"), Options{Rule: "all"})
	rising := recordOf(t, onLine(12, 0.1, 0.1, 0.001, 5, "r"), Options{Rule: "all"})
	slow := recordOf(t, onLine(12, -0.05, 1, 0.001, 5, "r"), Options{Rule: "all"})
	floored := onLine(12, -0.5, 20, 0.001, 5, "r")
	for i := range floored {
		floored[i].E += 0.2
	}
	floor := recordOf(t, floored, Options{Rule: "all", Law: "power-floor"})
	for _, c := range []struct {
		r    Record
		e    float64
		code string
	}{
		{falling, 1e-6, "too_far"}, {slow, 0.9, "reached_before"}, {rising, 0.05, "never_falls"}, {floor, 0.1, "below_floor"},
	} {
		targets, err := c.r.Reach(context.Background(), []float64{c.e})
		if err != nil || targets[0].Status != "refused" || targets[0].Reason.Code != c.code {
			t.Errorf("E = %g: %+v, %v, want %s", c.e, targets, err, c.code)
		}
	}
	if targets, err := falling.Reach(context.Background(), []float64{0.03}); err != nil || !hasNote(targets[0].Warnings, "extrapolation") {
		t.Errorf("far away: %+v, %v", targets, err)
	}
	if _, err := falling.Reach(context.Background(), []float64{20}); err == nil {
		t.Error("an error in percent was taken")
	}
	refused := recordOf(t, onLine(2, -0.1, 2, 0, 1, "r"), Options{})
	if targets, err := refused.Reach(context.Background(), []float64{0.1}); err != nil || targets != nil {
		t.Errorf("of a refused fit: %+v, %v", targets, err)
	}
}

// A record that an older program let through, and this one would refuse, is an error in words.
func TestReachOfAFitThatIsRefusedNow(t *testing.T) {
	r := recordOf(t, onLine(2, -0.1, 2, 0, 1, "r"), Options{})
	r.Result.Status, r.Result.Frontier = "ok", r.points()
	if _, err := r.Reach(context.Background(), []float64{0.1}); err == nil || !strings.Contains(err.Error(), "too_few_points") {
		t.Errorf("%v", err)
	}
}
