package cli

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/scalelaw/scalelaw/store"
	"github.com/scalelaw/scalelaw/sweep"
)

// An empty database has empty lists, not null, and says what is not there.
func TestEmptyDatabase(t *testing.T) {
	w := emptyWorld(t)
	for _, args := range [][]string{{"list"}, {"coefficients"}, {"fit", "list"}, {"exclusions"}, {"predictions"}} {
		equal(t, strings.Join(args, " "), succeeds(t, w.getenv, append(args, "-o", "json")...).out, "[]\n")
		if o := succeeds(t, w.getenv, args...); strings.Count(o.out, "\n") != 1 {
			t.Errorf("%v: more than a header:\n%s", args, o.out)
		}
	}
	for _, args := range [][]string{{"status", "s"}, {"runs", "s"}, {"fit", "new", "s"}, {"delete", "s"}, {"show", "1"}, {"logs", "1"}, {"fit", "show", "1"}, {"predict", "1", "--compute", "1"}, {"predict", "1", "--error", "0.1"},
		{"compare", "1", "2"}, {"fit", "diff", "1", "2"}, {"fit", "reproduce", "1"}, {"exclude", "1", "--reason", "r", "--author", "a"}, {"include", "1", "--author", "a"}, {"predictions", "--fit", "1"}} {
		fails(t, w.getenv, exitBadInput, []string{"not found"}, args...)
	}
}

func TestList(t *testing.T) {
	w := newWorld(t)
	has(t, "list", succeeds(t, w.getenv, "list").out, "SWEEP", "quickstart", "succeeded", "14 of 16 done, 1 failed, 1 diverged", "16 min 00 s")
	list := decode[[]map[string]any](t, succeeds(t, w.getenv, "list", "-o", "json").out)
	if len(list) != 1 {
		t.Fatalf("%d sweeps", len(list))
	}
	got := list[0]
	equal(t, "counts", got["counts"], map[string]any{"succeeded": 14.0, "failed": 1.0, "diverged": 1.0})
	equal(t, "name and total", []any{got["name"], got["total"], got["state"]}, []any{"quickstart", 16.0, "succeeded"})
	spec, err := json.Marshal(got["spec"])
	must(t, err)
	equal(t, "the spec is JSON, not base64", decode[map[string]any](t, string(spec)), decode[map[string]any](t, string(w.spec)))
	if got["ended_at"] == nil {
		t.Error("a sweep that is over has an end")
	}
	must(t, w.store.SetSweepState(ctx, "quickstart", sweep.Running, ""))
	if list := decode[[]map[string]any](t, succeeds(t, w.getenv, "list", "-o", "json").out); list[0]["ended_at"] != nil {
		t.Errorf("a sweep that runs ended at %v", list[0]["ended_at"])
	}
}

func TestStatus(t *testing.T) {
	w := newWorld(t)
	succeeds(t, w.getenv, "fit", "new", "quickstart", "--rule", "all", "--bootstrap", "100")
	has(t, "status", succeeds(t, w.getenv, "status", "quickstart").out, "14 of 16 done", "icons-test/top1_error, rule all", "E = 1.2 C^-0.1500")
	one := decode[sweepView](t, succeeds(t, w.getenv, "status", "quickstart", "-o", "json").out)
	if one.Name != "quickstart" || one.Total != 16 || one.DeviceSeconds != 16*60 || one.GMACsDone >= one.GMACsTotal {
		t.Errorf("%+v", one)
	}
	fails(t, w.getenv, exitBadInput, []string{`did you mean "quickstart"?`}, "status", "quikstart")
}

func TestRuns(t *testing.T) {
	w := newWorld(t)
	o := succeeds(t, w.getenv, "runs", "quickstart")
	has(t, "runs", o.out, "icons-test/top1_error", shortID(w.runs[0].ID), "diverged", "128K", "1 min 00 s")
	rows, err := csv.NewReader(strings.NewReader(succeeds(t, w.getenv, "runs", "quickstart", "-o", "csv").out)).ReadAll()
	if err != nil || len(rows) != 17 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	score := len(rows[0]) - 1
	equal(t, "a score in CSV", rows[1][score], fmt.Sprint(trueError(w.runs[0].GMACsTotal)))
	equal(t, "no score in CSV", rows[failedRun+1][score], "")
	runs := decode[[]sweep.RunSummary](t, succeeds(t, w.getenv, "runs", "quickstart", "-o", "json").out)
	if len(runs) != 16 || runs[divergedRun].Loss != nil || *runs[0].Loss != 2.5 || runs[0].Scores[0].Value != trueError(w.runs[0].GMACsTotal) || runs[failedRun].Reason != longError {
		t.Errorf("%+v", runs)
	}
}

// More metrics than a screen has room for are counted, not dropped without a word.
func TestRunsWithManyMetrics(t *testing.T) {
	w := newWorld(t)
	for i := range 9 {
		must(t, w.store.AddEvaluations(ctx, []sweep.Evaluation{{RunID: w.runs[0].ID, Step: w.runs[0].Steps(), Score: sweep.Score{
			Task: fmt.Sprintf("task-%d", i), Metric: "m", Revision: "r", Evaluator: "e", Value: 0.5, Samples: 1}}}))
	}
	o := succeeds(t, w.getenv, "runs", "quickstart")
	has(t, "stderr", o.err, "6 more metrics")
	has(t, "what is mostly asked for", o.out, "icons-test/top1_error")
	if strings.Contains(o.out, "task-8/m") {
		t.Errorf("too wide:\n%s", o.out)
	}
	o = succeeds(t, w.getenv, "runs", "quickstart", "-o", "csv")
	has(t, "csv", o.out, "task-8/m")
	equal(t, "stderr of CSV", o.err, "")
}

func TestShow(t *testing.T) {
	w := newWorld(t)
	r := w.runs[0]
	o := succeeds(t, w.getenv, "show", r.ID[:12])
	has(t, "show", o.out, r.ID, "icons-w4, ", "quickstart", "128000 (asked for 128000)", "w/1", "icons-test/top1_error", "CHECKPOINT AT STEP", "batch_size: 128, learning_rate: ", ", warmup: ", ", schedule: cosine")
	v := decode[store.RunDetail](t, succeeds(t, w.getenv, "show", r.ID, "-o", "json").out)
	if v.ID != r.ID || len(v.Tries) != 1 || len(v.Checkpoints) != 1 || len(v.Evaluations) != 1 || len(v.Sweeps) != 1 || v.Tries[0].DeviceSeconds != 60 {
		t.Errorf("%+v", v)
	}
	decode[store.RunDetail](t, succeeds(t, w.getenv, "show", w.runs[divergedRun].ID, "-o", "json").out)
	has(t, "an error of two lines", succeeds(t, w.getenv, "show", w.runs[failedRun].ID).out, "exit status 1  out of luck")
	has(t, "csv", succeeds(t, w.getenv, "show", r.ID, "-o", "csv").out, "run,"+r.ID, "icons-test/top1_error,")
	fails(t, w.getenv, exitBadInput, []string{"begins several ids"}, "show", "")
	fails(t, w.getenv, exitBadInput, []string{"not found", "scalelaw runs"}, "show", "zz")
}

func TestLogs(t *testing.T) {
	w := newWorld(t)
	o := succeeds(t, w.getenv, "logs", w.runs[0].ID[:12], "--follow") // it is over: there is nothing to wait for
	lines := strings.Split(strings.TrimSpace(o.out), "\n")
	if len(lines) != 4 {
		t.Fatalf("%d lines:\n%s", len(lines), o.out)
	}
	has(t, "the attempt", lines[0], "attempt 1 on w/1 from step 0: succeeded")
	equal(t, "the rest", lines[1:], []string{"step 10, 1280 samples: grad_norm 1 loss 4", "step 20, 2560 samples: loss 2.5", "succeeded"})
}

// A number that JSON does not have is null, so that every line can be read.
func TestLogsAsJSON(t *testing.T) {
	w := newWorld(t)
	o := succeeds(t, w.getenv, "logs", w.runs[divergedRun].ID, "-o", "json")
	var got []map[string]any
	for line := range strings.Lines(o.out) {
		got = append(got, decode[map[string]any](t, line))
	}
	if len(got) != 4 || got[0]["outcome"] != "diverged" {
		t.Fatalf("%v", got)
	}
	equal(t, "steps and state", got[1:], []map[string]any{
		{"step": 10.0, "samples_seen": 1280.0, "loss": 4.0, "grad_norm": 1.0},
		{"step": 20.0, "samples_seen": 2560.0, "loss": nil},
		{"state": "diverged", "reason": "the loss is NaN"},
	})
}

// With a database a plan tells what is reused, and times come from what was measured.
func TestPlanAgainstADatabase(t *testing.T) {
	w := newWorld(t)
	plan := decode[planView](t, succeeds(t, w.getenv, "plan", "testdata/quickstart.yaml", "-o", "json").out)
	for i, r := range plan.Runs {
		if want := i != failedRun && i != divergedRun; r.Reused == nil || *r.Reused != want {
			t.Errorf("run %d: reused %v, want %v", i, r.Reused, want)
		}
		if r.SecondsSource != "measured here" || *r.Seconds <= 0 {
			t.Errorf("run %d: %v seconds (%s)", i, r.Seconds, r.SecondsSource)
		}
	}
	equal(t, "reused", plan.Totals.Reused, 14)
}
