package web

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/scalelaw/scalelaw/store"
	"github.com/scalelaw/scalelaw/sweep"
)

// runsFake has runs by their ids.
type runsFake struct {
	fake
	runs    map[string]store.RunDetail
	metrics []sweep.Metric
	asked   store.RunFilter
}

func (f *runsFake) RunDetail(_ context.Context, prefix string) (store.RunDetail, error) {
	for id, d := range f.runs {
		if strings.HasPrefix(id, prefix) {
			return d, nil
		}
	}
	return store.RunDetail{}, fmt.Errorf("run %q: %w", prefix, sweep.ErrNotFound)
}

func (f *runsFake) MetricsPage(_ context.Context, _ string, _ []string, p store.Page) (store.Listed[sweep.Metric], error) {
	if p.After == "broken" {
		return store.Listed[sweep.Metric]{}, sweep.ErrBadInput
	}
	from := 0
	fmt.Sscan(p.After, &from)
	to := min(from+3, len(f.metrics))
	out := store.Listed[sweep.Metric]{Rows: f.metrics[from:to]}
	if to < len(f.metrics) {
		out.Next = fmt.Sprint(to)
	}
	return out, nil
}

func (f *runsFake) Curve(_ context.Context, id, name string, _ int) ([]store.CurvePart, error) {
	if name != "loss" {
		return nil, nil
	}
	return []store.CurvePart{{Step: 10, SamplesSeen: 640, Mean: 4, Low: 3, High: 5, Values: 10}, {Step: 20, SamplesSeen: 1280, Mean: 2, Low: 1, High: 3, Values: 10}}, nil
}

func (f *runsFake) Gallery(_ context.Context, id string) (Gallery, error) { return galleryFake{}, nil }

type galleryFake struct{}

func (galleryFake) Len() int { return 30 }
func (galleryFake) Seen(i, texts int) Seen {
	return Seen{Icon: i, Class: "moon", Texts: []Near{{"moon", 0.9, true}, {"<sun>", 0.5, false}}}
}
func (galleryFake) Search(words string, n int) ([]Found, []string, error) {
	if words == "xyzzy" {
		return nil, nil, fmt.Errorf("%w: the model knows none of the words %q", sweep.ErrBadInput, words)
	}
	return []Found{{7, "a <moon>", 0.8}}, strings.Fields(words), nil
}

const firstRun, secondRun = "aaaa1111aaaa1111aaaa1111", "bbbb2222bbbb2222bbbb2222"

func detail(id string, rate float64) store.RunDetail {
	data, _ := sweep.LookupDataset("icons-6k")
	run := sweep.Run{ID: id, Trainer: "clip", TrainerRevision: "clip-2", Model: sweep.NewLadder(8), Data: data, SamplesSeen: 128_000, ActualSamplesSeen: 128_000,
		Recipe: sweep.Recipe{BatchSize: 128, LearningRate: rate, Schedule: "cosine", Precision: "fp32"}, GMACsPerSample: 1e-4, GMACsTotal: 12.8, Checkpoints: 1}
	loss := 1.25
	score := sweep.Evaluation{RunID: id, Step: 1000, Score: sweep.Score{Task: "icons-test", Metric: "top1_error", Value: 0.5, Samples: 2600}}
	return store.RunDetail{
		RunSummary: sweep.RunSummary{Run: run, State: sweep.Failed, Reason: "out of <memory>", Step: 20, Attempts: 1, Loss: &loss, Scores: []sweep.Evaluation{score}},
		Sweeps:     []string{"quick start"}, Tries: []sweep.Attempt{{RunID: id, Number: 1, Worker: "w", StartedAt: time.Now(), Outcome: sweep.Failed, Error: "boom"}},
		Checkpoints: []sweep.Checkpoint{{RunID: id, Step: 1000, Kept: true, Weights: sweep.Artifact{URI: "file:///x", SHA256: "0123456789abcdef", Bytes: 5}}},
		Evaluations: []sweep.Evaluation{score}, Exclusions: []store.Exclusion{{RunID: id, Author: "eve", Reason: "odd", CreatedAt: time.Now()}}, Fits: []string{"f00d"},
	}
}

func twoRuns() *runsFake {
	f := &runsFake{runs: map[string]store.RunDetail{firstRun: detail(firstRun, 1e-3), secondRun: detail(secondRun, 2e-3)}}
	for i := range 8 {
		f.metrics = append(f.metrics, sweep.Metric{Name: "loss", Step: int64(i), Value: float64(i)})
	}
	f.metrics[7].Value = math.NaN()
	return f
}

func contains(t *testing.T, what, text string, all ...string) {
	t.Helper()
	for _, want := range all {
		if !strings.Contains(text, want) {
			t.Errorf("%s: no %q in\n%s", what, want, text)
		}
	}
}

func TestRunPage(t *testing.T) {
	h, _ := serve(t, twoRuns())
	contains(t, "run", get(h, "/runs/aaaa?measure=grad_norm&log=y").Body.String(), "out of &lt;memory&gt;", "icons-w8", "/sweeps/quick%20start", "excluded from fits", "boom",
		"icons-test/top1_error", "recipe.learning_rate", "0.001", firstRun, "/fits/f00d", "/gallery", "curve.svg?log=y&amp;measure=grad_norm&amp;theme=dark", "128K")
	var page map[string]any
	if err := json.Unmarshal(get(h, "/runs/aaaa", "Accept", "application/json").Body.Bytes(), &page); err != nil || page["id"] != firstRun || page["excluded"] != true {
		t.Errorf("%v, %v", page, err)
	}
	for path, status := range map[string]int{"/runs/cccc": 404, "/runs/aaaa?measure=x": 400, "/runs/aaaa?against=x": 400, "/runs/aaaa/curve.svg?measure=x": 400} {
		if got := get(h, path).Code; got != status {
			t.Errorf("%s: %d, want %d", path, got, status)
		}
	}
	contains(t, "curve", get(h, "/runs/aaaa/curve.svg?against=steps").Body.String(), "Optimizer steps", "loss (nats)", `data-run="`+firstRun)
	contains(t, "empty curve", get(h, "/runs/aaaa/curve.svg?measure=grad_norm").Body.String(), "Nothing was logged yet")
}

func TestCompare(t *testing.T) {
	h, _ := serve(t, twoRuns())
	contains(t, "nothing named", get(h, "/compare").Body.String(), "Name two runs or more")
	body := get(h, "/compare?run=aaaa&run=bbbb&run=aaaa&run=").Body.String()
	contains(t, "compare", body, "recipe.learning_rate", "0.001", "0.002", "icons-test/top1_error", "/compare/curve.svg?")
	differ, same, _ := strings.Cut(body, "What is the same")
	if strings.Contains(differ, "recipe.batch_size") || !strings.Contains(same, "recipe.batch_size") {
		t.Error("what is the same stands among what differs")
	}
	contains(t, "curves", get(h, "/compare/curve.svg?run=aaaa&run=bbbb").Body.String(), firstRun, secondRun)
	if got := get(h, "/compare?run=1&run=2&run=3&run=4&run=5&run=6&run=7").Code; got != 400 {
		t.Error(got)
	}
}

func TestGalleryPage(t *testing.T) {
	h, _ := serve(t, twoRuns())
	contains(t, "seen", get(h, "/runs/aaaa/gallery").Body.String(), "moon", "&lt;sun&gt;", "from=24", "· right")
	contains(t, "rest", get(h, "/runs/aaaa/gallery?from=24").Body.String(), `src="/icons/29"`)
	contains(t, "beyond", get(h, "/runs/aaaa/gallery?from=99").Body.String(), "none from 99 on")
	contains(t, "found", get(h, "/runs/aaaa/gallery?words=new+moon").Body.String(), "Nearest to “new moon”", "a &lt;moon&gt;", `src="/icons/7"`)
	for _, bad := range []string{"from=-1", "from=x", "words=xyzzy", "words=" + strings.Repeat("a", 501)} {
		if got := get(h, "/runs/aaaa/gallery?"+bad).Code; got != 400 {
			t.Errorf("%s: %d", bad, got)
		}
	}
}

// As JSON a part with its cursor; as CSV and NDJSON everything, over all parts.
func TestBulk(t *testing.T) {
	h, _ := serve(t, twoRuns())
	var part store.Listed[metricRow]
	if err := json.Unmarshal(get(h, "/runs/aaaa/metrics").Body.Bytes(), &part); err != nil || len(part.Rows) != 3 || part.Next != "3" {
		t.Errorf("%+v, %v", part, err)
	}
	csv := get(h, "/runs/aaaa/metrics?format=csv")
	if lines := strings.Split(strings.TrimSpace(csv.Body.String()), "\n"); len(lines) != 9 || lines[0] != "name,step,samples_seen,value" || lines[8] != "loss,7,0,NaN" {
		t.Errorf("%q", lines)
	}
	nd := get(h, "/runs/aaaa/metrics", "Accept", "application/x-ndjson")
	if lines := strings.Split(strings.TrimSpace(nd.Body.String()), "\n"); len(lines) != 8 || !strings.HasSuffix(lines[7], `"value":null}`) || nd.Header().Get("Content-Type") != "application/x-ndjson" {
		t.Errorf("%q", lines)
	}
	for _, bad := range []string{"limit=0", "limit=x", "limit=100000", "after=broken"} {
		if got := get(h, "/runs/aaaa/metrics?"+bad).Code; got != 400 {
			t.Errorf("%s: %d", bad, got)
		}
	}
}

func (f *runsFake) RunList(_ context.Context, q store.RunFilter, p store.Page) (store.Listed[store.RunRow], error) {
	f.asked = q
	if q.Model == "none" {
		return store.Listed[store.RunRow]{Rows: []store.RunRow{}}, nil
	}
	value := 0.5
	if q.Metric == "other/error" {
		return store.Listed[store.RunRow]{Rows: []store.RunRow{{ID: firstRun, State: sweep.Succeeded}}}, nil
	}
	return store.Listed[store.RunRow]{Next: "c2", Rows: []store.RunRow{{ID: firstRun, Model: "icons-<w8>", Data: "icons-6k", SamplesSeen: 128_000, State: sweep.Failed, Reason: "out of luck", Step: 3, Steps: 9, Score: &value}}}, nil
}

func (f *runsFake) SweepSummary(_ context.Context, name string) (sweep.SweepSummary, error) {
	if name != "quick" {
		return sweep.SweepSummary{}, fmt.Errorf("sweep %q: %w", name, sweep.ErrNotFound)
	}
	return sweep.SweepSummary{SweepRecord: sweep.SweepRecord{Name: name}}, nil
}

func TestRunListPage(t *testing.T) {
	f := twoRuns()
	h, _ := serve(t, f)
	body := get(h, "/sweeps/quick/runs?state=failed&sort=compute&samples=128000").Body.String()
	contains(t, "runs", body, "icons-&lt;w8&gt;", "out of luck", "3 of 9", "Compare those marked", `aria-sort="ascending"`, "sort=-compute", "after=c2", "format=csv&amp;samples=128000&amp;sort=compute", "<option selected>failed")
	if want := (store.RunFilter{Sweep: "quick", State: "failed", Sort: "compute", Samples: 128_000, Metric: defaultMetric}); f.asked != want {
		t.Errorf("asked for %+v, want %+v", f.asked, want)
	}
	if strings.Contains(body, "was scored on") {
		t.Error("a score is shown, and said to be missing")
	}
	contains(t, "a metric without values", get(h, "/runs?metric=other/error").Body.String(), "None of these runs was scored on other/error")
	contains(t, "none", get(h, "/runs?model=none").Body.String(), "No run answers to this", "All runs")
	for path, status := range map[string]int{"/sweeps/other/runs": 404, "/runs?samples=x": 400, "/runs?limit=x": 400} {
		if got := get(h, path).Code; got != status {
			t.Errorf("%s: %d, want %d", path, got, status)
		}
	}
}
