package cli

import (
	"encoding/csv"
	"fmt"
	"strings"
	"testing"

	"github.com/scalelaw/scalelaw/fit"
	"github.com/scalelaw/scalelaw/sweep"
)

func (w *world) fit(t *testing.T, more ...string) outcome {
	t.Helper()
	return succeeds(t, w.getenv, append([]string{"fit", "new", "quickstart", "--rule", "all", "--bootstrap", "100", "-o", "json"}, more...)...)
}

// The points lie on a line, so the law is known; one fit is an object, groups are a list.
func TestFitNew(t *testing.T) {
	w := newWorld(t)
	f := decode[fitView](t, w.fit(t).out)
	if f.Status != "ok" || f.Sweep != "quickstart" || f.Metric != "icons-test/top1_error" || f.NPoints != 14 || f.Fit == "" {
		t.Errorf("%+v", f)
	}
	near(t, "alpha", f.Coefficients[0].Value, trueAlpha, 1e-9)
	near(t, "beta", f.Coefficients[1].Value, trueBeta, 1e-9)
	if again := decode[fitView](t, w.fit(t).out); again.Fit != f.Fit {
		t.Errorf("the same question got the ids %s and %s", f.Fit, again.Fit)
	}
	groups := decode[[]fitView](t, w.fit(t, "--group-by", "data").out)
	if len(groups) != 2 || *groups[0].Group != "icons-160k" && *groups[0].Group != "icons-6k" {
		t.Errorf("%+v", groups)
	}
}

func TestFitNewForPeople(t *testing.T) {
	w := newWorld(t)
	o := succeeds(t, w.getenv, "fit", "new", "quickstart", "--rule", "all", "--bootstrap", "100")
	has(t, "fit new", o.out, "icons-test/top1_error, rule all (fit ", "E = 1.2 C^-0.1500", "14 of 14 points", "  RUN ", "95 % interval", "for comparison: chance 0.99", "(1-NN on pixels) 0.3414")
	fails(t, w.getenv, exitBadInput, []string{`fit on "squares"`}, "fit", "new", "quickstart", "--fit-on", "squares")
	fails(t, w.getenv, exitBadInput, []string{"TASK/METRIC"}, "fit", "new", "quickstart", "--metric", "top1")
}

// Groups of one model have two amounts of compute each: all are refused.
func TestFitNewRefused(t *testing.T) {
	w := newWorld(t)
	args := []string{"fit", "new", "quickstart", "--rule", "all", "--bootstrap", "100", "--group-by", "model"}
	o := fails(t, w.getenv, exitRefused, []string{"refused: icons-test/top1_error on icons-w4, rule all: ", "[too_few_points]"}, append(args, "-o", "json")...)
	for _, f := range decode[[]fitView](t, o.out) {
		if f.Status != "refused" || f.Reason.Code != "too_few_points" {
			t.Errorf("%+v", f)
		}
		for _, asked := range []string{"--compute=1e3", "--error=0.3"} {
			equal(t, "no header without rows", fails(t, w.getenv, exitRefused, []string{"[too_few_points]"}, "predict", f.Fit, asked).out, "")
		}
	}
	fails(t, w.getenv, exitRefused, []string{"[too_few_points]"}, args...)
}

func TestCoefficients(t *testing.T) {
	w := newWorld(t)
	first := decode[fitView](t, w.fit(t).out)
	second := decode[fitView](t, w.fit(t, "--seed", "7").out)
	newest := decode[[]fitView](t, succeeds(t, w.getenv, "coefficients", "-o", "json").out)
	if len(newest) != 1 || newest[0].Fit != second.Fit {
		t.Errorf("the newest is %+v, want %s", newest, second.Fit)
	}
	for _, verb := range [][]string{{"coefficients"}, {"fit", "list"}} {
		all := decode[[]fitView](t, succeeds(t, w.getenv, append(verb, "--all", "-o", "json")...).out)
		if len(all) != 2 || all[1].Fit != first.Fit {
			t.Errorf("%v --all: %+v", verb, all)
		}
		for _, none := range []string{"--sweep=other", "--metric=a/b", "--law=shifted", "--rule=pareto"} {
			equal(t, none, succeeds(t, w.getenv, append(verb, none, "-o", "json")...).out, "[]\n")
		}
	}
	rows, err := csv.NewReader(strings.NewReader(succeeds(t, w.getenv, "coefficients", "-o", "csv").out)).ReadAll()
	if err != nil || len(rows) != 3 {
		t.Fatalf("%v, %v", rows, err)
	}
	equal(t, "alpha in CSV", rows[1][5:7], []string{"alpha", fmt.Sprint(second.Coefficients[0].Value)})
	equal(t, "the fit in CSV, which is not stale", rows[1][len(rows[1])-2:], []string{second.Fit, ""})
	has(t, "coefficients", succeeds(t, w.getenv, "coefficients").out, "quickstart", "alpha", "-0.15", "14/14", shortID(second.Fit))
}

// Every point is traced to its runs, and those that are no point say why.
func TestFitShow(t *testing.T) {
	w := newWorld(t)
	f := decode[fitView](t, w.fit(t).out)
	equal(t, "fit show -o json", decode[fitView](t, succeeds(t, w.getenv, "fit", "show", f.Fit[:10], "-o", "json").out), f)
	whole := decode[recordView](t, succeeds(t, w.getenv, "fit", "show", f.Fit, "-o", "json").out)
	if len(whole.Inputs) != 16 || whole.Options.Bootstrap != 100 || whole.Select != "best" || whole.Inputs[0].Runs[0] == "" {
		t.Errorf("the whole record: %+v", whole)
	}
	o := succeeds(t, w.getenv, "fit", "show", f.Fit[:10])
	for i, r := range w.runs {
		has(t, fmt.Sprintf("run %d", i), o.out, shortID(r.ID))
	}
	has(t, "fit show", o.out, "exit status 1  out of luck", "diverged: the loss is NaN")
}

func TestPredict(t *testing.T) {
	w := newWorld(t)
	f := decode[fitView](t, w.fit(t).out)
	for _, args := range [][]string{{"--compute", "1e4,1e5"}, {"--compute", "1e4", "1e5"}, {"--compute", "1e4", "--compute", "1e5"}} {
		v := decode[fitView](t, succeeds(t, w.getenv, append([]string{"predict", f.Fit[:10], "-o", "json"}, args...)...).out)
		if len(v.Predictions) != 2 {
			t.Fatalf("%v: %+v", args, v.Predictions)
		}
		for i, c := range []float64{1e4, 1e5} {
			p := v.Predictions[i]
			near(t, "prediction", p.Value, trueError(c), 1e-9)
			if p.C != c || !(p.RunInterval[0] <= p.Value+1e-9 && p.Value-1e-9 <= p.RunInterval[1]) {
				t.Errorf("%+v", p)
			}
		}
	}
	o := succeeds(t, w.getenv, "predict", f.Fit[:10], "--compute", "1e9")
	has(t, "predict", o.out, "LAW LOWER", fmt.Sprintf("%.4g", trueError(1e9)))
	has(t, "far beyond the points", o.err, "warning: ", "[extrapolation]")
	fails(t, w.getenv, exitBadInput, []string{"positive and finite"}, "predict", f.Fit[:10], "--compute", "-1")
}

// Some refused and some fitted is no failure; all refused is, and none asked for is not.
func TestRefusals(t *testing.T) {
	ok := fit.Record{Result: fit.Result{Status: "ok"}}
	no := fit.Record{Metric: "a/b", Options: fit.Options{Rule: "all"}, Result: fit.Result{Status: "refused", Reason: &fit.Note{Code: "narrow_range", Text: "too narrow"}}}
	for _, c := range []struct {
		fits []fit.Record
		code int
		said int
	}{{nil, 0, 0}, {[]fit.Record{ok}, 0, 0}, {[]fit.Record{ok, no, no}, 0, 2}, {[]fit.Record{no}, 3, 1}} {
		var errs strings.Builder
		err := (&app{stderr: &errs}).refusals(c.fits)
		if got := exitCode(err); got != c.code || strings.Count(errs.String(), "refused: a/b, rule all: too narrow [narrow_range]\n") != c.said {
			t.Errorf("%d fits: exit code %d, want %d; stderr %q", len(c.fits), got, c.code, errs.String())
		}
	}
}

// conclude makes the exit code of run and watch: failed runs come before refused fits.
func TestConclusions(t *testing.T) {
	w := newWorld(t)
	w.fit(t)
	for _, c := range []struct {
		name string
		do   func()
		code int
		says string
	}{
		{"two did not make it", func() {}, exitRunsFailed, "2 of 16 runs did not make it"},
		{"cancelled", func() { must(t, w.store.SetSweepState(ctx, "quickstart", sweep.Cancelled, "")) }, exitFailure, ""},
		{"all made it", func() {
			must(t, w.store.SetSweepState(ctx, "quickstart", sweep.Succeeded, ""))
			must(t, w.store.SetRunState(ctx, w.runs[failedRun].ID, sweep.Succeeded, ""))
			must(t, w.store.SetRunState(ctx, w.runs[divergedRun].ID, sweep.Succeeded, ""))
		}, exitDone, ""},
	} {
		c.do()
		var out, errs strings.Builder
		a := &app{stdout: &out, stderr: &errs}
		a.config.Output = "table"
		err := (&session{app: a, store: w.store}).conclude(ctx, "quickstart")
		if got := exitCode(err); got != c.code || !strings.Contains(errs.String(), c.says) {
			t.Errorf("%s: exit code %d (%v), want %d; stderr %q", c.name, got, err, c.code, errs.String())
		}
		has(t, c.name, out.String(), "E = 1.2 C^-0.1500")
	}
}
