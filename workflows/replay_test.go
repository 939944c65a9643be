package workflows

import (
	"log/slog"
	"os"
	"path/filepath"
	"testing"

	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"
)

// TestReplay replays every recorded history against the code as it is: a change that would
// break workflows that run now fails here.
func TestReplay(t *testing.T) {
	files, err := filepath.Glob("testdata/replay/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no histories to replay (%v); testdata/replay/README.md says how to record them", err)
	}
	found := map[string]int{}
	for _, file := range files {
		h := readHistory(t, file)
		first := h.Events[0].GetWorkflowExecutionStartedEventAttributes()
		found[first.GetWorkflowType().GetName()]++
		if h.Events[len(h.Events)-1].GetWorkflowExecutionContinuedAsNewEventAttributes() != nil {
			found["a history that continues as new"]++
		}
		if first.GetContinuedExecutionRunId() != "" {
			found["a history that was continued"]++
		}
		t.Run(filepath.Base(file), func(t *testing.T) {
			if err := replay(h); err != nil {
				t.Error(err)
			}
		})
	}
	for _, kind := range []string{
		"SweepWorkflow", "RunWorkflow", "FitWorkflow", "EvaluateWorkflow", "a history that continues as new", "a history that was continued",
	} {
		if found[kind] == 0 {
			t.Errorf("no history of %s is recorded", kind)
		}
	}
}

// A replay of other code must fail, or TestReplay could not.
func TestReplayNoticesChange(t *testing.T) {
	h := readHistory(t, "testdata/replay/trained-run-1.json")
	changed := func(ctx workflow.Context, in RunInput) (RunResult, error) { return RunResult{}, ctx.Err() }
	if err := replayAs(h, func(r worker.WorkflowReplayer) {
		r.RegisterWorkflowWithOptions(changed, workflow.RegisterOptions{Name: "RunWorkflow"})
	}); err == nil {
		t.Error("a RunWorkflow that does nothing replays")
	}
}

func readHistory(t *testing.T, file string) *historypb.History {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	h, err := client.HistoryFromJSON(f, client.HistoryJSONOptions{})
	if err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	return h
}

func replay(h *historypb.History) error {
	return replayAs(h, func(r worker.WorkflowReplayer) {
		r.RegisterWorkflow(SweepWorkflow)
		r.RegisterWorkflow(RunWorkflow)
		r.RegisterWorkflow(FitWorkflow)
		r.RegisterWorkflow(EvaluateWorkflow)
	})
}

// replayAs replays under the history's own workflow id: ids of children are made from it.
func replayAs(h *historypb.History, register func(worker.WorkflowReplayer)) error {
	r := worker.NewWorkflowReplayer()
	register(r)
	first := h.Events[0].GetWorkflowExecutionStartedEventAttributes()
	return r.ReplayWorkflowHistoryWithOptions(log.NewStructuredLogger(slog.New(slog.DiscardHandler)), h, worker.ReplayWorkflowHistoryOptions{
		OriginalExecution: workflow.Execution{ID: first.GetWorkflowId(), RunID: first.GetOriginalExecutionRunId()},
	})
}
