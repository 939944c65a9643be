package cli

import (
	"context"
	"errors"
	"io"
	"math"
	"os"
	"testing"
	"time"

	"github.com/scalelaw/scalelaw/internal/pgtest"
	"github.com/scalelaw/scalelaw/store"
	"github.com/scalelaw/scalelaw/sweep"
	"github.com/scalelaw/scalelaw/trainer/artifact"
)

var ctx = context.Background()

// The law that the fixture's errors lie on exactly, so that every fit of them is known.
const trueAlpha, trueBeta = -0.15, 1.2

func trueError(c float64) float64 { return trueBeta * math.Pow(c, trueAlpha) }

// world is a database with the quickstart sweep in it: 14 of 16 runs succeeded, one failed, one
// diverged. Its data folder holds the files of the checkpoints.
type world struct {
	getenv func(string) string
	store  *store.Store
	files  *artifact.Files
	dir    string
	spec   []byte
	runs   []sweep.Run
}

const (
	failedRun   = 3
	divergedRun = 5
	longError   = "exit status 1\n\tout of luck"
)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// emptyWorld has the schema and nothing in it.
func emptyWorld(t testing.TB) *world {
	t.Helper()
	url := pgtest.New(t)
	w := &world{dir: t.TempDir()}
	w.getenv = environ(t, "SCALELAW_DATABASE_URL", url, "SCALELAW_DATA_DIR", w.dir, "TEMPORAL_ADDRESS", "127.0.0.1:1")
	var err error
	w.store, err = store.Open(ctx, url)
	must(t, err)
	t.Cleanup(w.store.Close)
	w.files, err = artifact.NewFiles(w.dir + "/artifacts")
	must(t, err)
	return w
}

func newWorld(t testing.TB) *world {
	t.Helper()
	w := emptyWorld(t)
	text, err := os.ReadFile("testdata/quickstart.yaml")
	must(t, err)
	spec, err := sweep.Parse(text, sweep.ParseOptions{})
	must(t, err)
	w.spec, err = specJSON(spec)
	must(t, err)
	plan, err := sweep.Plan(spec, nil, nil)
	must(t, err)
	for _, r := range plan.Runs {
		w.runs = append(w.runs, r.Run)
	}
	_, _, err = w.store.CreateSweep(ctx, sweep.SweepRecord{Name: "quickstart", Spec: w.spec, SpecSHA256: "sha", CodeVersion: "v1"}, w.runs)
	must(t, err)
	for i := range w.runs {
		w.train(t, i)
	}
	must(t, w.store.SetSweepState(ctx, "quickstart", sweep.Succeeded, ""))
	return w
}

// train takes a run to its end: on the law, but for the two that do not make it.
func (w *world) train(t testing.TB, i int) {
	t.Helper()
	r := w.runs[i]
	n, err := w.store.BeginAttempt(ctx, sweep.Attempt{RunID: r.ID, Worker: "w/1", Host: "h", Device: "cpu", StartedAt: time.Now().Add(-time.Minute)})
	must(t, err)
	end := sweep.Attempt{RunID: r.ID, Number: n, EndedAt: time.Now(), DeviceSeconds: 60, Outcome: sweep.Succeeded}
	loss, reason := 2.5, ""
	switch i {
	case failedRun:
		end.Outcome, end.Error, reason = sweep.Failed, longError, longError
	case divergedRun:
		end.Outcome, loss, reason = sweep.Diverged, math.NaN(), "the loss is NaN"
	}
	must(t, w.store.AddMetrics(ctx, r.ID, n, []sweep.Metric{
		{Name: "loss", Step: 10, SamplesSeen: 1280, Value: 4}, {Name: "grad_norm", Step: 10, SamplesSeen: 1280, Value: 1},
		{Name: "loss", Step: 20, SamplesSeen: 2560, Value: loss},
	}))
	if end.Outcome == sweep.Succeeded {
		w.keep(t, r, n)
	}
	must(t, w.store.EndAttempt(ctx, end))
	must(t, w.store.SetRunState(ctx, r.ID, end.Outcome, reason))
}

// keep stores the last checkpoint of a run, with a file, and its score.
func (w *world) keep(t testing.TB, r sweep.Run, attempt int) {
	t.Helper()
	weights, err := w.files.Put(ctx, func(out io.Writer) error { _, err := io.WriteString(out, "weights of "+r.ID); return err })
	must(t, err)
	must(t, w.store.AddCheckpoint(ctx, sweep.Checkpoint{RunID: r.ID, Attempt: attempt, Step: r.Steps(), SamplesSeen: r.ActualSamplesSeen, Kept: true, Weights: weights}))
	must(t, w.store.AddEvaluations(ctx, []sweep.Evaluation{{RunID: r.ID, Step: r.Steps(), Score: sweep.Score{
		Task: "icons-test", Metric: "top1_error", Revision: "r1", Evaluator: "e1", Value: trueError(r.GMACsTotal), Samples: 1000}}}))
}

// stored counts the checkpoints whose file is there.
func (w *world) stored(t testing.TB, artifacts []sweep.Artifact) (n int) {
	t.Helper()
	for _, a := range artifacts {
		switch _, err := w.files.Stat(ctx, a); {
		case err == nil:
			n++
		case !errors.Is(err, sweep.ErrNotFound) && !errors.Is(err, sweep.ErrDataMissing):
			t.Fatal(err)
		}
	}
	return n
}

func (w *world) checkpoints(t testing.TB) (all []sweep.Artifact) {
	t.Helper()
	for _, r := range w.runs {
		list, err := w.store.Checkpoints(ctx, r.ID)
		must(t, err)
		for _, c := range list {
			all = append(all, c.Weights)
		}
	}
	return all
}
