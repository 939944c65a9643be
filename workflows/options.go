package workflows

import (
	"errors"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"github.com/scalelaw/scalelaw/activities"
)

// Every number of the activities' options, with its reason.
const (
	// heartbeatTimeout is how long a lost worker goes unnoticed; beats come every 2 s.
	heartbeatTimeout = 10 * time.Second
	// trainFor bounds one attempt: the longest runs of the seed study took weeks.
	trainFor = 90 * 24 * time.Hour
	// evaluateFor bounds one evaluation; minutes are usual.
	evaluateFor = 24 * time.Hour
	// shortFor bounds activities that only ask Postgres.
	shortFor = time.Minute
	// fitFor bounds the fits of a sweep with all their resamples.
	fitFor = 10 * time.Minute
	// shortTries is how often a short activity is tried after failures that count.
	shortTries = 5
	// pageSize is how many cells are read at once: a page is about 20 kB of history.
	pageSize = 200
	// batchSize is how many surface cells one transaction takes.
	batchSize = 500
	// eventsPerRun is well below the 4,096 events at which Temporal suggests to continue as new.
	eventsPerRun = 3000
	// liveFitEvery is how old the law in Temporal's UI may be.
	liveFitEvery = time.Minute
)

// free is Temporal's own retry: without end, for lost workers and servers that are away.
var free = &temporal.RetryPolicy{InitialInterval: 200 * time.Millisecond, BackoffCoefficient: 1.5, MaximumInterval: 5 * time.Second}

func train(ctx workflow.Context) workflow.Context {
	return workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		StartToCloseTimeout: trainFor, HeartbeatTimeout: heartbeatTimeout, RetryPolicy: free, WaitForCancellation: true, Summary: "train, from the newest checkpoint on",
	})
}

func evaluate(ctx workflow.Context) workflow.Context {
	return workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		StartToCloseTimeout: evaluateFor, HeartbeatTimeout: heartbeatTimeout, RetryPolicy: free, Summary: "evaluate a checkpoint",
	})
}

func short(ctx workflow.Context) workflow.Context {
	return workflow.WithActivityOptions(ctx, workflow.ActivityOptions{StartToCloseTimeout: shortFor, RetryPolicy: free})
}

func fitting(ctx workflow.Context) workflow.Context {
	return workflow.WithActivityOptions(ctx, workflow.ActivityOptions{StartToCloseTimeout: fitFor, RetryPolicy: free, Summary: "fit laws"})
}

func batch(ctx workflow.Context) workflow.Context {
	return workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		StartToCloseTimeout: evaluateFor, HeartbeatTimeout: time.Minute, RetryPolicy: free, Summary: "draw surface cells",
	})
}

// try runs an activity and repeats it after failures that are worth it, tries times in all.
// Those that are free Temporal has repeated already.
func try(ctx workflow.Context, tries int, run func() workflow.Future, result any) error {
	for i := 1; ; i++ {
		err := run().Get(ctx, result)
		var failure *temporal.ApplicationError
		if err == nil || !errors.As(err, &failure) {
			return err
		}
		rule := activities.FailureOf(failure.Type())
		if !rule.Retry || i >= tries {
			return err
		}
		if err := workflow.Sleep(ctx, rule.Delay); err != nil {
			return err
		}
	}
}

// a names the activities' methods; it is never called.
var a *activities.Activities

// Register makes a worker take workflows and activities.
func Register(w worker.Registry, do *activities.Activities) {
	w.RegisterWorkflow(SweepWorkflow)
	w.RegisterWorkflow(RunWorkflow)
	w.RegisterWorkflow(FitWorkflow)
	w.RegisterWorkflow(EvaluateWorkflow)
	w.RegisterActivity(do)
}
