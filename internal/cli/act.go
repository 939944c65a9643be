package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"

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
			return a.withTemporal(c.Context(), use, func(s *session) error {
				return s.audited(c.Context(), use, args[0], "", func() error { return s.update(c.Context(), args[0], update) })
			})
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
				return s.audited(c.Context(), "retry", args[0], "", func() error { return s.retry(c.Context(), args[0], diverged) })
			})
		},
	}
	c.Flags().BoolVar(&diverged, "diverged", false, "diverged cells, too")
	return c
}

func (s *session) retry(ctx context.Context, name string, diverged bool) error {
	err := s.update(ctx, name, workflows.UpdateRetry, workflows.RetryInput{Diverged: diverged})
	if !errors.Is(err, errOver) {
		return err
	}
	record, err := s.store.SweepSummary(ctx, name)
	if err == nil {
		err = toRetry(record, diverged)
	}
	if err != nil {
		return err
	}
	return s.restart(ctx, workflows.SweepInput{Name: record.Name, Spec: record.Spec, RetryDiverged: diverged})
}

// toRetry refuses a retry that would launch nothing. A sweep that was cancelled, or that failed
// although no cell did, has its laws to make.
func toRetry(s sweep.SweepSummary, diverged bool) error {
	left, lost := s.Total-s.Counts[sweep.Succeeded], s.Counts[sweep.Diverged]
	switch {
	case s.State == sweep.Cancelled, s.State == sweep.Failed && left == 0, left > lost, diverged && lost > 0:
		return nil
	case lost == 0:
		return usage("nothing to retry in the sweep %s: all its cells succeeded", s.Name)
	}
	return usage("nothing to retry in the sweep %s; its diverged cells (%d) need --diverged", s.Name, lost)
}

// restart starts the workflow of a sweep that was over. Its state says so from now on: the
// workflow tells it only when it changes again.
func (s *session) restart(ctx context.Context, in workflows.SweepInput) error {
	was, err := s.store.Sweep(ctx, in.Name)
	if err != nil {
		return err
	}
	if err := s.store.SetSweepState(ctx, in.Name, sweep.Running, ""); err != nil {
		return err
	}
	if _, err := s.startSweep(ctx, in, ""); err != nil {
		return errors.Join(err, s.store.SetSweepState(context.WithoutCancel(ctx), in.Name, was.State, was.Reason))
	}
	s.app.say("the sweep %s goes on; `scalelaw watch %s` follows it", in.Name, in.Name)
	if s.running != nil {
		s.app.say("no worker is up: `scalelaw up` does the work")
	}
	return nil
}
