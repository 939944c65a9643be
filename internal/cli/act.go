package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"

	"github.com/scalelaw/scalelaw/store"
	"github.com/scalelaw/scalelaw/sweep"
	"github.com/scalelaw/scalelaw/workflows"
)

// update asks a running sweep for something and shows where it stands then.
func (s *session) update(ctx context.Context, name, update string, args ...any) error {
	handle, err := s.temporal.UpdateWorkflow(ctx, client.UpdateWorkflowOptions{
		WorkflowID: workflows.SweepID(name), UpdateName: update, Args: args, WaitForStage: client.WorkflowUpdateStageCompleted,
	})
	var progress workflows.Progress
	if err == nil {
		err = handle.Get(ctx, &progress)
	}
	if err != nil {
		return s.updateError(ctx, name, update, err)
	}
	t := &table{header: []string{"sweep", "state", "cells", "in flight", "concurrency", "device hours", "limit"}}
	t.add(name, progress.State, progress.Total, len(progress.InFlight), progress.Concurrency, progress.GPUHours, progress.GPULimit)
	return s.app.print(progress, t)
}

// updateError tells an unknown sweep, one that is over, and a refusal apart.
func (s *session) updateError(ctx context.Context, name, update string, err error) error {
	var gone *serviceerror.NotFound
	if !errors.As(err, &gone) {
		return fmt.Errorf("%s sweep %s: %w: %w", update, name, sweep.ErrBadInput, err)
	}
	record, readErr := s.store.Sweep(ctx, name)
	if readErr != nil {
		return readErr
	}
	return fmt.Errorf("%s sweep %s: %w: it is over (%s)", update, name, errOver, record.State)
}

// errOver means that a sweep's workflow has ended.
var errOver = fmt.Errorf("%w: nothing runs", sweep.ErrBadInput)

// updateCommand is a verb that is one update.
func (a *app) updateCommand(use, text, update string) *cobra.Command {
	return &cobra.Command{
		Use: use + " SWEEP", Short: text, Example: "  scalelaw " + use + " quickstart", Args: exactly("a sweep"),
		RunE: func(c *cobra.Command, args []string) error {
			return a.withTemporal(c.Context(), use, func(s *session) error { return s.update(c.Context(), args[0], update) })
		},
	}
}

func (a *app) pauseCommand() *cobra.Command {
	return a.updateCommand("pause", "Launch nothing more; running cells save where they are and rest", workflows.UpdatePause)
}

func (a *app) resumeCommand() *cobra.Command {
	return a.updateCommand("resume", "Go on after pause", workflows.UpdateResume)
}

func (a *app) cancelCommand() *cobra.Command {
	return a.updateCommand("cancel", "End a sweep; cells that another sweep wants go on", workflows.UpdateCancel)
}

func (a *app) retryCommand() *cobra.Command {
	var diverged bool
	c := &cobra.Command{
		Use: "retry SWEEP", Short: "Launch failed and cancelled cells again", Example: "  scalelaw retry quickstart\n  scalelaw retry quickstart --diverged",
		Args: exactly("a sweep"),
		RunE: func(c *cobra.Command, args []string) error {
			return a.withTemporal(c.Context(), "retry", func(s *session) error {
				err := s.update(c.Context(), args[0], workflows.UpdateRetry, workflows.RetryInput{Diverged: diverged})
				if !errors.Is(err, errOver) {
					return err
				}
				record, err := s.store.Sweep(c.Context(), args[0])
				if err != nil {
					return err
				}
				return s.restart(c.Context(), workflows.SweepInput{Name: record.Name, Spec: record.Spec, RetryDiverged: diverged})
			})
		},
	}
	c.Flags().BoolVar(&diverged, "diverged", false, "diverged cells, too")
	return c
}

// restart starts the workflow of a sweep that was over.
func (s *session) restart(ctx context.Context, in workflows.SweepInput) error {
	if _, err := s.startSweep(ctx, in, ""); err != nil {
		return err
	}
	s.app.say("the sweep %s goes on; `scalelaw watch %s` follows it", in.Name, in.Name)
	if s.running != nil {
		s.app.say("no worker is up: `scalelaw up` does the work")
	}
	return nil
}

func (a *app) setCommand() *cobra.Command {
	return &cobra.Command{
		Use: "set SWEEP NAME=VALUE", Short: "Change concurrency or gpu_hours of a running sweep",
		Example: "  scalelaw set icons-ladder concurrency=4\n  scalelaw set icons-ladder gpu_hours=20",
		Args:    exactly("a sweep", "NAME=VALUE"),
		RunE: func(c *cobra.Command, args []string) error {
			update, value, err := parseSetting(args[1])
			if err != nil {
				return err
			}
			return a.withTemporal(c.Context(), "set", func(s *session) error { return s.update(c.Context(), args[0], update, value) })
		},
	}
}

func parseSetting(text string) (update string, value any, err error) {
	name, number, ok := strings.Cut(text, "=")
	if !ok {
		return "", nil, usage("%q is not NAME=VALUE, as in concurrency=4", text)
	}
	switch name {
	case "concurrency":
		n, err := strconv.Atoi(number)
		if err != nil {
			return "", nil, usage("concurrency is %q; it is a whole number", number)
		}
		return workflows.UpdateSetConcurrency, n, nil
	case "gpu_hours":
		x, err := strconv.ParseFloat(number, 64)
		if err != nil {
			return "", nil, usage("gpu_hours is %q; it is a number", number)
		}
		return workflows.UpdateSetGPUHours, x, nil
	}
	return "", nil, usage("%q cannot be set; concurrency and gpu_hours can", name)
}

func (a *app) extendCommand() *cobra.Command {
	return &cobra.Command{
		Use: "extend SWEEP SPEC", Short: "Add the cells of a wider grid; none is repeated",
		Example: "  scalelaw extend icons-ladder wider.yaml",
		Args:    exactly("a sweep", "a sweep file"),
		RunE: func(c *cobra.Command, args []string) error {
			spec, asJSON, err := a.readSpec(args[1])
			if err != nil {
				return err
			}
			if err := available(spec); err != nil {
				return err
			}
			if spec.Name != args[0] {
				return usage("%s is of the sweep %q, not %q", args[1], spec.Name, args[0])
			}
			return a.withTemporal(c.Context(), "extend", func(s *session) error {
				err := s.update(c.Context(), args[0], workflows.UpdateExtend, workflows.ExtendInput{Spec: asJSON})
				if !errors.Is(err, errOver) {
					return err
				}
				return s.restart(c.Context(), workflows.SweepInput{Name: spec.Name, Spec: asJSON})
			})
		},
	}
}

func (a *app) evaluateCommand() *cobra.Command {
	var o workerOptions
	c := &cobra.Command{
		Use: "evaluate SWEEP TASK...", Short: "Fill in an evaluation over kept checkpoints, training nothing",
		Example: "  scalelaw evaluate quickstart icons-test-all icons-emoji",
		Args:    cobra.MinimumNArgs(2),
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
	run, err := s.temporal.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
		ID: "evaluate/" + name + "/" + strings.Join(tasks, ","), TaskQueue: workflows.TaskQueue,
		WorkflowIDConflictPolicy: enumspb.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING,
	}, workflows.EvaluateWorkflow, workflows.EvaluateInput{Sweep: name, Tasks: tasks})
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

func (a *app) deleteCommand() *cobra.Command {
	var yes bool
	c := &cobra.Command{
		Use: "delete SWEEP", Short: "Remove a sweep and what nothing else uses, after showing it", Example: "  scalelaw delete quickstart",
		Args: exactly("a sweep"),
		RunE: func(c *cobra.Command, args []string) error {
			return a.withStore(c.Context(), "delete", func(s *session) error {
				record, err := s.store.Sweep(c.Context(), args[0])
				if err != nil {
					return err
				}
				if !record.State.Final() {
					return fmt.Errorf("delete sweep %s: %w: it is %s; cancel it first", args[0], sweep.ErrBadInput, record.State)
				}
				return s.remove(c.Context(), yes, func(dry bool) (store.Removal, error) { return s.store.Delete(c.Context(), args[0], dry) })
			})
		},
	}
	c.Flags().BoolVarP(&yes, "yes", "y", false, "do not ask")
	return c
}

func (a *app) pruneCommand() *cobra.Command {
	var yes bool
	c := &cobra.Command{
		Use: "prune", Short: "Remove runs that are in no sweep and no fit, after showing them", Example: "  scalelaw prune --yes",
		Args: exactly(),
		RunE: func(c *cobra.Command, _ []string) error {
			return a.withStore(c.Context(), "prune", func(s *session) error {
				return s.remove(c.Context(), yes, func(dry bool) (store.Removal, error) { return s.store.Prune(c.Context(), dry) })
			})
		},
	}
	c.Flags().BoolVarP(&yes, "yes", "y", false, "do not ask")
	return c
}

// remove shows what would go, asks, and removes rows first, then files: a file without a row
// does no harm, a row without its file would.
func (s *session) remove(ctx context.Context, yes bool, do func(dry bool) (store.Removal, error)) error {
	would, err := do(true)
	if err != nil {
		return err
	}
	s.app.say("this removes %d sweeps, %d runs that nothing else uses, %d fits, %d files (%.1f MB)", len(would.Sweeps), len(would.Runs), len(would.Fits), len(would.Artifacts), float64(would.Bytes)/1e6)
	if ok, err := s.app.confirm("Remove it?", yes); err != nil || !ok {
		return err
	}
	gone, err := do(false)
	if err != nil {
		return err
	}
	files, err := s.app.artifacts()
	if err != nil {
		return err
	}
	for _, f := range gone.Artifacts {
		if err := files.Delete(ctx, f); err != nil {
			return err
		}
	}
	t := &table{header: []string{"sweeps", "runs", "fits", "files", "bytes"}}
	t.add(len(gone.Sweeps), len(gone.Runs), len(gone.Fits), len(gone.Artifacts), gone.Bytes)
	return s.app.print(gone, t)
}
