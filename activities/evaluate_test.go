package activities

import (
	"slices"
	"testing"

	"github.com/scalelaw/scalelaw/sweep"
	"github.com/scalelaw/scalelaw/trainer"
)

func (w *world) evaluate(step int64, tasks ...string) (EvaluateResult, error) {
	return call[EvaluateResult](w, w.do.Evaluate, EvaluateInput{RunID: runID, Step: step, Tasks: tasks})
}

func (w *world) mustEvaluate(step int64, tasks ...string) int {
	w.t.Helper()
	result, err := w.evaluate(step, tasks...)
	if err != nil {
		w.t.Fatal(err)
	}
	return result.Scores
}

func TestEvaluateEachKeptCheckpoint(t *testing.T) {
	w := newWorld(t)
	var read5 string
	w.trainer.scores = func(job trainer.EvalJob) ([]sweep.Score, error) {
		text, err := read(job.Weights)
		read5 += text + ";"
		return []sweep.Score{{Task: "easy", Metric: "top1_error", Revision: "rev 1", Evaluator: "fake 1", Value: 0.25, Samples: 40}}, err
	}
	for _, step := range w.mustTrain().Steps {
		if n := w.mustEvaluate(step, "easy"); n != 1 {
			t.Errorf("%d scores at step %d", n, step)
		}
	}
	score := sweep.Score{Task: "easy", Metric: "top1_error", Revision: "rev 1", Evaluator: "fake 1", Value: 0.25, Samples: 40}
	want := []sweep.Evaluation{{RunID: runID, Step: 5, Score: score}, {RunID: runID, Step: 10, Score: score}}
	if !slices.Equal(w.run.scores, want) {
		t.Errorf("scores %+v", w.run.scores)
	}
	if read5 != "weights of r1 at 5;weights of r1 at 10;" || w.trainer.evals[0].Threads != 3 {
		t.Errorf("evaluated %s with %d threads", read5, w.trainer.evals[0].Threads)
	}
}

// Only tasks without a score at the checkpoint are computed; a retry computes nothing twice.
func TestEvaluateWhatIsOpen(t *testing.T) {
	w := newWorld(t)
	w.mustTrain()
	w.mustEvaluate(5, "easy")
	if n := w.mustEvaluate(5, "easy", "hard"); n != 1 || !slices.Equal(w.trainer.evals[1].Tasks, []string{"hard"}) {
		t.Errorf("%d scores, on %v", n, w.trainer.evals[1].Tasks)
	}
	if n := w.mustEvaluate(10, "easy"); n != 1 {
		t.Errorf("%d scores at another step", n)
	}
	if n := w.mustEvaluate(5, "easy", "hard"); n != 0 || len(w.trainer.evals) != 3 {
		t.Errorf("%d scores in %d evaluations", n, len(w.trainer.evals))
	}
}

// The last stage marks the run, also when another try has made the scores already, and not
// when it fails.
func TestEvaluateFinishes(t *testing.T) {
	w := newWorld(t)
	w.mustTrain()
	in := EvaluateInput{RunID: runID, Step: 10, Tasks: []string{"easy"}, Finish: true}
	w.store.refuse["AddEvaluations"] = sweep.ErrUnreachable
	if _, err := call[EvaluateResult](w, w.do.Evaluate, in); err == nil || w.run.state == sweep.Succeeded {
		t.Errorf("%s, %v", w.run.state, err)
	}
	delete(w.store.refuse, "AddEvaluations")
	w.mustEvaluate(10, "easy")
	if w.run.state == sweep.Succeeded {
		t.Error("succeeded before the last stage")
	}
	if _, err := call[EvaluateResult](w, w.do.Evaluate, in); err != nil || w.run.state != sweep.Succeeded {
		t.Errorf("%s, %v", w.run.state, err)
	}
}

func TestEvaluateWithoutWeights(t *testing.T) {
	w := newWorld(t)
	w.mustTrain()
	_, err := w.evaluate(7, "easy")
	if got := failureOf(t, err); got.Type() != ClassDataMissing {
		t.Errorf("no such checkpoint: %s", got.Type())
	}
	w.trainer.scores = func(job trainer.EvalJob) ([]sweep.Score, error) {
		_, err := read(job.Weights)
		return nil, err
	}
	flip(t, w.path(w.run.checkpoints[0].Weights))
	_, err = w.evaluate(5, "easy")
	if got := failureOf(t, err); got.Type() != ClassDataMissing || len(w.run.scores) != 0 {
		t.Errorf("damaged: %s, scores %v", got.Type(), w.run.scores)
	}
}

func TestKeptCheckpoints(t *testing.T) {
	w := newWorld(t)
	w.trainer.every = 1
	w.mustTrain()
	w.store.runs["r0"] = &fakeRun{Run: sweep.Run{ID: "r0"}}
	w.store.sweeps["s"] = &fakeSweep{cells: []sweep.Cell{{Ordinal: 0, RunID: "r0"}, {Ordinal: 1, RunID: runID}, {Ordinal: 2, RunID: "r0"}}}
	page, err := call[KeptPage](w, w.do.KeptCheckpoints, KeptInput{Sweep: "s", From: 0, Limit: 2})
	if err != nil || page.Cells != 2 || !slices.Equal(page.Checkpoints, []KeptCheckpoint{{runID, 5}, {runID, 10}}) {
		t.Errorf("%+v, %v", page, err)
	}
}
