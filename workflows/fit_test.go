package workflows

import (
	"context"
	"fmt"
	"reflect"
	"testing"

	"github.com/scalelaw/scalelaw/activities"
	"github.com/scalelaw/scalelaw/sweep"
)

func TestFitWorkflow(t *testing.T) {
	for _, c := range []struct {
		class string
		calls int
		fails bool
	}{{"", 1, false}, {activities.ClassTransient, shortTries, true}, {activities.ClassBadInput, 1, true}} {
		h := newHouse(t)
		if c.class != "" {
			h.fitErr = failure(c.class)
		}
		in := FitInput{Sweep: "s", Asks: []sweep.FitAsk{{Metric: "m", Rule: "all"}}, Record: true}
		h.env.ExecuteWorkflow(FitWorkflow, in)
		if err := h.env.GetWorkflowError(); (err != nil) != c.fails || len(h.fitted) != c.calls || !reflect.DeepEqual(h.fitted[0], in) {
			t.Errorf("%s: %v after %d fits of %+v, want %d", c.class, err, len(h.fitted), h.fitted[0], c.calls)
			continue
		}
		var got activities.FitResult
		if !c.fails && (h.env.GetWorkflowResult(&got) != nil || len(got.Fits) != 1 || got.Fits[0].ID != "f") {
			t.Errorf("got %+v", got)
		}
	}
}

// keeps makes cells of a sweep with one kept checkpoint each, but the first, with two.
func (h *house) keeps(cells int) {
	h.env.OnActivity(a.KeptCheckpoints, anything, anything).Return(func(_ context.Context, in activities.KeptInput) (page activities.KeptPage, _ error) {
		for i := in.From; i < min(in.From+in.Limit, cells); i++ {
			page.Cells++
			if i == 0 {
				page.Checkpoints = append(page.Checkpoints, activities.KeptCheckpoint{RunID: "run0", Step: 10})
			}
			page.Checkpoints = append(page.Checkpoints, activities.KeptCheckpoint{RunID: fmt.Sprint("run", i), Step: 20})
		}
		return page, nil
	})
}

func TestEvaluateWorkflow(t *testing.T) {
	for _, c := range []struct {
		cells  int
		from   int
		class  string
		want   EvaluateResult
		calls  int
		before EvaluateResult
	}{
		{cells: 0},
		{cells: 3, want: EvaluateResult{Checkpoints: 4}, calls: 4},
		{cells: pageSize, want: EvaluateResult{Checkpoints: pageSize + 1}, calls: pageSize + 1},
		{cells: 3, class: activities.ClassBadInput, want: EvaluateResult{Checkpoints: 4, Failed: 4}, calls: 4},
		{cells: 2, class: activities.ClassTransient, want: EvaluateResult{Checkpoints: 3, Failed: 3}, calls: 3 * shortTries},
		{cells: pageSize + 3, from: pageSize, before: EvaluateResult{Checkpoints: 9, Failed: 1}, want: EvaluateResult{Checkpoints: 12, Failed: 1}, calls: 3},
	} {
		h := newHouse(t)
		h.keeps(c.cells)
		if c.class != "" {
			h.evaluateErr = failure(c.class)
		}
		h.env.ExecuteWorkflow(EvaluateWorkflow, EvaluateInput{Sweep: "s", Tasks: []string{"icons-shift"}, From: c.from, Done: c.before})
		var got EvaluateResult
		if err := h.env.GetWorkflowResult(&got); err != nil || got != c.want || len(h.evaluated) != c.calls {
			t.Errorf("%+v: got %+v, %v after %d evaluations", c, got, err, len(h.evaluated))
		}
	}
}
