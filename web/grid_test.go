package web

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/scalelaw/scalelaw/store"
	"github.com/scalelaw/scalelaw/sweep"
)

// desk is a backend with a study that runs.
type desk struct {
	fake
	runs    []store.GridRun
	acts    []Action
	actErr  error
	audit   []store.AuditRow
	tokens  map[string]store.Token
	authErr error
	lost    error // of every read
}

func (d *desk) SweepSummary(ctx context.Context, name string) (sweep.SweepSummary, error) {
	if d.lost != nil {
		return sweep.SweepSummary{}, d.lost
	}
	return d.fake.SweepSummary(ctx, name)
}

func (d *desk) Studies(ctx context.Context, text string, p store.Page) (store.Listed[store.Study], error) {
	if d.lost != nil {
		return store.Listed[store.Study]{}, d.lost
	}
	return d.fake.Studies(ctx, text, p)
}

func (d *desk) GridRuns(context.Context, string, string, []string) ([]store.GridRun, error) {
	return d.runs, d.lost
}

func (d *desk) Limits(context.Context, string) (sweep.Limits, error) {
	return sweep.Limits{Concurrency: 7}, nil
}

func (d *desk) Act(_ context.Context, _ string, a Action) error {
	d.acts = append(d.acts, a)
	return d.actErr
}

func (d *desk) Audit(_ context.Context, r store.AuditRow) error {
	d.audit = append(d.audit, r)
	return nil
}

func (d *desk) Authenticate(_ context.Context, secret string) (store.Token, error) {
	if d.authErr != nil {
		return store.Token{}, d.authErr
	}
	t, ok := d.tokens[secret]
	if !ok {
		return t, sweep.ErrDenied
	}
	return t, nil
}

func (d *desk) SweepWorkflow(name string) string { return "sweep/" + name }
func (d *desk) RunWorkflow(id string) string     { return "run/" + id }

func (d *desk) Execution(_ context.Context, workflow string) (string, error) {
	if workflow == "run/none" {
		return "", sweep.ErrNotFound
	}
	return "execution-1", nil
}

func (d *desk) Waiting(_ context.Context, name string) bool { return name == "soon" }

func (d *desk) Reach(context.Context) (database, temporal error) { return d.lost, nil }

// aStudy has a run in each state.
func aStudy() *desk {
	score := 0.342
	run := func(i int, id, model string, samples int64, state sweep.State) store.GridRun {
		return store.GridRun{Ordinal: i, RunID: id, Model: model, Data: "icons-6k", SamplesSeen: samples, State: state, Origin: sweep.Planned, GMACs: 100, GMACsPer: 0.01}
	}
	d := &desk{runs: []store.GridRun{
		run(0, "aaa", "icons-w4", 128_000, sweep.Succeeded), run(1, "bbb", "icons-w4", 256_000, sweep.Running),
		run(2, "ccc", "icons-w8", 128_000, sweep.Failed), run(3, "ddd", "icons-w8", 256_000, sweep.Planned), run(4, "eee", "icons-w8", 256_000, sweep.Diverged),
	}}
	d.runs[0].Score, d.runs[0].Progress = &score, 1
	d.runs[1].Progress, d.runs[1].Speed, d.runs[1].Worker, d.runs[1].Device = 0.41, 500, "host/1", "cpu"
	d.runs[2].Reason, d.runs[4].Reason = "out of memory: <script>", "the loss is NaN"
	spec := `{"name": "s", "trainer": "clip", "grid": [{"field": "model", "values": ["icons-w4"]}], "fits": [{"metric": "icons-test/top1_error"}], "limits": {"concurrency": 2}}`
	d.sweeps = []sweep.SweepSummary{{
		SweepRecord: sweep.SweepRecord{Name: "s", State: sweep.Running, Spec: []byte(spec)}, Total: 5, GMACsTotal: 500,
		Counts: map[sweep.State]int{sweep.Succeeded: 1, sweep.Running: 1, sweep.Failed: 1, sweep.Diverged: 1, sweep.Planned: 1},
	}}
	return d
}

func TestGrid(t *testing.T) {
	h, _ := serve(t, aStudy())
	page := get(h, "/sweeps/s").Body.String()
	contains(t, "page", page, "34.2 %", "running 41 %", "failed", "0 of 2 done", "out of memory: &lt;script&gt;", "smaller batch_size", "same recipe diverges again",
		`action="/sweeps/s/pause"`, `action="/sweeps/s/cancel"`, "Retry what failed", "Retry diverged, too", `value="7"`, "1 of 5 runs done", "500 <small>samples/s")
	if strings.Contains(page, `action="/sweeps/s/resume"`) || strings.Contains(page, "style=") {
		t.Error("a study that runs is not resumed, and no style is inline")
	}
	var got gridPage
	if err := json.Unmarshal(get(h, "/sweeps/s", "Accept", "application/json").Body.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(string(got.Study.Spec), "{") {
		t.Errorf("the spec is not JSON: %.40s", got.Study.Spec)
	}
	// 100 done, 41 of 100 run, and 59 + 100 are left at 500 x 0.01 GMACs/s; failed ones are not counted
	if p := got.Pace; p.Running != 1 || p.GMACsPerSecond != 5 || p.GMACsLeft != 159 || p.SecondsLeft != 159.0/5 || len(p.Workers) != 1 {
		t.Errorf("%+v", p)
	}
	over := aStudy()
	over.sweeps[0].State = sweep.Succeeded
	ended, _ := serve(t, over)
	// a page that was opened before the end hides the limits by this mark
	if page, after := page, get(ended, "/sweeps/s").Body.String(); strings.Contains(page, "data-over") || !strings.Contains(page, "Runs at once") || !strings.Contains(after, `<div id="live" data-over`) || strings.Contains(after, "Runs at once") {
		t.Error("limits of a study that ended, or none of one that runs")
	}
	contains(t, "submitted", get(h, "/sweeps/soon").Body.String(), "waits for a worker", "every 2s")
	if w := get(h, "/sweeps/none"); w.Code != http.StatusNotFound {
		t.Errorf("no such study: %d", w.Code)
	}
}

// A study whose cancel is on its way says so and takes no more orders.
func TestGridWhileItIsCancelled(t *testing.T) {
	d := aStudy()
	d.sweeps[0].State = sweep.Cancelling
	h, _ := serve(t, d)
	page := get(h, "/sweeps/s").Body.String()
	contains(t, "page", page, `data-state="cancelling"`)
	for _, action := range []string{"pause", "resume", "cancel"} {
		if strings.Contains(page, `action="/sweeps/s/`+action+`"`) {
			t.Errorf("it can be asked to %s", action)
		}
	}
}

func TestGridOfManySeeds(t *testing.T) {
	d := aStudy()
	d.runs = nil
	for i := range 40 {
		state := sweep.Succeeded
		if i%4 == 3 {
			state = sweep.Failed
		}
		d.runs = append(d.runs, store.GridRun{RunID: strings.Repeat("x", i+1), Model: "m", Data: "d", SamplesSeen: 1000, Seed: int64(i), State: state})
	}
	h, _ := serve(t, d)
	page := get(h, "/sweeps/s").Body.String()
	contains(t, "page", page, "30 of 40 done")
	if n := strings.Count(page, `class="mark"`); n > 0 {
		t.Errorf("%d marks in a cell of 40", n)
	}
	d.runs = nil
	contains(t, "no runs", get(h, "/sweeps/s").Body.String(), "no runs yet")
}

// post sends a form, with headers as name, value, ...
func post(h http.Handler, path string, form url.Values, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(form.Encode()))
	r.Host = "localhost"
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestActions(t *testing.T) {
	d := aStudy()
	h, _ := serve(t, d)
	for _, c := range []struct {
		path string
		form url.Values
		want Action
	}{
		{"pause", nil, Action{Do: Pause}}, {"resume", nil, Action{Do: Resume}}, {"cancel", nil, Action{Do: Cancel}},
		{"retry", url.Values{"diverged": {"1"}}, Action{Do: Retry, Diverged: true}},
		{"concurrency", url.Values{"concurrency": {"3"}}, Action{Do: SetConcurrency, Concurrency: 3}},
		{"budget", url.Values{"gpu_hours": {"2.5"}}, Action{Do: SetBudget, GPUHours: 2.5}},
	} {
		d.acts, d.audit = nil, nil
		w := post(h, "/sweeps/s/"+c.path, c.form)
		if w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/sweeps/s" || len(d.acts) != 1 || d.acts[0] != c.want {
			t.Errorf("%s: %d to %s, %+v", c.path, w.Code, w.Header().Get("Location"), d.acts)
		}
		if len(d.audit) != 1 || d.audit[0].Action != c.want.Do || d.audit[0].Target != "s" || d.audit[0].Outcome != "done" || d.audit[0].Detail != c.want.Detail() ||
			d.audit[0].Actor != "local" || d.audit[0].RequestID != w.Header().Get("X-Request-Id") {
			t.Errorf("%s: %+v", c.path, d.audit)
		}
	}
	if w := post(h, "/sweeps/s/pause", nil, "Accept", "application/json"); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), `"total":5`) {
		t.Errorf("a program is told where the study stands: %d %s", w.Code, w.Body)
	}
}

func TestActionsRefused(t *testing.T) {
	d := aStudy()
	h, _ := serve(t, d)
	for path, form := range map[string]url.Values{
		"/sweeps/s/concurrency": {"concurrency": {"0"}}, "/sweeps/s/budget": {"gpu_hours": {"NaN"}}, "/sweeps/s/retry": {"concurrency": {"x"}},
	} {
		d.audit = nil
		if w := post(h, path, form); w.Code != http.StatusBadRequest || len(d.audit) != 1 || d.audit[0].Outcome != "refused" {
			t.Errorf("%s: %d, %+v", path, w.Code, d.audit)
		}
	}
	if w := post(h, "/sweeps/s/launch", nil); w.Code != http.StatusNotFound {
		t.Errorf("no such action: %d", w.Code)
	}
	if len(d.acts) != 0 {
		t.Errorf("done all the same: %+v", d.acts)
	}
	d.actErr = errors.Join(sweep.ErrUnreachable, errors.New("Temporal is away"))
	if w := post(h, "/sweeps/s/pause", nil); w.Code != http.StatusServiceUnavailable || d.audit[len(d.audit)-1].Outcome != "failed" {
		t.Errorf("%d, %+v", w.Code, d.audit)
	}
	d.actErr = nil
	r := httptest.NewRequest(http.MethodPost, "/sweeps/s/concurrency", strings.NewReader(`{"concurrency": 4}`))
	r.Host = "localhost"
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	if h.ServeHTTP(w, r); d.acts[len(d.acts)-1].Concurrency != 4 {
		t.Errorf("JSON: %d %s", w.Code, w.Body)
	}
}

func TestLinksToTemporal(t *testing.T) {
	d := aStudy()
	s, err := New(d, Options{TemporalUI: "http://ui:8233/", Namespace: "default"})
	if err != nil {
		t.Fatal(err)
	}
	h := s.Handler()
	if to := get(h, "/sweeps/s/temporal").Header().Get("Location"); to != "http://ui:8233/namespaces/default/workflows/sweep%2Fs/execution-1/history" {
		t.Error(to)
	}
	if w := get(h, "/runs/none/temporal"); w.Code != http.StatusNotFound {
		t.Errorf("%d", w.Code)
	}
	without, _ := serve(t, d)
	if w := get(without, "/sweeps/s/temporal"); w.Code != http.StatusNotFound {
		t.Errorf("without a UI: %d", w.Code)
	}
}
