package web

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/scalelaw/scalelaw/sweep"
)

func (d *desk) Plan(_ context.Context, spec *sweep.Spec) (*sweep.PlanResult, error) {
	if d.lost != nil {
		return nil, d.lost
	}
	runs, err := sweep.Plan(spec, nil, nil)
	if err != nil {
		return nil, err
	}
	known := sweep.Known{}
	for _, r := range runs.Runs {
		if spec.Name == "same" {
			known[r.ID] = sweep.KnownRun{State: sweep.Succeeded, Checkpoints: 1}
		}
	}
	return sweep.Plan(spec, known, func(sweep.Run) sweep.Estimate {
		return sweep.Estimate{Seconds: 60, Source: "measured here", Memory: 5 << 20}
	})
}

func (d *desk) Standing(_ context.Context, spec *sweep.Spec) (Standing, error) {
	switch spec.Name {
	case "s":
		return Standing{State: sweep.Running}, nil
	case "same":
		return Standing{State: sweep.Succeeded, Same: true}, nil
	}
	return Standing{}, nil
}

func (d *desk) Submit(_ context.Context, spec *sweep.Spec, extend bool) error {
	do := "submit " + spec.Name
	if extend {
		do = "extend " + spec.Name
	}
	d.acts = append(d.acts, Action{Do: do})
	return d.actErr
}

const small = `name: small
trainer: clip
grid:
  model: [icons-w4, icons-w8]
  data: [icons-6k]
  samples_seen: [128K, 256K]
`

func TestNewSweep(t *testing.T) {
	h, _ := serve(t, aStudy())
	page := get(h, "/new").Body.String()
	contains(t, "page", page, "name: quickstart", "<dd>54", "54 min 00 s", "measured here", "5.0 MiB", "Submit 54 runs", `href="/new?example=icons-ladder"`, `href="/new?study=s"`, `name="cell" value="icons-w4|icons-6k|128000"`)
	for _, example := range []string{"surface", "icons-ladder", "icons-learning-rate", "openclip-2023"} {
		if w := get(h, "/new?example="+example); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "name: "+example) {
			t.Errorf("%s: %d", example, w.Code)
		}
	}
	for _, path := range []string{"/new?example=none", "/new?study=none"} {
		if w := get(h, path); w.Code != http.StatusNotFound {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
}

func TestPlanWhileTyping(t *testing.T) {
	d := aStudy()
	h, _ := serve(t, d)
	plan := func(form url.Values) string {
		w := post(h, "/new/plan", form, "HX-Request", "true")
		if w.Code != http.StatusOK {
			t.Errorf("%v: %d %s", form, w.Code, w.Body)
		}
		return w.Body.String()
	}
	got := plan(url.Values{"file": {strings.ReplaceAll(small, "\n", "\r\n")}})
	contains(t, "plan", got, `id="draft"`, "<dd>4", "Submit 4 runs")
	if strings.Contains(got, "<html") || strings.Contains(got, `id="edited"`) {
		t.Error("more than the plan")
	}
	contains(t, "price", plan(url.Values{"file": {small + "limits: {price_per_device_hour: 3}\n"}}), "<dt>Cost</dt><dd>0.2 ", "at 3 a device hour", "costs 0.05")
	contains(t, "problems", plan(url.Values{"file": {strings.Replace(small, "icons-w8", "icons-w9", 1)}}), `data-line="4" data-column="21"`, "icons-w9", "did you mean")
	contains(t, "no YAML", plan(url.Values{"file": {"a: [<b>"}}), `id="problems"`)
	contains(t, "exists", plan(url.Values{"file": {strings.Replace(small, "small", "s", 1)}}), "exists with another grid", "Extend s to these 4 runs", `name="extend"`)
	contains(t, "same", plan(url.Values{"file": {strings.Replace(small, "small", "same", 1)}}), "is this one", "Submit 4 runs", "nothing is left to train")
	contains(t, "too many", plan(url.Values{"file": {strings.Replace(small, "128K, 256K]", "128K, 256K]\n  seed: ["+numbers(6000)+"]", 1)}}), "more than 20000 cells")
	if len(d.acts)+len(d.audit) > 0 {
		t.Errorf("planning changed something: %v %v", d.acts, d.audit)
	}
}

func numbers(n int) string {
	all := make([]string, n)
	for i := range all {
		all[i] = sweep.WriteCount(int64(i))
	}
	return strings.Join(all, ", ")
}

// The matrix changes the file, and the file the matrix.
func TestMatrixAndFileInStep(t *testing.T) {
	h, _ := serve(t, aStudy())
	form := url.Values{"file": {small}, "by": {"matrix"}, "axis.model": {"icons-w4, icons-w8"}, "axis.data": {"icons-6k"}, "axis.samples_seen": {"128K, 256K"}, "axis.seed": {""},
		"was":  {"on icons-w4|icons-6k|128000", "on icons-w4|icons-6k|256000", "on icons-w8|icons-6k|128000", "on icons-w8|icons-6k|256000"},
		"cell": {"icons-w4|icons-6k|128000", "icons-w4|icons-6k|256000", "icons-w8|icons-6k|128000"}}
	ask := func() draft {
		var d draft
		w := post(h, "/new/plan", form, "Accept", "application/json")
		if err := json.Unmarshal(w.Body.Bytes(), &d); err != nil {
			t.Fatalf("%v: %s", err, w.Body)
		}
		return d
	}
	left := ask()
	if left.Plan == nil || left.Plan.Totals.Runs != 3 || !strings.Contains(left.File, "- {model: icons-w8, data: icons-6k, samples_seen: 256K}") {
		t.Fatalf("a cell left out: %+v", left)
	}
	form.Set("file", left.File)
	form["was"][3] = "off icons-w8|icons-6k|256000"
	form["cell"] = append(form["cell"], "icons-w8|icons-6k|256000")
	if back := ask(); back.Plan.Totals.Runs != 4 || strings.Contains(back.File, "exclude") {
		t.Errorf("taken back: %s", back.File)
	}
	form.Set("axis.samples_seen", "128K 256K 1M")
	form.Set("axis.seed", "0, 1")
	more := ask()
	if more.Plan == nil || more.Plan.Totals.Runs != 12 || !strings.Contains(more.File, "samples_seen: [128K, 256K, 1M]") {
		t.Errorf("wider: %+v", more)
	}
	page := post(h, "/new/plan", form, "HX-Request", "true").Body.String()
	contains(t, "page", page, `id="edited"`, "seed: [0, 1]", "2 runs", `value="icons-w8|icons-6k|1000000"`)
	form.Set("axis.model", "icons-w4, <script>")
	contains(t, "a wrong name", post(h, "/new/plan", form, "HX-Request", "true").Body.String(), "&lt;script&gt;", "problems")
}

func TestSubmit(t *testing.T) {
	d := aStudy()
	h, _ := serve(t, d)
	w := post(h, "/new", url.Values{"file": {small}})
	if w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/sweeps/small" || d.acts[0].Do != "submit small" || d.audit[0].Action != "submit" || d.audit[0].Target != "small" {
		t.Errorf("%d %v, %+v, %+v", w.Code, w.Header(), d.acts, d.audit)
	}
	if w := post(h, "/new", url.Values{"file": {small}, "extend": {"1"}}, "Accept", "application/json"); w.Code != http.StatusOK || d.acts[1].Do != "extend small" || !strings.Contains(w.Body.String(), `"address":"/sweeps/small"`) {
		t.Errorf("%d %s, %+v", w.Code, w.Body, d.acts)
	}
	if w := post(h, "/new", url.Values{"file": {"name: x"}}); w.Code != http.StatusBadRequest || len(d.acts) != 2 || d.audit[2].Outcome != "refused" {
		t.Errorf("%d, %+v", w.Code, d.audit)
	}
}

func FuzzPlanDraft(f *testing.F) {
	f.Add(small, "matrix", "icons-w4, x", "on a|b|5", "a|b|5")
	f.Add("a: &a [*a, *a]", "", "", "", "")
	f.Add("grid: {model: {}}\nexclude: 5", "matrix", "]", "off ||", "||")
	d := aStudy()
	s, err := New(d, Options{Log: discard()})
	if err != nil {
		f.Fatal(err)
	}
	h := s.Handler()
	f.Fuzz(func(t *testing.T, file, by, models, was, cell string) {
		w := post(h, "/new/plan", url.Values{"file": {file}, "by": {by}, "axis.model": {models}, "was": {was}, "cell": {cell}}, "HX-Request", "true")
		if w.Code >= 500 {
			t.Errorf("%d for %q", w.Code, file)
		}
		if strings.Contains(w.Body.String(), "<script") {
			t.Errorf("unescaped: %s", w.Body)
		}
	})
}
