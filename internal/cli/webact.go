package cli

import (
	"context"
	"errors"
	"fmt"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"

	"github.com/scalelaw/scalelaw/sweep"
	"github.com/scalelaw/scalelaw/web"
	"github.com/scalelaw/scalelaw/workflows"
)

// answerWithin is how long a page waits for a sweep's workflow to answer.
const answerWithin = 10 * time.Second

// Act does to a sweep what a form of its page asks for.
func (b *backend) Act(ctx context.Context, name string, act web.Action) error {
	ctx, cancel := context.WithTimeout(ctx, answerWithin)
	defer cancel()
	return forPages(b.act(ctx, name, act))
}

func (b *backend) act(ctx context.Context, name string, act web.Action) (err error) {
	switch act.Do {
	case web.Pause:
		_, err = b.session.ask(ctx, name, workflows.UpdatePause)
	case web.Resume:
		_, err = b.session.ask(ctx, name, workflows.UpdateResume)
	case web.Cancel:
		_, err = b.session.ask(ctx, name, workflows.UpdateCancel)
	case web.Retry:
		_, err = b.session.askRetry(ctx, name, act.Diverged)
	case web.SetConcurrency:
		_, err = b.session.ask(ctx, name, workflows.UpdateSetConcurrency, act.Concurrency)
	case web.SetBudget:
		_, err = b.session.ask(ctx, name, workflows.UpdateSetGPUHours, act.GPUHours)
	default:
		return fmt.Errorf("%w: a sweep cannot be asked to %q", sweep.ErrBadInput, act.Do)
	}
	return err
}

// Execution is the newest execution of a workflow of Temporal.
func (b *backend) Execution(ctx context.Context, workflowID string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, answerWithin)
	defer cancel()
	found, err := b.session.temporal.DescribeWorkflowExecution(ctx, workflowID, "")
	var gone *serviceerror.NotFound
	switch {
	case errors.As(err, &gone):
		return "", fmt.Errorf("workflow %s: %w: it has not begun, or Temporal keeps it no longer", workflowID, sweep.ErrNotFound)
	case err != nil:
		return "", forPages(fmt.Errorf("look up workflow %s: %w", workflowID, err))
	}
	return found.GetWorkflowExecutionInfo().GetExecution().GetRunId(), nil
}

// Waiting reports a sweep whose workflow runs and has not come to the database yet.
func (b *backend) Waiting(ctx context.Context, name string) bool {
	ctx, cancel := context.WithTimeout(ctx, answerWithin)
	defer cancel()
	found, err := b.session.temporal.DescribeWorkflowExecution(ctx, workflows.SweepID(name), "")
	return err == nil && found.GetWorkflowExecutionInfo().GetStatus() == enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING
}

// SweepWorkflow and RunWorkflow are the ids of their workflows.
func (*backend) SweepWorkflow(name string) string { return workflows.SweepID(name) }

// RunWorkflow is that of a run.
func (*backend) RunWorkflow(id string) string { return workflows.RunID(id) }

// Reach tells what cannot be reached now.
func (b *backend) Reach(ctx context.Context) (database, temporal error) {
	database = b.Ping(ctx)
	_, temporal = b.session.temporal.CheckHealth(ctx, &client.CheckHealthRequest{})
	return database, temporal
}

// forPages gives errors the kinds that pages know.
func forPages(err error) error {
	var away *serviceerror.Unavailable
	switch {
	case err == nil:
		return nil
	case errors.Is(err, errUsage):
		return fmt.Errorf("%w: %w", sweep.ErrBadInput, err)
	case errors.Is(err, sweep.ErrUnreachable):
		return err
	case errors.As(err, &away), isLate(err):
		return fmt.Errorf("ask Temporal: it %w: %w", sweep.ErrUnreachable, err)
	}
	return err
}
