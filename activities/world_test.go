package activities

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"testing"

	"go.temporal.io/sdk/interceptor"
	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/worker"

	"github.com/scalelaw/scalelaw/sweep"
	"github.com/scalelaw/scalelaw/trainer"
	"github.com/scalelaw/scalelaw/trainer/artifact"
)

// world is a worker with its surroundings.
type world struct {
	t       *testing.T
	store   *fakeStore
	trainer *fakeTrainer
	folder  string // of artifacts
	do      *Activities
	ctx     context.Context // of the worker: cancelled with a CanceledError, as when a workflow cancels
	cancel  context.CancelCauseFunc
	stop    chan struct{} // closed: the worker is asked to stop
	beats   chan Beat     // every heartbeat of a training run, while there is room
	run     *fakeRun      // ten steps of eight samples, checkpoints kept at 5 and 10
}

const runID = "r1"

func newWorld(t *testing.T) *world {
	folder := t.TempDir()
	files, err := artifact.NewFiles(folder)
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, store: newFakeStore(), trainer: &fakeTrainer{}, folder: folder, stop: make(chan struct{}), beats: make(chan Beat, 1000)}
	w.ctx, w.cancel = context.WithCancelCause(context.Background())
	w.do = New(Deps{Store: w.store, Trainers: map[string]trainer.Trainer{"fake": w.trainer}, Artifacts: files, Worker: "w1", Threads: 3, Version: "v1"})
	w.run = &fakeRun{state: sweep.Planned, Run: sweep.Run{
		ID: runID, Trainer: "fake", ActualSamplesSeen: 80, Recipe: sweep.Recipe{BatchSize: 8}, Checkpoints: 2,
	}}
	w.store.runs[runID] = w.run
	return w
}

// call runs an activity as Temporal would and decodes its result.
func call[R any](w *world, method, in any) (result R, err error) {
	w.t.Helper()
	suite := &testsuite.WorkflowTestSuite{}
	suite.SetLogger(log.NewStructuredLogger(slog.New(slog.DiscardHandler)))
	env := suite.NewTestActivityEnvironment()
	env.SetWorkerOptions(worker.Options{BackgroundActivityContext: w.ctx, Interceptors: []interceptor.WorkerInterceptor{&listener{beats: w.beats}}})
	env.SetWorkerStopChannel(w.stop)
	env.RegisterActivity(w.do)
	value, err := env.ExecuteActivity(method, in)
	if err != nil || !value.HasValue() {
		return result, err
	}
	return result, value.Get(&result)
}

func (w *world) train() (TrainResult, error) {
	return call[TrainResult](w, w.do.Train, TrainInput{RunID: runID})
}

// mustTrain trains the run to its end.
func (w *world) mustTrain() TrainResult {
	w.t.Helper()
	result, err := w.train()
	if err != nil || result.State != sweep.Succeeded {
		w.t.Fatalf("train: %+v, %v", result, err)
	}
	return result
}

// path is the file of an artifact.
func (w *world) path(a sweep.Artifact) string { return filepath.Join(w.folder, a.SHA256[:2], a.SHA256) }

func (w *world) last() sweep.Attempt { return w.run.attempts[len(w.run.attempts)-1] }

// listener sees every heartbeat before the SDK holds it back.
type listener struct {
	interceptor.WorkerInterceptorBase
	beats chan Beat
}

func (l *listener) InterceptActivity(_ context.Context, next interceptor.ActivityInboundInterceptor) interceptor.ActivityInboundInterceptor {
	return &inbound{interceptor.ActivityInboundInterceptorBase{Next: next}, l.beats}
}

type inbound struct {
	interceptor.ActivityInboundInterceptorBase
	beats chan Beat
}

func (i *inbound) Init(out interceptor.ActivityOutboundInterceptor) error {
	return i.Next.Init(&outbound{interceptor.ActivityOutboundInterceptorBase{Next: out}, i.beats})
}

type outbound struct {
	interceptor.ActivityOutboundInterceptorBase
	beats chan Beat
}

// RecordHeartbeat drops those that come with a context that is over: they would not arrive.
func (o *outbound) RecordHeartbeat(ctx context.Context, details ...any) {
	if b, ok := details[0].(Beat); ok && ctx.Err() == nil {
		select {
		case o.beats <- b:
		default:
		}
	}
	o.Next.RecordHeartbeat(ctx, details...)
}

// failureOf takes an activity's error apart.
func failureOf(t *testing.T, err error) *temporal.ApplicationError {
	t.Helper()
	var failure *temporal.ApplicationError
	if !errors.As(err, &failure) {
		t.Fatalf("want an application error, got %v", err)
	}
	return failure
}

// stepsIn are the steps of checkpoints, and whether each can be resumed from.
func stepsIn(checkpoints []sweep.Checkpoint) string {
	var text []string
	for _, c := range checkpoints {
		mark := ""
		if c.State != nil {
			mark = "+state"
		}
		text = append(text, fmt.Sprintf("%d%s", c.Step, mark))
	}
	return fmt.Sprint(text)
}

func read(open func() (io.ReadCloser, error)) (string, error) {
	r, err := open()
	if err != nil {
		return "", err
	}
	defer r.Close()
	text, err := io.ReadAll(r)
	return string(text), err
}
