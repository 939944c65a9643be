// Package trainer says what a trainer is: something that takes a resolved run and gives a
// stream of progress, metrics and checkpoints, that can be cancelled, and that resumes
// from any of its checkpoints to the same bits. Its folders are the implementations.
package trainer

import (
	"context"
	"io"

	"github.com/scalelaw/scalelaw/sweep"
	"github.com/scalelaw/scalelaw/trainer/clip/safetensors"
)

// Trainer trains runs and evaluates their checkpoints. It must be safe for use by several
// goroutines at once.
type Trainer interface {
	// Train trains job.Run and reports to sink. On cancellation of ctx it stops at the next
	// step, hands the sink a checkpoint to resume from, and returns ctx's cause.
	// A run that diverges is a Result, not an error.
	Train(ctx context.Context, job Job, sink Sink) (Result, error)

	// Evaluate scores the weights of one checkpoint on the named tasks.
	Evaluate(ctx context.Context, job EvalJob) ([]sweep.Score, error)

	// Tasks lists the evaluation tasks that Evaluate knows.
	Tasks() []string
}

// Job is what to train and where to begin.
type Job struct {
	Run      sweep.Run
	Keep     []int64   // steps after which a kept checkpoint is due, ascending
	Resume   *Snapshot // nil: from the start
	Threads  int       // worker goroutines; never changes the result; 0: all cores
	LogEvery int       // steps between logged ones; 0: the trainer's own choice

	// Device is what the run was given to compute on: cpu, cuda:0, or several as in cuda:0,1;
	// "": what its recipe asks for, where the trainer finds it.
	Device string

	// Warn, if not nil, hears what whoever reads the run's results should know.
	Warn func(text string)

	// Init gives the weights to begin with instead of random ones, where Run.Init names them.
	Init func() ([]safetensors.Tensor, error)
}

// Snapshot opens a stored checkpoint.
type Snapshot struct {
	Step    int64
	Weights func() (io.ReadCloser, error)
	State   func() (io.ReadCloser, error) // optimizer and data position; nil for evaluation
}

// EvalJob is which weights to score, and on what.
type EvalJob struct {
	Run     sweep.Run
	Weights func() (io.ReadCloser, error)
	Tasks   []string
	Threads int
	Device  string // as in Job
}

// Sink receives what a training run produces. An error from it ends the run.
type Sink interface {
	// Metrics takes rows in step order. The sink owns the slice afterwards.
	Metrics(ctx context.Context, rows []sweep.Metric) error
	// Checkpoint makes a checkpoint durable before it returns. A trainer offers one at every
	// kept step, when cancelled, and whenever CheckpointDue says so.
	Checkpoint(ctx context.Context, c Checkpoint) error
	// CheckpointDue is asked after every step; true asks for a checkpoint to resume from.
	CheckpointDue() bool
	// Progress is cheap and may be called every step.
	Progress(p Progress)
}

// Checkpoint is the state after Step, as two files that are written on demand.
type Checkpoint struct {
	Step        int64
	SamplesSeen int64
	Kept        bool
	Weights     func(io.Writer) error // safetensors
	State       func(io.Writer) error // safetensors: optimizer moments, data position
}

// Progress is where training stands.
type Progress struct {
	Step, Steps      int64
	SamplesSeen      int64
	SamplesPerSecond float64
	Loss             float64
}

// Result is how training ended when it did not fail.
type Result struct {
	Steps    int64              // reached
	Device   string             // "cpu avx512 (2 threads)"
	Diverged *Divergence        // nil: it reached its last step
	Scores   []sweep.Evaluation // for trainers without weights (surface): evaluations already made
}

// Divergence is why a run was given up.
type Divergence struct {
	Step   int64
	Reason string
}
