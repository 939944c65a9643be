package activities

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/scalelaw/scalelaw/sweep"
	"github.com/scalelaw/scalelaw/trainer"
	"github.com/scalelaw/scalelaw/trainer/artifact"
)

// fakeTrainer counts steps. What it saves at a step is always the same bytes.
type fakeTrainer struct {
	every  int64                                                          // steps between checkpoints to resume from; 0: none
	at     func(ctx context.Context, step int64, sink trainer.Sink) error // called before each step; an error ends the run
	result trainer.Result
	jobs   []trainer.Job
	evals  []trainer.EvalJob
	scores func(job trainer.EvalJob) ([]sweep.Score, error)
}

func (f *fakeTrainer) Tasks() []string { return []string{"easy", "hard"} }

func (f *fakeTrainer) Train(ctx context.Context, job trainer.Job, sink trainer.Sink) (trainer.Result, error) {
	f.jobs = append(f.jobs, job)
	step, err := resumed(job)
	if err != nil {
		return trainer.Result{}, err
	}
	for ; step < job.Run.Steps(); step++ {
		if err := f.hook(ctx, step, sink); err != nil {
			return f.result, err
		}
		if ctx.Err() != nil {
			return f.result, f.interrupted(ctx, job, step, sink)
		}
		if err := f.step(ctx, job, step+1, sink); err != nil {
			return f.result, err
		}
	}
	return f.result, nil
}

// resumed reads the checkpoint that the job begins at, and checks that it is the run's own.
func resumed(job trainer.Job) (int64, error) {
	if job.Resume == nil {
		return 0, nil
	}
	for what, open := range map[string]func() (io.ReadCloser, error){"weights": job.Resume.Weights, "state": job.Resume.State} {
		text, err := read(open)
		if want := content(what, job.Run.ID, job.Resume.Step); err != nil || text != want {
			return 0, fmt.Errorf("resume from %q, want %q: %w", text, want, err)
		}
	}
	return job.Resume.Step, nil
}

func (f *fakeTrainer) hook(ctx context.Context, step int64, sink trainer.Sink) error {
	if f.at == nil {
		return nil
	}
	return f.at(ctx, step, sink)
}

func (f *fakeTrainer) step(ctx context.Context, job trainer.Job, step int64, sink trainer.Sink) error {
	sink.Progress(trainer.Progress{Step: step, Steps: job.Run.Steps(), SamplesPerSecond: 100, Loss: 1 / float64(step)})
	row := sweep.Metric{Name: "loss", Step: step, SamplesSeen: 8 * step, Value: 1 / float64(step)}
	if err := sink.Metrics(ctx, []sweep.Metric{row}); err != nil {
		return err
	}
	kept := slices.Contains(job.Keep, step)
	if kept || f.every > 0 && step%f.every == 0 || sink.CheckpointDue() {
		return sink.Checkpoint(ctx, saved(job.Run.ID, step, kept))
	}
	return nil
}

func (f *fakeTrainer) interrupted(ctx context.Context, job trainer.Job, step int64, sink trainer.Sink) error {
	if step > 0 {
		if err := sink.Checkpoint(context.WithoutCancel(ctx), saved(job.Run.ID, step, false)); err != nil {
			return err
		}
	}
	return context.Cause(ctx)
}

func saved(run string, step int64, kept bool) trainer.Checkpoint {
	writes := func(what string) func(io.Writer) error {
		return func(w io.Writer) error {
			_, err := io.WriteString(w, content(what, run, step))
			return err
		}
	}
	return trainer.Checkpoint{Step: step, SamplesSeen: 8 * step, Kept: kept, Weights: writes("weights"), State: writes("state")}
}

func content(what, run string, step int64) string {
	return fmt.Sprintf("%s of %s at %d", what, run, step)
}

func (f *fakeTrainer) Evaluate(_ context.Context, job trainer.EvalJob) ([]sweep.Score, error) {
	f.evals = append(f.evals, job)
	if f.scores != nil {
		return f.scores(job)
	}
	var all []sweep.Score
	for _, task := range job.Tasks {
		all = append(all, sweep.Score{Task: task, Metric: "top1_error", Revision: "rev 1", Evaluator: "fake 1", Value: 0.25, Samples: 40})
	}
	return all, nil
}

// away is an artifact store whose disk does not answer.
type away struct{ artifact.Store }

func (away) Get(context.Context, sweep.Artifact) (io.ReadCloser, error) {
	return nil, errors.New("input/output error")
}

// stopping is an artifact store that is slow enough for its worker to be asked to stop.
type stopping struct {
	artifact.Store
	worker chan struct{}
}

func (s stopping) Get(ctx context.Context, _ sweep.Artifact) (io.ReadCloser, error) {
	close(s.worker)
	<-ctx.Done()
	return nil, ctx.Err()
}
