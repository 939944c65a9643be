package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/spf13/cobra"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"

	"github.com/scalelaw/scalelaw/sweep"
	"github.com/scalelaw/scalelaw/workflows"
)

// ask asks a running sweep for something and gives where it stands then.
func (s *session) ask(ctx context.Context, name, update string, args ...any) (p workflows.Progress, err error) {
	handle, err := s.temporal.UpdateWorkflow(ctx, client.UpdateWorkflowOptions{
		WorkflowID: workflows.SweepID(name), UpdateName: update, Args: args, WaitForStage: client.WorkflowUpdateStageCompleted,
	})
	if err == nil {
		err = handle.Get(ctx, &p)
	}
	if err != nil {
		return p, s.updateError(ctx, name, update, err)
	}
	return p, nil
}

// update asks a running sweep for something and shows where it stands then.
func (s *session) update(ctx context.Context, name, update string, args ...any) error {
	progress, err := s.ask(ctx, name, update, args...)
	if err != nil {
		return err
	}
	return s.printProgress(name, progress)
}

func (s *session) printProgress(name string, p workflows.Progress) error {
	t := &table{header: []string{"sweep", "state", "cells", "in flight", "concurrency", "device hours", "limit"}}
	t.add(name, p.State, p.Total, len(p.InFlight), p.Concurrency, p.GPUHours, p.GPULimit)
	return s.app.print(p, t)
}

// updateError tells an unknown sweep, one that is over, and a refusal apart.
func (s *session) updateError(ctx context.Context, name, update string, err error) error {
	var gone *serviceerror.NotFound
	var away *serviceerror.Unavailable
	switch {
	case errors.As(err, &gone):
	case errors.As(err, &away):
		return fmt.Errorf("%s sweep %s: Temporal %w: %w", update, name, sweep.ErrUnreachable, err)
	case isLate(err):
		return fmt.Errorf("%s sweep %s: its worker %w: nobody took the request in time; it is done when one is up (`scalelaw up`, `scalelaw worker`)", update, name, sweep.ErrUnreachable)
	default:
		return fmt.Errorf("%s sweep %s: %w: %w", update, name, sweep.ErrBadInput, err)
	}
	record, readErr := s.store.Sweep(ctx, name)
	if readErr != nil {
		return readErr
	}
	return fmt.Errorf("%s sweep %s: %w: it is over (%s)", update, name, errOver, record.State)
}

// isLate reports that time was up.
func isLate(err error) bool {
	var late *serviceerror.DeadlineExceeded
	var waited *client.WorkflowUpdateServiceTimeoutOrCanceledError
	return errors.As(err, &late) || errors.As(err, &waited) || errors.Is(err, context.DeadlineExceeded)
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
	progress, err := s.askRetry(ctx, name, diverged)
	if err != nil || progress == nil {
		return err
	}
	return s.printProgress(name, *progress)
}

// askRetry launches what failed again. Without a progress the sweep was over and was started
// again for it.
func (s *session) askRetry(ctx context.Context, name string, diverged bool) (*workflows.Progress, error) {
	progress, err := s.ask(ctx, name, workflows.UpdateRetry, workflows.RetryInput{Diverged: diverged})
	if !errors.Is(err, errOver) {
		return &progress, err
	}
	record, err := s.store.SweepSummary(ctx, name)
	if err == nil {
		err = toRetry(record, diverged)
	}
	if err != nil {
		return nil, err
	}
	return nil, s.restart(ctx, workflows.SweepInput{Name: record.Name, Spec: record.Spec, RetryDiverged: diverged})
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
	var spec sweep.Spec
	if err := json.Unmarshal(was.Spec, &spec); err != nil {
		return fmt.Errorf("read the stored spec of sweep %s: %w", in.Name, err)
	}
	if _, err := s.startSweep(ctx, in, spec.Trainer); err != nil {
		return errors.Join(err, s.store.SetSweepState(context.WithoutCancel(ctx), in.Name, was.State, was.Reason))
	}
	s.app.say("the sweep %s goes on; `scalelaw watch %s` follows it", in.Name, in.Name)
	if s.running != nil {
		s.app.say("no worker is up: `scalelaw up` does the work")
	}
	return nil
}
