package workflows

import (
	"go.temporal.io/sdk/workflow"

	"github.com/scalelaw/scalelaw/activities"
)

// FitInput starts a FitWorkflow.
type FitInput = activities.FitInput

// FitWorkflow fits every law asked for and stores the records.
func FitWorkflow(ctx workflow.Context, in FitInput) (activities.FitResult, error) {
	var result activities.FitResult
	err := try(ctx, shortTries, func() workflow.Future { return workflow.ExecuteActivity(fitting(ctx), a.Fit, in) }, &result)
	return result, err
}

// EvaluateInput starts an EvaluateWorkflow.
type EvaluateInput struct {
	Sweep string   `json:"sweep"` // name
	Tasks []string `json:"tasks"`

	// From and Done are set by continue-as-new only.
	From int            `json:"from,omitempty"`
	Done EvaluateResult `json:"done,omitzero"`
}

// EvaluateResult counts what was looked at.
type EvaluateResult struct {
	Checkpoints int `json:"checkpoints"`
	Failed      int `json:"failed"`
}

// EvaluateWorkflow fills in evaluations over the checkpoints that a sweep kept, training
// nothing. Checkpoints that have the scores already take no time.
func EvaluateWorkflow(ctx workflow.Context, in EvaluateInput) (EvaluateResult, error) {
	total := in.Done
	for from := in.From; ; from += pageSize {
		var page activities.KeptPage
		ask := activities.KeptInput{Sweep: in.Sweep, From: from, Limit: pageSize}
		if err := try(ctx, shortTries, func() workflow.Future { return workflow.ExecuteActivity(short(ctx), a.KeptCheckpoints, ask) }, &page); err != nil {
			return total, err
		}
		failed, err := evaluateAll(ctx, page.Checkpoints, in.Tasks)
		if err != nil {
			return total, err
		}
		total.Checkpoints, total.Failed = total.Checkpoints+len(page.Checkpoints), total.Failed+failed
		if page.Cells < pageSize {
			return total, nil
		}
		if workflow.GetInfo(ctx).GetContinueAsNewSuggested() {
			in.From, in.Done = from+pageSize, total
			return total, workflow.NewContinueAsNewError(ctx, EvaluateWorkflow, in)
		}
	}
}

// evaluateAtOnce is how many evaluations are asked for at a time; workers take as many as
// they have room for.
const evaluateAtOnce = 8

func evaluateAll(ctx workflow.Context, checkpoints []activities.KeptCheckpoint, tasks []string) (failed int, err error) {
	open := workflow.NewSemaphore(ctx, evaluateAtOnce)
	group := workflow.NewWaitGroup(ctx)
	for _, c := range checkpoints {
		if err := open.Acquire(ctx, 1); err != nil {
			return failed, err
		}
		group.Add(1)
		workflow.Go(ctx, func(ctx workflow.Context) {
			defer group.Done()
			defer open.Release(1)
			in := activities.EvaluateInput{RunID: c.RunID, Step: c.Step, Tasks: tasks}
			if err := try(ctx, shortTries, func() workflow.Future { return workflow.ExecuteActivity(evaluate(ctx), a.Evaluate, in) }, nil); err != nil {
				workflow.GetLogger(ctx).Warn("evaluation failed", "run", c.RunID, "step", c.Step, "error", err)
				failed++
			}
		})
	}
	group.Wait(ctx)
	return failed, ctx.Err()
}
