package cli

import (
	"bytes"
	"context"
	"errors"
	"testing"

	"go.temporal.io/sdk/client"

	"github.com/scalelaw/scalelaw/sweep"
	"github.com/scalelaw/scalelaw/workflows"
)

// starting is a Temporal that only starts workflows.
type starting struct {
	client.Client
	start func() error
}

func (s starting) ExecuteWorkflow(context.Context, client.StartWorkflowOptions, any, ...any) (client.WorkflowRun, error) {
	return nil, s.start()
}

// A sweep that goes on says so from the moment on that it was asked to; one that could not be
// started is as it was.
func TestRestartSaysThatTheSweepRuns(t *testing.T) {
	w := newWorld(t)
	must(t, w.store.SetSweepState(ctx, "quickstart", sweep.Failed, "one of them"))
	state := func() [2]string {
		record, err := w.store.Sweep(ctx, "quickstart")
		must(t, err)
		return [2]string{string(record.State), record.Reason}
	}
	away := errors.New("away")
	for _, c := range []struct {
		err  error
		want [2]string
	}{{away, [2]string{"failed", "one of them"}}, {nil, [2]string{"running", ""}}} {
		s := &session{app: &app{stderr: &bytes.Buffer{}}, store: w.store, temporal: starting{start: func() error {
			equal(t, "as it is started", state(), [2]string{"running", ""})
			return c.err
		}}}
		if err := s.restart(ctx, workflows.SweepInput{Name: "quickstart"}); !errors.Is(err, c.err) {
			t.Error(err)
		}
		equal(t, "afterwards", state(), c.want)
	}
}

func TestNothingToRetry(t *testing.T) {
	counts := func(succeeded, failed, diverged, cancelled int) map[sweep.State]int {
		return map[sweep.State]int{sweep.Succeeded: succeeded, sweep.Failed: failed, sweep.Diverged: diverged, sweep.Cancelled: cancelled}
	}
	for _, c := range []struct {
		state    sweep.State
		counts   map[sweep.State]int
		diverged bool
		want     string // "": it is retried
	}{
		{sweep.Succeeded, counts(4, 0, 0, 0), false, "nothing to retry in the sweep s: all its cells succeeded"},
		{sweep.Succeeded, counts(4, 0, 0, 0), true, "nothing to retry in the sweep s: all its cells succeeded"},
		{sweep.Failed, counts(3, 0, 1, 0), false, "nothing to retry in the sweep s; its diverged cells (1) need --diverged"},
		{sweep.Failed, counts(3, 0, 1, 0), true, ""},
		{sweep.Failed, counts(2, 1, 1, 0), false, ""},
		{sweep.Failed, counts(3, 0, 0, 1), false, ""},
		{sweep.Failed, counts(4, 0, 0, 0), false, ""}, // its fits failed
		{sweep.Cancelled, counts(4, 0, 0, 0), false, ""},
	} {
		summary := sweep.SweepSummary{SweepRecord: sweep.SweepRecord{Name: "s", State: c.state}, Total: 4, Counts: c.counts}
		err := toRetry(summary, c.diverged)
		if got := errorText(err); got != c.want || err != nil && exitCode(err) != exitBadInput {
			t.Errorf("%s, %v, --diverged=%t: %q, want %q", c.state, c.counts, c.diverged, got, c.want)
		}
	}
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// A sweep without a reason of its own tells those of its runs.
func TestWatchTellsWhyRunsDidNotMakeIt(t *testing.T) {
	w := newWorld(t)
	var errs bytes.Buffer
	s := &session{app: &app{stdout: &bytes.Buffer{}, stderr: &errs}, store: w.store}
	equal(t, "exit code", exitCode(s.conclude(ctx, "quickstart")), exitRunsFailed)
	has(t, "stderr", errs.String(), "2 of 16 runs did not make it: ", shortID(w.runs[failedRun].ID)+" failed: exit status 1", shortID(w.runs[divergedRun].ID)+" diverged: the loss is NaN")
}
