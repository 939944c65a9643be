package activities

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/scalelaw/scalelaw/sweep"
	"github.com/scalelaw/scalelaw/trainer"
)

// filesIn are the artifacts that a folder holds.
func filesIn(t *testing.T, folder string) []string {
	t.Helper()
	var files []string
	err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			files = append(files, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// fellAt8 is a world whose run saved after every step and failed after eight: it can resume
// from 8 and from 7.
func fellAt8(t *testing.T) *world {
	w := newWorld(t)
	w.trainer.every = 1
	w.trainer.at = func(_ context.Context, step int64, _ trainer.Sink) error {
		if step == 8 {
			return errors.New("the cable fell out")
		}
		return nil
	}
	if _, err := w.train(); err == nil {
		t.Fatal("the run did not fail")
	}
	if got := stepsIn(w.run.checkpoints); got != "[5 7+state 8+state]" {
		t.Fatalf("checkpoints %s", got)
	}
	w.trainer.at = nil
	return w
}

func remove(t *testing.T, path string) {
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
}

// flip changes a byte and leaves the length: only the sha256 tells.
func flip(t *testing.T, path string) {
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	text[0] ^= 1
	if err := os.WriteFile(path, text, 0o644); err != nil {
		t.Fatal(err)
	}
}

func cut(t *testing.T, path string) {
	if err := os.Truncate(path, 3); err != nil {
		t.Fatal(err)
	}
}

func TestResume(t *testing.T) {
	weights := func(c sweep.Checkpoint) sweep.Artifact { return c.Weights }
	state := func(c sweep.Checkpoint) sweep.Artifact { return *c.State }
	type damage struct {
		step int64
		of   func(sweep.Checkpoint) sweep.Artifact
		do   func(*testing.T, string)
	}
	for name, test := range map[string]struct {
		damages []damage
		from    int64
	}{
		"nothing lost":             {nil, 8},
		"weights lost":             {[]damage{{8, weights, remove}}, 7},
		"weights changed":          {[]damage{{8, weights, flip}}, 7},
		"weights cut short":        {[]damage{{8, weights, cut}}, 7},
		"state lost":               {[]damage{{8, state, remove}}, 7},
		"state changed":            {[]damage{{8, state, flip}}, 7},
		"both checkpoints damaged": {[]damage{{8, state, flip}, {7, weights, remove}}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			w := fellAt8(t)
			for _, d := range test.damages {
				for _, c := range w.run.checkpoints {
					if c.Step == d.step {
						d.do(t, w.path(d.of(c)))
					}
				}
			}
			before := w.run.writes
			w.mustTrain()
			if at := w.last(); at.Number != 2 || at.ResumedFrom != test.from {
				t.Errorf("attempt %d resumed from %d, want %d", at.Number, at.ResumedFrom, test.from)
			}
			if got := int64(w.run.writes - before); got != 10-test.from || len(w.run.metrics) != 10 {
				t.Errorf("%d metrics were written again, %d are there", got, len(w.run.metrics))
			}
			if got := stepsIn(w.run.checkpoints); got != "[5 10]" {
				t.Errorf("checkpoints %s", got)
			}
		})
	}
}

// What a disk or a server that is away for a moment holds is not lost: beginning anew would
// delete it.
func TestResumeWaitsForWhatIsAway(t *testing.T) {
	for name, test := range map[string]struct {
		breakIt func(w *world)
		class   string
	}{
		"Postgres":                 {func(w *world) { w.store.refuse["Checkpoints"] = sweep.ErrUnreachable }, ClassLostContact},
		"Postgres, a moment later": {func(w *world) { w.do.Store = &flaky{fakeStore: w.store} }, ClassLostContact},
		"the disk":                 {func(w *world) { w.do.Artifacts = away{w.do.Artifacts} }, ClassTransient},
	} {
		t.Run(name, func(t *testing.T) {
			w := fellAt8(t)
			test.breakIt(w)
			_, err := w.train()
			if got := failureOf(t, err); got.Type() != test.class {
				t.Errorf("%s: %v", got.Type(), got)
			}
			if got := stepsIn(w.run.checkpoints); got != "[5 7+state 8+state]" || len(w.run.attempts) != 1 {
				t.Errorf("checkpoints %s after %d attempts", got, len(w.run.attempts))
			}
		})
	}
}

// Kept weights that are lost before they were evaluated are made again.
func TestLostWeightsAreTrainedAgain(t *testing.T) {
	w := newWorld(t)
	w.mustTrain()
	flip(t, w.path(w.run.checkpoints[0].Weights))
	w.mustTrain()
	if len(w.trainer.jobs) != 2 {
		t.Fatalf("trained %d times", len(w.trainer.jobs))
	}
	if text, err := read(w.do.opener(context.Background(), w.run.checkpoints[0].Weights)); err != nil || text != content("weights", runID, 5) {
		t.Errorf("weights at 5: %q, %v", text, err)
	}
}
