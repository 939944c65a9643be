package activities

import (
	"context"
	"slices"
	"testing"

	"github.com/scalelaw/scalelaw/sweep"
	"github.com/scalelaw/scalelaw/trainer"
)

func TestARunThatEndsWell(t *testing.T) {
	w := newWorld(t)
	w.trainer.every, w.trainer.result = 1, trainer.Result{Device: "cpu (3 threads)"}
	result := w.mustTrain()
	if !slices.Equal(result.Steps, []int64{5, 10}) || result.Reason != "" || result.DeviceSeconds <= 0 {
		t.Errorf("result %+v", result)
	}
	if len(w.run.metrics) != 10 || w.run.writes != 10 {
		t.Errorf("%d metrics in %d writes, want 10 written once", len(w.run.metrics), w.run.writes)
	}
	if got := stepsIn(w.run.checkpoints); got != "[5 10]" {
		t.Errorf("checkpoints %s", got)
	}
	at := w.last()
	if at.Number != 1 || at.Outcome != sweep.Succeeded || at.Worker != "w1" || at.Device != "cpu (3 threads)" || at.EndedAt.Before(at.StartedAt) {
		t.Errorf("attempt %+v", at)
	}
	if w.run.state != sweep.Running {
		t.Errorf("the run is %s although its evaluation is to come", w.run.state)
	}
	if job := w.trainer.jobs[0]; job.Threads != 3 || job.Resume != nil || !slices.Equal(job.Keep, []int64{5, 10}) {
		t.Errorf("the trainer was given %+v", job)
	}
}

// What was only kept to resume from is deleted; the kept weights are there, byte for byte.
func TestFilesThatAreLeft(t *testing.T) {
	w := newWorld(t)
	w.trainer.every = 1
	w.mustTrain()
	for _, c := range w.run.checkpoints {
		if text, err := read(w.do.opener(context.Background(), c.Weights)); err != nil || text != content("weights", runID, c.Step) {
			t.Errorf("weights at %d: %q, %v", c.Step, text, err)
		}
	}
	if n := len(filesIn(t, w.folder)); n != 2 {
		t.Errorf("%d files are left, want the weights of two checkpoints", n)
	}
}

// A run is trained once, whoever asks again.
func TestTrainingAgainDoesNothing(t *testing.T) {
	w := newWorld(t)
	w.mustTrain()
	again := w.mustTrain()
	if len(w.trainer.jobs) != 1 || len(w.run.attempts) != 1 || !slices.Equal(again.Steps, []int64{5, 10}) {
		t.Errorf("%d trainings, %d attempts, result %+v", len(w.trainer.jobs), len(w.run.attempts), again)
	}
	w.run.state = sweep.Succeeded
	w.run.checkpoints = nil // of a trainer without weights
	if again = w.mustTrain(); len(w.trainer.jobs) != 1 || again.Steps != nil {
		t.Errorf("%d trainings, result %+v", len(w.trainer.jobs), again)
	}
}

// A run without an evaluation stage brings its scores with it and ends here.
func TestFinish(t *testing.T) {
	w := newWorld(t)
	score := sweep.Evaluation{RunID: runID, Step: 10, Score: sweep.Score{Task: "surface", Metric: "top1_error", Revision: "r", Evaluator: "e", Value: 0.5}}
	w.trainer.result.Scores = []sweep.Evaluation{score}
	if _, err := call[TrainResult](w, w.do.Train, TrainInput{RunID: runID, Finish: true}); err != nil {
		t.Fatal(err)
	}
	if w.run.state != sweep.Succeeded || !slices.Equal(w.run.scores, []sweep.Evaluation{score}) {
		t.Errorf("%s with scores %+v", w.run.state, w.run.scores)
	}
}

// A try that died between its last checkpoint and its end is finished by the next one.
func TestFinishOfARunThatWasTrained(t *testing.T) {
	w := newWorld(t)
	w.mustTrain()
	if _, err := call[TrainResult](w, w.do.Train, TrainInput{RunID: runID, Finish: true}); err != nil || w.run.state != sweep.Succeeded {
		t.Errorf("%s, %v", w.run.state, err)
	}
	if len(w.trainer.jobs) != 1 {
		t.Errorf("trained %d times", len(w.trainer.jobs))
	}
}

// A run that diverged is a result, not an error: no retry rule sees it.
func TestDivergence(t *testing.T) {
	w := newWorld(t)
	w.trainer.result.Diverged = &trainer.Divergence{Step: 10, Reason: "the loss is NaN at step 10"}
	result, err := call[TrainResult](w, w.do.Train, TrainInput{RunID: runID, Finish: true})
	if err != nil || result.State != sweep.Diverged || result.Reason != "the loss is NaN at step 10" {
		t.Fatalf("%+v, %v", result, err)
	}
	if at := w.last(); at.Outcome != sweep.Diverged || at.Error != result.Reason {
		t.Errorf("attempt %+v", at)
	}
	if w.run.state == sweep.Succeeded {
		t.Error("a run that diverged counts as succeeded")
	}
	if FailureOf(ClassDiverged).Retry {
		t.Error("the class diverged is retried")
	}
}

func TestWhatCannotBegin(t *testing.T) {
	w := newWorld(t)
	w.run.Trainer = "openclip"
	_, err := w.train()
	if got := failureOf(t, err); got.Type() != ClassBadInput || got.Message() != "not supported: the trainer openclip is not part of this worker" {
		t.Errorf("%s: %v", got.Type(), got)
	}
	if len(w.run.attempts) != 0 {
		t.Error("an attempt was opened")
	}
	_, err = call[TrainResult](w, w.do.Train, TrainInput{RunID: "none"})
	if got := failureOf(t, err); got.Type() != ClassBadInput {
		t.Errorf("no such run: %s", got.Type())
	}
}
