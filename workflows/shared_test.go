package workflows

import (
	"testing"
	"time"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/workflow"

	"github.com/scalelaw/scalelaw/activities"
	"github.com/scalelaw/scalelaw/sweep"
)

// street is a workflow that runs the sweeps a and, half a training later, b.
func street(ctx workflow.Context) (map[string]SweepResult, error) {
	ended := map[string]SweepResult{}
	group := workflow.NewWaitGroup(ctx)
	for i, name := range []string{"a", "b"} {
		group.Add(1)
		workflow.Go(ctx, func(ctx workflow.Context) {
			defer group.Done()
			if err := workflow.Sleep(ctx, time.Duration(i)*trainTakes/2); err != nil {
				return
			}
			ctx = workflow.WithChildOptions(ctx, workflow.ChildWorkflowOptions{WorkflowID: SweepID(name), TaskQueue: TaskQueue})
			var result SweepResult
			if err := workflow.ExecuteChildWorkflow(ctx, SweepWorkflow, SweepInput{Name: name, Spec: spec(name)}).Get(ctx, &result); err == nil {
				ended[name] = result
			}
		})
	}
	group.Wait(ctx)
	return ended, nil
}

// together runs the street's sweeps to their ends.
func (h *house) together(a, b []string) map[string]SweepResult {
	h.t.Helper()
	h.cells = map[string][]string{"a": a, "b": b}
	h.env.SetStartWorkflowOptions(client.StartWorkflowOptions{ID: "street", TaskQueue: TaskQueue})
	h.env.ExecuteWorkflow(street)
	ended := map[string]SweepResult{}
	if err := h.env.GetWorkflowResult(&ended); err != nil {
		h.t.Fatal(err)
	}
	return ended
}

func TestSharedCell(t *testing.T) {
	for _, c := range []struct {
		name string
		do   func(h *house) []*answer
		fate func(string, int) (activities.TrainResult, error)
		a, b sweep.State // of the sweeps
		run  sweep.State
	}{
		{"both want it", func(*house) []*answer { return nil }, nil, sweep.Succeeded, sweep.Succeeded, sweep.Succeeded},
		{"it diverges for both", func(*house) []*answer { return nil }, divergesAlways, sweep.Failed, sweep.Failed, sweep.Diverged},
		{"its parent is cancelled", func(h *house) []*answer { return h.cancelOf("a") }, nil, sweep.Cancelled, sweep.Succeeded, sweep.Succeeded},
		{"the one that joined is cancelled", func(h *house) []*answer { return h.cancelOf("b") }, nil, sweep.Succeeded, sweep.Cancelled, sweep.Succeeded},
		{"both are cancelled", func(h *house) []*answer { return append(h.cancelOf("a"), h.cancelOf("b")...) }, nil, sweep.Cancelled, sweep.Cancelled, sweep.Cancelled},
		{"its parent is paused for an hour", func(h *house) []*answer {
			return []*answer{h.updateOf("a", trainTakes*3/4, UpdatePause), h.updateOf("a", time.Hour, UpdateResume)}
		}, nil, sweep.Succeeded, sweep.Succeeded, sweep.Succeeded},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := newHouse(t)
			h.fate = c.fate
			answers := c.do(h)
			// each has a cell of its own, so that none is over before it is paused or resumed
			ended := h.together([]string{"both", "a1", "a2", "a3"}, []string{"both", "b1"})
			h.accepted(answers...)
			if ended["a"].State != c.a || ended["b"].State != c.b || h.state["both"] != c.run {
				t.Errorf("a ended %+v, b %+v, the run %s; want %s, %s, %s", ended["a"], ended["b"], h.state["both"], c.a, c.b, c.run)
			}
			if h.launched["both"] != 1 || h.tries["both"] > 1 {
				t.Errorf("the run was launched %d times and trained %d times", h.launched["both"], h.tries["both"])
			}
		})
	}
}

func divergesAlways(string, int) (activities.TrainResult, error) { return diverged() }

func (h *house) cancelOf(name string) []*answer {
	return []*answer{h.updateOf(name, trainTakes*3/4, UpdateCancel)}
}
