package activities

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"go.temporal.io/sdk/temporal"

	"github.com/scalelaw/scalelaw/fit"
	"github.com/scalelaw/scalelaw/sweep"
	"github.com/scalelaw/scalelaw/trainer"
)

// The table of failures once more, row by row, as Temporal and workflows are to see it.
var wantFailures = []struct {
	name  string
	kind  error
	class string
	free  bool // Temporal retries it; it costs no try
	retry bool // the workflow may try again
	delay time.Duration
}{
	{"superseded", sweep.ErrSuperseded, "superseded", false, false, 0},
	{"diverged", sweep.ErrDiverged, "diverged", false, false, 0},
	{"disk full", sweep.ErrNoSpace, "no space left", false, true, 30 * time.Second},
	{"out of memory", sweep.ErrOutOfMemory, "out of memory", false, true, 30 * time.Second},
	{"no GPU here", sweep.ErrNoDevice, "no usable device", false, true, 10 * time.Second},
	{"GPU in use", sweep.ErrDeviceBusy, "device in use", true, true, 10 * time.Second},
	{"GPU lost", sweep.ErrDeviceLost, "device lost", false, true, 10 * time.Second},
	{"batch too large", sweep.ErrDeviceMemory, "too large for the device", false, false, 0},
	{"our mistake", sweep.ErrInternal, "internal error", false, false, 0},
	{"data missing", sweep.ErrDataMissing, "data missing", false, true, 10 * time.Second},
	{"Postgres away", sweep.ErrUnreachable, "lost contact", true, true, time.Second},
	{"too slow", context.DeadlineExceeded, "lost contact", true, true, time.Second},
	{"worker stops", errDraining, "lost contact", true, true, 100 * time.Millisecond},
	{"bad input", sweep.ErrBadInput, "bad input", false, false, 0},
	{"not supported", sweep.ErrUnsupported, "bad input", false, false, 0},
	{"not found", sweep.ErrNotFound, "bad input", false, false, 0},
	{"bad points", fit.ErrInput, "bad input", false, false, 0},
	{"anything else", errors.New("the cable fell out"), "transient", false, true, 5 * time.Second},
}

func TestFailuresOfTrainers(t *testing.T) {
	for _, want := range wantFailures {
		t.Run(want.name, func(t *testing.T) {
			w := newWorld(t)
			w.trainer.at = func(context.Context, int64, trainer.Sink) error { return fmt.Errorf("step 1: %w", want.kind) }
			_, err := w.train()
			got := failureOf(t, err)
			if got.Type() != want.class || got.NonRetryable() == want.free || got.NextRetryDelay() != want.delay {
				t.Errorf("class %q, non-retryable %t, delay %s", got.Type(), got.NonRetryable(), got.NextRetryDelay())
			}
			if rule := FailureOf(got.Type()); rule.Retry != want.retry || rule.Free != want.free {
				t.Errorf("the workflow sees %+v", rule)
			}
			if message := "step 1: " + want.kind.Error(); got.Message() != message || w.last().Error != message || w.last().Outcome != sweep.Failed {
				t.Errorf("told %q, recorded %+v", got.Message(), w.last())
			}
		})
	}
}

func TestEveryRowOfTheTableIsTested(t *testing.T) {
	if len(Failures) != len(wantFailures) {
		t.Fatalf("the table has %d rows, %d are tested", len(Failures), len(wantFailures))
	}
	for i, f := range Failures[:len(Failures)-1] {
		if !errors.Is(wantFailures[i].kind, f.Kind) {
			t.Errorf("row %d is about %v", i, f.Kind)
		}
	}
	if Failures[len(Failures)-1].Kind != nil {
		t.Error("the last row must take every error")
	}
}

// An error may wrap two kinds: Postgres' full disk is reached through a connection.
func TestTheFirstRowCounts(t *testing.T) {
	err := errors.Join(sweep.ErrNotFound, sweep.ErrUnreachable, sweep.ErrNoSpace)
	if got := classify(err).Class; got != ClassNoSpace {
		t.Errorf("class %q", got)
	}
	if got := FailureOf("PanicError"); got.Class != ClassTransient {
		t.Errorf("a class that is not in the table: %+v", got)
	}
}

func TestFailLeavesCancellationAlone(t *testing.T) {
	for _, err := range []error{nil, context.Canceled, fmt.Errorf("read: %w", context.Canceled), temporal.NewCanceledError()} {
		if got := fail(err); got != err {
			t.Errorf("%v became %v", err, got)
		}
	}
}

// Whatever the store says goes by the same table, from every activity that asks it.
func TestFailuresOfTheStore(t *testing.T) {
	calls := map[string]func(w *world) error{
		"Run": func(w *world) error { _, err := w.train(); return err },
		"RunState": func(w *world) error {
			_, err := call[RunOutcome](w, w.do.ReadRun, runID)
			return err
		},
		"Checkpoints":   func(w *world) error { _, err := w.train(); return err },
		"BeginAttempt":  func(w *world) error { _, err := w.train(); return err },
		"AddMetrics":    func(w *world) error { _, err := w.train(); return err },
		"AddCheckpoint": func(w *world) error { _, err := w.train(); return err },
		"DropStates":    func(w *world) error { _, err := w.train(); return err },
		"EndAttempt":    func(w *world) error { _, err := w.train(); return err },
		"Evaluations":   func(w *world) error { _, err := w.evaluate(5, "easy"); return err },
		"SetRunState": func(w *world) error {
			_, err := call[any](w, w.do.SetRunState, StateInput{ID: runID, State: sweep.Failed})
			return err
		},
		"SetSweepState": func(w *world) error {
			_, err := call[any](w, w.do.SetSweepState, StateInput{ID: "s", State: sweep.Failed})
			return err
		},
		"Cells": func(w *world) error { _, err := call[[]Cell](w, w.do.NextCells, CellsInput{Sweep: "s"}); return err },
		"ClaimBatch": func(w *world) error {
			_, err := call[BatchResult](w, w.do.SurfaceBatch, BatchInput{Sweep: "s"})
			return err
		},
		"FitInputs": func(w *world) error {
			_, err := call[FitResult](w, w.do.Fit, FitInput{Sweep: "s", Asks: []sweep.FitAsk{{Metric: "easy/top1_error"}}})
			return err
		},
	}
	for method, run := range calls {
		t.Run(method, func(t *testing.T) {
			w := newWorld(t)
			w.store.refuse[method] = fmt.Errorf("Postgres %w", sweep.ErrUnreachable)
			if got := failureOf(t, run(w)); got.Type() != ClassLostContact || got.NonRetryable() {
				t.Errorf("class %q, non-retryable %t", got.Type(), got.NonRetryable())
			}
		})
	}
}

// A panic would be retried by Temporal without end; it is to count against the run's tries.
func TestPanicsCount(t *testing.T) {
	w := newWorld(t)
	w.trainer.at = func(_ context.Context, step int64, _ trainer.Sink) error {
		if step == 2 {
			panic("index out of range")
		}
		return nil
	}
	w.trainer.scores = func(trainer.EvalJob) ([]sweep.Score, error) { panic("index out of range") }
	_, err := w.train()
	if got := failureOf(t, err); got.Type() != ClassTransient || !got.NonRetryable() || got.Message() != "panic: index out of range" {
		t.Errorf("%q: %v", got.Type(), got)
	}
	if at := w.last(); at.Outcome != sweep.Failed || len(w.run.metrics) != 2 {
		t.Errorf("recorded %+v with %d metrics", at, len(w.run.metrics))
	}
	w.run.checkpoints = []sweep.Checkpoint{{RunID: runID, Step: 5}}
	_, err = w.evaluate(5, "easy")
	if got := failureOf(t, err); got.Type() != ClassTransient || !got.NonRetryable() {
		t.Errorf("evaluate: %q: %v", got.Type(), got)
	}
}
