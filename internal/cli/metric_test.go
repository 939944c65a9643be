package cli

import (
	"testing"

	"github.com/scalelaw/scalelaw/study"
	"github.com/scalelaw/scalelaw/sweep"
)

// add stores a sweep, none of whose runs was made.
func (w *world) add(t *testing.T, text string) {
	t.Helper()
	spec, err := sweep.Parse([]byte(text), sweep.ParseOptions{})
	must(t, err)
	asJSON, err := specJSON(spec)
	must(t, err)
	plan, err := sweep.Plan(spec, nil, nil)
	must(t, err)
	var runs []sweep.Run
	for _, r := range plan.Runs {
		runs = append(runs, r.Run)
	}
	_, _, err = w.store.CreateSweep(ctx, sweep.SweepRecord{Name: spec.Name, Spec: asJSON, SpecSHA256: "sha"}, runs)
	must(t, err)
}

// Without --metric a fit is about what the sweep itself measures. A metric that it has not is a
// mistake, of which nothing goes on the record.
func TestFitNewMetric(t *testing.T) {
	w := newWorld(t)
	w.add(t, "name: drawn\ntrainer: surface\nsurface: {alpha: -0.12, beta: 6, floor: 0.05, noise: 0.03}\ngrid: {model: [ViT-B-32], data: [LAION-80M], samples_seen: [1M, 2M]}\n")
	for _, metric := range []string{"icons-test/top1_error", "nonsense/foo"} {
		fails(t, w.getenv, exitBadInput, []string{`the sweep drawn has no TASK/METRIC "` + metric + `"; it has surface/top1_error`}, "fit", "new", "drawn", "--metric", metric)
	}
	equal(t, "stored", succeeds(t, w.getenv, "fit", "list", "-o", "json").out, "[]\n")
	o := fails(t, w.getenv, exitRefused, nil, "fit", "new", "drawn", "-o", "json")
	equal(t, "the sweep's own metric", decode[fitView](t, o.out).Metric, "surface/top1_error")
	equal(t, "quickstart's", decode[fitView](t, w.fit(t).out).Metric, "icons-test/top1_error")
	// What was evaluated later is the sweep's, too.
	later := []string{"fit", "new", "quickstart", "--metric", "icons-emoji/top1_error", "-o", "json"}
	fails(t, w.getenv, exitBadInput, []string{"icons-emoji/top1_error", "icons-shift/top1_error"}, later...)
	r := w.runs[0]
	must(t, w.store.AddEvaluations(ctx, []sweep.Evaluation{{RunID: r.ID, Step: r.Steps(), Score: sweep.Score{
		Task: "icons-emoji", Metric: "top1_error", Revision: "r1", Evaluator: "e1", Value: 0.5, Samples: 100}}}))
	fails(t, w.getenv, exitRefused, []string{"[too_few_points]"}, later...)
}

func TestFitNewGroupsAndSelection(t *testing.T) {
	for want, flag := range map[string]string{`group by "bogus": it is one of data, model`: "--group-by", `select "bogus": it is one of best, all`: "--select"} {
		fails(t, environ(t), exitBadInput, []string{want}, "fit", "new", "quickstart", flag, "bogus")
	}
}

// As CSV a fit's coefficients say their warnings, and where predictions are, beside the table.
func TestFitNewAsCSV(t *testing.T) {
	w := newWorld(t)
	o := succeeds(t, w.getenv, "fit", "new", "quickstart", "--rule", "all", "--bootstrap", "100", "--predict", "1e9", "-o", "csv")
	has(t, "stderr", o.err, "warning: ", "[extrapolation]", "--compute C... -o csv")
}

// Guessing and 1-NN are known of icons alone.
func TestBaselines(t *testing.T) {
	for metric, want := range map[string]bool{"icons-test/top1_error": true, "test/top1_error": false, "icons-test/top5_error": false, "surface/top1_error": false} {
		if _, _, ok := study.Baselines(metric); ok != want {
			t.Errorf("%s: %v", metric, ok)
		}
	}
}
