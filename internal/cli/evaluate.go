package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"

	"github.com/scalelaw/scalelaw/sweep"
	"github.com/scalelaw/scalelaw/workflows"
)

func (a *app) evaluateCommand() *cobra.Command {
	var o workerOptions
	c := &cobra.Command{
		Use: "evaluate SWEEP TASK...", Short: "Fill in an evaluation over kept checkpoints, training nothing",
		Example: "  scalelaw evaluate quickstart icons-test-all icons-emoji",
		Args:    atLeast("a sweep", "a task"),
		RunE: func(c *cobra.Command, args []string) error {
			return a.withTemporal(c.Context(), "evaluate", func(s *session) error { return s.evaluate(c.Context(), args[0], args[1:], o) })
		},
	}
	workerFlags(c, &o)
	return c
}

func (s *session) evaluate(ctx context.Context, name string, tasks []string, o workerOptions) error {
	if _, err := s.store.Sweep(ctx, name); err != nil {
		return err
	}
	if err := knownTasks(tasks); err != nil {
		return err
	}
	if !s.attached {
		w, err := s.startWorker(o)
		if err != nil {
			return err
		}
		defer w.Stop()
	}
	var run client.WorkflowRun
	err := s.audited(ctx, "evaluate", name, strings.Join(tasks, ", "), func() (err error) {
		run, err = s.temporal.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
			ID: "evaluate/" + name + "/" + strings.Join(tasks, ","), TaskQueue: workflows.TaskQueue,
			WorkflowIDConflictPolicy: enumspb.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING,
		}, workflows.EvaluateWorkflow, workflows.EvaluateInput{Sweep: name, Tasks: tasks})
		return err
	})
	if err != nil {
		return fmt.Errorf("evaluate sweep %s: %w", name, err)
	}
	var result workflows.EvaluateResult
	if err := run.Get(ctx, &result); err != nil {
		return fmt.Errorf("evaluate sweep %s: %w", name, err)
	}
	t := &table{header: []string{"sweep", "checkpoints", "failed"}}
	t.add(name, result.Checkpoints, result.Failed)
	if err := s.app.print(result, t); err != nil {
		return err
	}
	if result.Failed > 0 {
		return fmt.Errorf("%d of %d checkpoints were not evaluated: the worker's log says why", result.Failed, result.Checkpoints)
	}
	return nil
}

func knownTasks(tasks []string) error {
	var known []string
	for _, t := range sweep.Trainers() {
		known = append(known, t.Tasks...)
	}
	for _, task := range tasks {
		if !slices.Contains(known, task) {
			return usage("there is no task %q; tasks are %s", task, strings.Join(known, ", "))
		}
	}
	return nil
}
