// Package surface is the trainer that trains nothing: it draws errors from a law that the
// sweep states, with noise that the sweep states, and says so in every row. It is for load
// tests, planning and asking how well a grid would find a known law.
package surface

import (
	"context"
	"fmt"
	"hash/fnv"
	"math"
	"math/rand/v2"

	"github.com/scalelaw/scalelaw/sweep"
	"github.com/scalelaw/scalelaw/trainer"
)

// Task is the one evaluation that a surface run has.
const Task = "surface"

const evaluator = "surface (drawn from a stated law; nothing was trained)"

// Trainer draws errors. The zero value is ready.
type Trainer struct{}

var _ trainer.Trainer = Trainer{}

// Tasks implements trainer.Trainer.
func (Trainer) Tasks() []string { return []string{Task} }

// Train reports one loss, log E, and gives the drawn error as the run's score.
func (Trainer) Train(ctx context.Context, job trainer.Job, sink trainer.Sink) (trainer.Result, error) {
	scores, err := Scores(job.Run)
	if err != nil {
		return trainer.Result{}, err
	}
	steps := job.Run.Steps()
	row := sweep.Metric{Name: "loss", Step: steps, SamplesSeen: job.Run.ActualSamplesSeen, Value: math.Log(scores[0].Value)}
	if err := sink.Metrics(ctx, []sweep.Metric{row}); err != nil {
		return trainer.Result{}, err
	}
	return trainer.Result{Steps: steps, Device: "none", Scores: scores}, nil
}

// Evaluate gives the same scores again: there are no weights.
func (Trainer) Evaluate(_ context.Context, job trainer.EvalJob) ([]sweep.Score, error) {
	drawn, err := Scores(job.Run)
	if err != nil {
		return nil, err
	}
	return []sweep.Score{drawn[0].Score}, nil
}

// Scores draws the error of a run: log E = log(floor + beta C^alpha) + noise N(0,1), at most
// chance, with C in forward GMACs. The draw is seeded by the run's id, so it is always the same.
func Scores(run sweep.Run) ([]sweep.Evaluation, error) {
	law := run.Surface
	if law == nil {
		return nil, fmt.Errorf("run %s has no surface to draw from: %w", run.ID, sweep.ErrBadInput)
	}
	h := fnv.New64a()
	h.Write([]byte(run.ID)) // never fails
	random := rand.New(rand.NewPCG(h.Sum64(), 1))
	exact := law.Floor + law.Beta*math.Pow(run.GMACsTotal, law.Alpha)
	drawn := min(exact*math.Exp(law.Noise*random.NormFloat64()), law.Chance)
	return []sweep.Evaluation{{RunID: run.ID, Step: run.Steps(), Score: sweep.Score{
		Task: Task, Metric: "top1_error", Revision: sweep.SurfaceRevision, Evaluator: evaluator, Value: drawn,
	}}}, nil
}
