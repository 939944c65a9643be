package activities

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/temporal"

	"github.com/scalelaw/scalelaw/fit"
	"github.com/scalelaw/scalelaw/sweep"
)

// errDraining ends a training run because its worker stops; another one goes on.
var errDraining = errors.New("the worker is stopping")

// Classes of failure, as Temporal shows them and as retry rules know them.
const (
	ClassBadInput    = "bad input"
	ClassDiverged    = "diverged"
	ClassOutOfMemory = "out of memory"
	ClassDataMissing = "data missing"
	ClassNoSpace     = "no space left"
	ClassLostContact = "lost contact" // with Postgres, or because the worker stops: costs no try
	ClassSuperseded  = "superseded"
	ClassNoDevice    = "no usable device" // here: another host may have one
	ClassDeviceBusy  = "device in use"    // by another run or process: costs no try
	ClassDeviceLost  = "device lost"
	ClassTooLarge    = "too large for the device" // a smaller batch fits
	ClassInternal    = "internal error"
	ClassTransient   = "transient"
)

// Failure is a class's retry rule. Free tries are made by Temporal, without end, as are those
// after a lost heartbeat; the others are counted by the workflow, against limits.attempts.
type Failure struct {
	Class string
	Kind  error         // what errors of the class wrap; nil: everything else
	Retry bool          // another try may help
	Free  bool          // it does not count: nothing is wrong with the run
	Delay time.Duration // before the next try
}

// Failures is the one table from errors to what is done about them; the first row that an
// error wraps counts.
var Failures = []Failure{
	{Class: ClassSuperseded, Kind: sweep.ErrSuperseded},
	{Class: ClassDiverged, Kind: sweep.ErrDiverged},
	{Class: ClassNoSpace, Kind: sweep.ErrNoSpace, Retry: true, Delay: 30 * time.Second},
	{Class: ClassOutOfMemory, Kind: sweep.ErrOutOfMemory, Retry: true, Delay: 30 * time.Second},
	{Class: ClassNoDevice, Kind: sweep.ErrNoDevice, Retry: true, Delay: 10 * time.Second},
	{Class: ClassDeviceBusy, Kind: sweep.ErrDeviceBusy, Retry: true, Free: true, Delay: 10 * time.Second},
	{Class: ClassDeviceLost, Kind: sweep.ErrDeviceLost, Retry: true, Delay: 10 * time.Second},
	{Class: ClassTooLarge, Kind: sweep.ErrDeviceMemory},
	{Class: ClassInternal, Kind: sweep.ErrInternal},
	{Class: ClassDataMissing, Kind: sweep.ErrDataMissing, Retry: true, Delay: 10 * time.Second},
	{Class: ClassLostContact, Kind: sweep.ErrUnreachable, Retry: true, Free: true, Delay: time.Second},
	{Class: ClassLostContact, Kind: context.DeadlineExceeded, Retry: true, Free: true, Delay: time.Second}, // heartbeats did not get through
	{Class: ClassLostContact, Kind: errDraining, Retry: true, Free: true, Delay: 100 * time.Millisecond},
	{Class: ClassBadInput, Kind: sweep.ErrBadInput},
	{Class: ClassBadInput, Kind: sweep.ErrUnsupported},
	{Class: ClassBadInput, Kind: sweep.ErrNotFound},
	{Class: ClassBadInput, Kind: fit.ErrInput},
	{Class: ClassTransient, Retry: true, Delay: 5 * time.Second},
}

// classify finds an error's row.
func classify(err error) Failure {
	for _, f := range Failures {
		if f.Kind == nil || errors.Is(err, f.Kind) {
			return f
		}
	}
	return Failures[len(Failures)-1] // the last row has no kind
}

// fail turns an error into what Temporal acts on. Cancellation passes through.
func fail(err error) error {
	if err == nil || errors.Is(err, context.Canceled) || temporal.IsCanceledError(err) {
		return err
	}
	f := classify(err)
	return temporal.NewApplicationErrorWithOptions(err.Error(), f.Class, temporal.ApplicationErrorOptions{
		NonRetryable: !f.Free, NextRetryDelay: f.Delay,
	})
}

// isStop reports whether an error only says that ctx is over.
func isStop(ctx context.Context, err error) bool {
	return ctx.Err() != nil && (errors.Is(err, ctx.Err()) || errors.Is(err, context.Cause(ctx)))
}

// stopped gives an error that says that ctx is over the reason for it, and leaves others as they
// are. Temporal cancels with a CanceledError when the workflow asks for it; any other cause means
// that heartbeats did not get through or that the worker is gone, and nothing is wrong with the run.
func stopped(ctx context.Context, err error) error {
	cause := context.Cause(ctx)
	switch {
	case err == nil || !isStop(ctx, err):
		return err
	case errors.Is(cause, errDraining), temporal.IsCanceledError(cause):
		return cause
	}
	return fmt.Errorf("heartbeats: Temporal %w: %v", sweep.ErrUnreachable, cause) // %v: it is not cancelled
}

// recovered turns a panic into an error. Temporal would retry a panic without end; as an error it
// counts against the tries of the run.
func recovered(ctx context.Context, err *error) {
	if p := recover(); p != nil {
		activity.GetLogger(ctx).Error("panic", "panic", p, "stack", string(debug.Stack()))
		*err = fmt.Errorf("panic: %v", p)
	}
}

// FailureOf finds a class's rule, for workflows that see only its name.
func FailureOf(class string) Failure {
	for _, f := range Failures {
		if f.Class == class {
			return f
		}
	}
	return Failures[len(Failures)-1]
}

func failf(kind error, format string, args ...any) error {
	return fmt.Errorf("%w: %s", kind, fmt.Sprintf(format, args...))
}
