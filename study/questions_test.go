package study

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/scalelaw/scalelaw/fit"
	"github.com/scalelaw/scalelaw/sweep"
)

// scored is a run of model m on data d with a learning rate, a seed and a score.
func scored(id, model, data string, rate float64, seed int64, value float64) sweep.ScoredRun {
	r := sweep.ScoredRun{Run: sweep.Run{
		ID: id, Model: sweep.Model{Name: model}, Data: sweep.Dataset{Name: data}, ActualSamplesSeen: 80, GMACsTotal: 1000, Seed: seed,
		Recipe: sweep.Recipe{BatchSize: 8, LearningRate: rate},
	}, State: sweep.Succeeded}
	r.Score = &sweep.Evaluation{RunID: id, Step: 10, Score: sweep.Score{Revision: "rev 1", Evaluator: "fake 1", Value: value}}
	return r
}

// said is what a question's evidence comes to, a line each.
func said(r fit.Record) []string {
	var lines []string
	for _, e := range r.Inputs {
		lines = append(lines, fmt.Sprintf("%s %.4g %v %s", e.ID, e.E, e.Runs, e.Reason))
	}
	return lines
}

func TestQuestionsOfBest(t *testing.T) {
	failed := scored("f", "m", "d", 1, 0, 0)
	failed.Score, failed.Reason = nil, "failed: out of memory"
	runs := []sweep.ScoredRun{
		scored("a0", "m", "d", 1, 0, 0.5), scored("b0", "m", "d", 2, 0, 0.2), scored("a1", "m", "d", 1, 1, 0.7), scored("b1", "m", "d", 2, 1, 0.4),
		scored("c0", "m2", "d", 1, 0, 0.1), failed, scored("z", "m", "d", 3, 0, 0),
	}
	records := Questions("s", runs, sweep.FitAsk{Metric: "easy/top1_error", Rule: "pareto", Law: "power", Select: "best"})
	if len(records) != 1 {
		t.Fatalf("%d records", len(records))
	}
	want := []string{
		"f 0 [f] failed: out of memory",
		"z 0 [z] its error is 0, which a power law cannot have",
		"a0 0 [a0] another recipe is better on m on d, 80 samples seen: mean error 0.3 instead of 0.6",
		"a1 0 [a1] another recipe is better on m on d, 80 samples seen: mean error 0.3 instead of 0.6",
		"m on d, 80 samples seen 0.3 [b0 b1] ",
		"c0 0.1 [c0] ",
	}
	if got := said(records[0]); !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	r := records[0]
	if p := r.Inputs[4]; p.C != 1000 || p.Step != 10 || p.Revision != "rev 1" || p.Evaluator != "fake 1" {
		t.Errorf("evidence %+v", p)
	}
	if r.Sweep != "s" || r.Metric != "easy/top1_error" || r.Select != "best" || r.Options.Convention != sweep.ComputeConvention || r.Options.Pad != fit.DefaultPad {
		t.Errorf("question %+v", r)
	}
}

// With select all every run is a point, and the runs of a cell are drawn together.
func TestQuestionsOfAll(t *testing.T) {
	runs := []sweep.ScoredRun{scored("a", "m", "d", 1, 0, 0.5), scored("b", "m", "d", 2, 0, 0.2), scored("c", "m2", "d", 1, 0, 0.1)}
	r := Questions("s", runs, sweep.FitAsk{Metric: "easy/top1_error", Select: "all"})[0]
	if got := said(r); !slices.Equal(got, []string{"a 0.5 [a] ", "b 0.2 [b] ", "c 0.1 [c] "}) || r.Select != "all" {
		t.Errorf("%v, select %s", got, r.Select)
	}
	if a, b, c := r.Inputs[0].Cluster, r.Inputs[1].Cluster, r.Inputs[2].Cluster; a != b || a == c || a == "" {
		t.Errorf("clusters %q %q %q", a, b, c)
	}
}

func TestQuestionsByGroup(t *testing.T) {
	runs := []sweep.ScoredRun{scored("a", "m1", "d2", 1, 0, 0.5), scored("b", "m2", "d1", 1, 0, 0.2), scored("c", "m1", "d1", 1, 0, 0.1)}
	for by, want := range map[string]string{"": ":a b c", "data": "d2:a d1:b c", "model": "m1:a c m2:b"} {
		var got []string
		for _, r := range Questions("s", runs, sweep.FitAsk{Metric: "easy/top1_error", GroupBy: by}) {
			var ids []string
			for _, e := range r.Inputs {
				ids = append(ids, e.ID)
			}
			got = append(got, groupName(r)+":"+strings.Join(ids, " "))
		}
		if text := strings.Join(got, " "); text != want {
			t.Errorf("by %q: %s, want %s", by, text, want)
		}
	}
}

func TestErrorsOfMetrics(t *testing.T) {
	for _, test := range []struct {
		metric string
		value  float64
		e      float64
		reason string
	}{
		{"easy/top1_error", 0.25, 0.25, ""},
		{"easy/top1_error", 1, 1, ""},
		{"icons-retrieval/image_recall@5", 0.75, 0.25, ""},
		{"easy/accuracy", 0.75, 0.25, ""},
		{"recall/top1_error", 0.75, 0.75, ""}, // a task's name says nothing
		{"easy/accuracy", 1, 0, "its error is 0, which a power law cannot have"},
		{"easy/accuracy", 75, 0, "its error is -74, which is no fraction above 0"},
		{"easy/top1_error", 25, 0, "its error is 25, which is no fraction above 0"},
		{"easy/top1_error", math.NaN(), 0, "its error is NaN, which is no fraction above 0"},
	} {
		e := Questions("s", []sweep.ScoredRun{scored("a", "m", "d", 1, 0, test.value)}, sweep.FitAsk{Metric: test.metric})[0].Inputs[0]
		if math.Abs(e.E-test.e) > 1e-12 || e.Reason != test.reason {
			t.Errorf("%s of %g: %g, %q", test.metric, test.value, e.E, e.Reason)
		}
	}
}

// A mean over seeds keeps every seed's score, with the checkpoint that it was measured on.
func TestScoresBehindAMean(t *testing.T) {
	one, two := scored("a0", "m", "d", 1, 0, 0.5), scored("a1", "m", "d", 1, 1, 0.7)
	one.Checkpoint, two.Checkpoint, two.Score.Revision = "sha 0", "sha 1", "rev 2"
	r := Questions("s", []sweep.ScoredRun{one, two}, sweep.FitAsk{Metric: "easy/top1_error"})[0]
	want := []fit.Score{
		{Run: "a0", Step: 10, Checkpoint: "sha 0", Revision: "rev 1", Evaluator: "fake 1", Value: 0.5},
		{Run: "a1", Step: 10, Checkpoint: "sha 1", Revision: "rev 2", Evaluator: "fake 1", Value: 0.7},
	}
	if got := r.Inputs[0].Scores; len(r.Inputs) != 1 || !slices.Equal(got, want) {
		t.Errorf("scores %+v", got)
	}
}

func groupName(r fit.Record) string {
	if r.Options.Group == nil {
		return ""
	}
	return *r.Options.Group
}
