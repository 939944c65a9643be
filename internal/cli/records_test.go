package cli

import (
	"encoding/json"
	"fmt"
	"os"
	"os/user"
	"slices"
	"strings"
	"testing"

	"github.com/scalelaw/scalelaw/fit"
	"github.com/scalelaw/scalelaw/internal/pgtest"
	"github.com/scalelaw/scalelaw/store"
	"github.com/scalelaw/scalelaw/study"
	"github.com/scalelaw/scalelaw/sweep"
)

// rescore gives a run a score by a newer revision of the task.
func (w *world) rescore(t *testing.T, i int, value float64) {
	t.Helper()
	r := w.runs[i]
	must(t, w.store.AddEvaluations(ctx, []sweep.Evaluation{{RunID: r.ID, Step: r.Steps(), Score: sweep.Score{
		Task: "icons-test", Metric: "top1_error", Revision: "r2", Evaluator: "e1", Value: value, Samples: 1000}}}))
}

// A run that is excluded leaves new fits, by name and with the reason, and comes back.
func TestExcludeAndInclude(t *testing.T) {
	w := newWorld(t)
	before := decode[fitView](t, w.fit(t).out)
	run := w.runs[0].ID
	fails(t, w.getenv, exitBadInput, []string{"--reason is needed"}, "exclude", run)
	o := succeeds(t, w.getenv, "exclude", run[:12], "--reason", "broken shard", "--author", "ada", "-o", "json")
	has(t, "stderr", o.err, "1 fits that looked at the run are stale")
	if e := decode[store.Exclusion](t, o.out); e.RunID != run || e.Author != "ada" || e.WithdrawnAt != nil {
		t.Errorf("%+v", e)
	}
	fails(t, w.getenv, exitBadInput, []string{"exists already", "excluded by ada on ", "broken shard"}, "exclude", run, "--reason", "another", "--author", "bob")
	without := decode[fitView](t, w.fit(t).out)
	left := without.Excluded[slices.IndexFunc(without.Excluded, func(x fit.Excluded) bool { return x.ID == run })]
	has(t, "the reason", left.Reason, "excluded by ada on ", ": broken shard")
	if without.NPoints != before.NPoints-1 || without.Stale != nil || slices.Contains(without.Used, run) {
		t.Errorf("without it: %+v", without)
	}
	has(t, "show", succeeds(t, w.getenv, "show", run).out, "broken shard", "ada")
	fails(t, w.getenv, exitBadInput, []string{"it is not excluded"}, "include", w.runs[1].ID, "--author", "bob")
	succeeds(t, w.getenv, "include", run[:12], "--author", "bob", "--reason", "it was fine")
	again := decode[fitView](t, w.fit(t).out)
	equal(t, "included again, the same question has the same fit", again.Fit, before.Fit)
	equal(t, "and nothing is stale about it", again.Stale, (*string)(nil))
	history := decode[[]store.Exclusion](t, succeeds(t, w.getenv, "exclusions", "--sweep", "quickstart", "-o", "json").out)
	if len(history) != 1 || history[0].WithdrawnBy != "bob" || history[0].WithdrawnReason != "it was fine" {
		t.Errorf("%+v", history)
	}
	equal(t, "standing", succeeds(t, w.getenv, "exclusions", "--standing", "-o", "json").out, "[]\n")
	fails(t, w.getenv, exitBadInput, []string{`did you mean "quickstart"?`}, "exclusions", "--sweep", "quikstart")
}

// A stale fit says why, wherever it is shown.
func TestStaleFitsAreMarked(t *testing.T) {
	w := newWorld(t)
	f := decode[fitView](t, w.fit(t).out)
	equal(t, "at first", f.Stale, (*string)(nil))
	must(t, w.store.SetRunState(ctx, w.runs[failedRun].ID, sweep.Succeeded, ""))
	w.rescore(t, failedRun, 0.4)
	w.rescore(t, 1, 0.4)
	succeeds(t, environWithUser(w), "exclude", w.runs[0].ID, "--reason", "r")
	why := fmt.Sprintf("excluded: %s; rescored: %s; added: %s", shortID(w.runs[0].ID), shortID(w.runs[1].ID), shortID(w.runs[failedRun].ID))
	for _, args := range [][]string{{"coefficients"}, {"fit", "list"}, {"fit", "show", f.Fit}, {"status", "quickstart"}} {
		has(t, strings.Join(args, " "), succeeds(t, w.getenv, args...).out, why)
	}
	for _, args := range [][]string{{"coefficients"}, {"fit", "list"}} {
		if list := decode[[]fitView](t, succeeds(t, w.getenv, append(args, "-o", "json")...).out); *list[0].Stale != why {
			t.Errorf("%v: stale %q", args, *list[0].Stale)
		}
	}
	if one := decode[fitView](t, succeeds(t, w.getenv, "fit", "show", f.Fit, "-o", "json").out); *one.Stale != why {
		t.Errorf("fit show: stale %q", *one.Stale)
	}
	has(t, "predict", succeeds(t, w.getenv, "predict", f.Fit, "--compute", "1e4").err, "[stale]")
	fresh := decode[fitView](t, w.fit(t).out)
	equal(t, "fitted anew", fresh.Stale, (*string)(nil))
}

// Where nothing names who acts, as in containers, the machine does, by name or number.
func TestAuthor(t *testing.T) {
	w := newWorld(t)
	o := succeeds(t, w.getenv, "exclude", w.runs[0].ID, "--reason", "r", "-o", "json")
	equal(t, "the author", decode[store.Exclusion](t, o.out).Author, nameOf(user.Current()))
	number := fmt.Sprintf("uid %d", os.Getuid())
	equal(t, "an id without a name", nameOf(nil, user.UnknownUserIdError(7)), number)
	equal(t, "an empty name", nameOf(&user.User{}, nil), number)
}

// environWithUser is the world's environment with a user's name.
func environWithUser(w *world) func(string) string {
	return func(name string) string {
		if name == "USER" {
			return "ada"
		}
		return w.getenv(name)
	}
}

func TestFitDiff(t *testing.T) {
	w := newWorld(t)
	a := decode[fitView](t, w.fit(t).out)
	w.rescore(t, 1, 0.4)
	succeeds(t, environWithUser(w), "exclude", w.runs[0].ID, "--reason", "broken shard")
	b := decode[fitView](t, w.fit(t, "--seed", "3").out)
	d := decode[fit.Difference](t, succeeds(t, w.getenv, "fit", "diff", a.Fit[:12], b.Fit[:12], "-o", "json").out)
	var runs []string
	for _, r := range d.Runs {
		runs = append(runs, r.Change+" "+r.Run)
	}
	equal(t, "runs", runs, []string{"withdrawn " + w.runs[0].ID, "rescored " + w.runs[1].ID})
	equal(t, "the question", d.Question, []fit.Change{{Field: "options.seed", A: json.RawMessage("0"), B: json.RawMessage("3")}})
	near(t, "alpha", *d.Coefficients[0].Difference, b.Coefficients[0].Value-a.Coefficients[0].Value, 1e-15)
	has(t, "fit diff", succeeds(t, w.getenv, "fit", "diff", a.Fit, b.Fit).out, "WHAT", "options.seed", "withdrawn", "excluded by ada", "rescored", "E = 0.4, used", "coefficient  alpha")
	has(t, "fit diff", succeeds(t, w.getenv, "fit", "diff", a.Fit, b.Fit).out, "question: 1 fields differ; runs: 0 added, 1 withdrawn, 1 rescored, 0 moved\n")
	equal(t, "of a fit and itself", decode[fit.Difference](t, succeeds(t, w.getenv, "fit", "diff", a.Fit, a.Fit, "-o", "json").out).Same, true)
	fails(t, w.getenv, exitBadInput, []string{"not found"}, "fit", "diff", a.Fit, "zz")
}

// People are shown how many runs differ and some of them; programs have all.
func TestLongDifference(t *testing.T) {
	var d fit.Difference
	for i := range 50 {
		d.Runs = append(d.Runs, fit.RunChange{Run: fmt.Sprintf("run-%02d", i), Change: "added"})
	}
	for output, rows := range map[string]int{"table": 2 + longestDifference, "csv": 1 + 50} {
		var out, errs strings.Builder
		a := &app{stdout: &out, stderr: &errs}
		a.config.Output = output
		must(t, a.showDifference(d))
		equal(t, output, strings.Count(out.String(), "\n"), rows)
		equal(t, output+": more", strings.Contains(errs.String(), "30 more runs differ"), output == "table")
	}
}

// The stored inputs give the stored bytes; where somebody changed one, it is named.
func TestFitReproduce(t *testing.T) {
	w := newWorld(t)
	f := decode[fitView](t, w.fit(t).out)
	has(t, "reproduce", succeeds(t, w.getenv, "fit", "reproduce", f.Fit[:10]).out, "is reproduced: the same bytes from 16 inputs")
	if r := decode[study.Reproduction](t, succeeds(t, w.getenv, "fit", "reproduce", f.Fit, "-o", "json").out); !r.Reproduced || r.Fit != f.Fit || len(r.Changes) != 0 {
		t.Errorf("%+v", r)
	}
	pgtest.Exec(t, w.getenv("SCALELAW_DATABASE_URL"), `update fits set record = jsonb_set(record, '{result,coefficients,0,value}', '-0.5')`)
	o := fails(t, w.getenv, exitFailure, []string{"is not reproduced: 1 fields differ"}, "fit", "reproduce", f.Fit)
	has(t, "what differs", o.out, "result.coefficients[0].value", "-0.5")
	o = fails(t, w.getenv, exitFailure, nil, "fit", "reproduce", f.Fit, "-o", "json")
	if r := decode[study.Reproduction](t, o.out); r.Reproduced || len(r.Changes) != 1 || string(r.Changes[0].A) != "-0.5" {
		t.Errorf("%+v", r)
	}
}

// grow adds the run that a prediction was about to the sweep, and lets it land.
func (w *world) grow(t *testing.T, value float64) sweep.Run {
	t.Helper()
	big := w.runs[len(w.runs)-1]
	big.SamplesSeen, big.ActualSamplesSeen = big.SamplesSeen*64, big.ActualSamplesSeen*64
	big.GMACsTotal *= 64
	var err error
	big.ID, err = sweep.RunID(big)
	must(t, err)
	_, _, err = w.store.CreateSweep(ctx, sweep.SweepRecord{Name: "quickstart", Spec: w.spec, SpecSHA256: "sha"}, append(slices.Clone(w.runs), big))
	must(t, err)
	must(t, w.store.AddEvaluations(ctx, []sweep.Evaluation{{RunID: big.ID, Step: big.Steps(), Score: sweep.Score{
		Task: "icons-test", Metric: "top1_error", Revision: "r1", Evaluator: "e1", Value: value, Samples: 1000}}}))
	return big
}

func TestRegisteredPredictions(t *testing.T) {
	w := newWorld(t)
	f := decode[fitView](t, w.fit(t).out)
	last := w.runs[len(w.runs)-1].GMACsTotal
	fails(t, environWithUser(w), exitBadInput, []string{"exists already", "predict a run that was not made yet"}, "predict", f.Fit, "--compute", fmt.Sprint(last), "--register")
	fails(t, environWithUser(w), exitBadInput, []string{"--tolerance is 5"}, "predict", f.Fit, "--compute", "1", "--register", "--tolerance", "5")
	o := succeeds(t, environWithUser(w), "predict", f.Fit[:10], "--compute", fmt.Sprint(64*last), "--register")
	has(t, "stderr", o.err, "registered: a run of quickstart within 5 % of that compute scores it")
	open := decode[[]store.Prediction](t, succeeds(t, w.getenv, "predictions", "--open", "-o", "json").out)
	if len(open) != 1 || open[0].Fit != f.Fit || open[0].Author != "ada" || open[0].Inside != nil {
		t.Fatalf("%+v", open)
	}
	has(t, "predictions", succeeds(t, w.getenv, "predictions", "--fit", f.Fit[:10]).out, "open", "ada", "quickstart")
	again := []string{"predict", f.Fit, "--compute", fmt.Sprint(64 * last), "--register"}
	o = succeeds(t, environWithUser(w), again...)
	has(t, "registered again", o.err, "already registered; ada registered it on ")
	if strings.Contains(o.err, "registered: ") {
		t.Errorf("nothing new was registered: %s", o.err)
	}
	big := w.grow(t, 0.9)
	has(t, "after its run", succeeds(t, environWithUser(w), again...).err, "already scored: outside (E = 0.9); ada registered it on ")
	o = succeeds(t, w.getenv, "predictions", "--sweep", "quickstart")
	has(t, "predictions", o.out, "outside", "0.9", shortID(big.ID))
	equal(t, "none is open", succeeds(t, w.getenv, "predictions", "--open", "-o", "json").out, "[]\n")
}
