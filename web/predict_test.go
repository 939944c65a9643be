package web

import (
	"math"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/scalelaw/scalelaw/fit"
	"github.com/scalelaw/scalelaw/store"
	"github.com/scalelaw/scalelaw/study"
)

// The page's numbers are those of the law that it names, and its cell is one that can be trained.
func TestPredict(t *testing.T) {
	b := newOpenCLIP(t)
	h, _ := serve(t, b)
	got := decoded[struct {
		Predictions []struct {
			fit.Prediction
			Cell study.Cell
		}
		Reached []study.Reached
	}](t, get(h, "/sweeps/openclip/predict?rule=pareto&at=1e13&error=0.2", "Accept", "application/json"))
	p := got.Predictions[0]
	if want := 5.884 * math.Pow(1e13, -0.1110); math.Abs(p.Value/want-1) > 3e-3 || !(p.RunInterval[0] < p.LawInterval[0] && p.LawInterval[1] < p.RunInterval[1]) {
		t.Errorf("%+v, want about %g", p.Prediction, want)
	}
	if p.Cell.Model == "" || p.Cell.Data == "" || math.Abs(float64(p.Cell.Samples)*p.Cell.GMACsPerSample/1e13-1) > 1e-6 {
		t.Errorf("%+v", p.Cell)
	}
	if r := got.Reached[0]; r.Status != "ok" || !(r.C > 1e13) || r.Cell == nil {
		t.Errorf("%+v", r)
	}
	page := get(h, "/sweeps/openclip/predict?rule=pareto&at=1e13").Body.String()
	contains(t, "page", page, "Expected error", "A new run", "Train", "Register this prediction", "--compute 1e&#43;13")
	contains(t, "without a question", waited(h, "/sweeps/openclip/predict").Body.String(), "Name an amount of compute", "None. A prediction")
	contains(t, "a refused law", get(h, "/sweeps/openclip/predict?law=power-floor&at=1e13").Body.String(), "No law:", "eps is not determined")
}

func TestAPredictionIsRegisteredAndScored(t *testing.T) {
	b := newOpenCLIP(t)
	h, _ := serve(t, b)
	if w := post(h, "/sweeps/openclip/predict", url.Values{"rule": {"pareto"}}); w.Code != http.StatusBadRequest || !strings.Contains(w.Body.String(), "the compute of the prediction is needed") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	w := post(h, "/sweeps/openclip/predict", url.Values{"rule": {"pareto"}, "at": {"1e13"}})
	if w.Code != http.StatusSeeOther || len(b.promises) != 1 || len(b.fits) != 1 || b.promises[0].Tolerance != store.ComputeTolerance || b.promises[0].C != 1e13 {
		t.Fatalf("%d %+v", w.Code, b.promises)
	}
	contains(t, "list", get(h, "/predictions").Body.String(), "waits for its run", "/fits/"+b.fits[0].ID)
	run, observed, no := b.studies["openclip"][0].ID, 0.3, false
	b.promises[0].RunID, b.promises[0].Observed, b.promises[0].Inside = &run, &observed, &no
	contains(t, "list", get(h, "/predictions").Body.String(), "outside", "/runs/"+run)
}

// A stored fit shows its record, its figure and its runs; two are compared, one is made again.
func TestStoredFits(t *testing.T) {
	b := newOpenCLIP(t)
	h, _ := serve(t, b)
	for _, rule := range []string{"pareto", "binned-minima"} {
		if w := post(h, "/sweeps/openclip/law", url.Values{"rule": {rule}}); w.Code != http.StatusSeeOther {
			t.Fatalf("%d %s", w.Code, w.Body)
		}
	}
	one, two := b.fits[0].ID, b.fits[1].ID
	page := get(h, "/fits/"+one[:8])
	contains(t, "page", page.Body.String(), "/runs/0000", "dominated by", b.fits[0].Result.InputsSHA256, "Reproduce", "What changed since", "data-alpha=", "What other rules make", "5.884")
	r := decoded[fitPage](t, get(h, "/fits/"+one, "Accept", "application/json"))
	if len(r.Inputs) != 29 || r.Fit != one || r.Options.Bootstrap != 4000 || r.Coefficients[0].Value != b.fits[0].Result.Coefficients[0].Value {
		t.Errorf("%+v", r.Options)
	}
	contains(t, "difference", get(h, "/fits/"+one+"/diff?with="+two[:10]).Body.String(), "options.rule", "binned-minima", "moved", "Coefficients")
	contains(t, "again", post(h, "/fits/"+one+"/reproduce", nil).Body.String(), "Reproduced:", "the same bytes")
	b.fits[0].Result.Coefficients[0].Value++
	contains(t, "tampered with", post(h, "/fits/"+one+"/reproduce", nil).Body.String(), "Not reproduced:", "fields differ")
	for path, code := range map[string]int{"/fits/nothing": 404, "/fits/" + one + "/diff": 200, "/fits/" + one + "/law.svg": 200, "/fits/nothing/law.svg": 404} {
		if w := get(h, path); w.Code != code {
			t.Errorf("%s: %d, want %d", path, w.Code, code)
		}
	}
}
