package clip

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/scalelaw/scalelaw/sweep"
	"github.com/scalelaw/scalelaw/trainer"
)

// trainInto trains into a folder, up to a step (0: to the end).
func trainInto(t *testing.T, dir string, run sweep.Run, until int64) error {
	t.Helper()
	ctx, cancel := context.WithCancelCause(context.Background())
	defer cancel(nil)
	f, err := CreateFolder(dir, run, func(p trainer.Progress) {
		if p.Step == until {
			cancel(errStopped)
		}
	})
	if err != nil {
		return err
	}
	defer f.Close()
	resume, err := f.Resume()
	if err != nil {
		return err
	}
	_, err = Trainer{}.Train(ctx, trainer.Job{Run: run, Keep: run.KeepSteps(), Resume: resume}, f)
	return err
}

func read(t *testing.T, dir, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestFolderGoesOnWhereItStopped(t *testing.T) {
	run := runOf(4, 64*40, nil)
	whole, cut := t.TempDir(), t.TempDir()
	if err := trainInto(t, whole, run, 0); err != nil {
		t.Fatal(err)
	}
	if err := trainInto(t, cut, run, 25); !errors.Is(err, errStopped) {
		t.Fatal(err)
	}
	if err := trainInto(t, cut, run, 0); err != nil {
		t.Fatal(err)
	}
	if read(t, whole, weightsFile) != read(t, cut, weightsFile) {
		t.Error("an interrupted training gave other weights")
	}
	if a, b := strings.Count(read(t, whole, metricsFile), "\n"), strings.Count(read(t, cut, metricsFile), "\n"); a != 4 || a != b {
		t.Errorf("%d and %d lines of metrics, want 4", a, b)
	}
	if left, _ := filepath.Glob(filepath.Join(cut, ".*")); len(left) > 0 {
		t.Errorf("temporary files are left: %v", left)
	}
	if saved, err := OpenSaved(cut, nil); err != nil || saved.Run.ID != run.ID {
		t.Errorf("%+v, %v", saved, err)
	}
	wider := sweep.NewLadder(8)
	if _, err := OpenSaved(filepath.Join(cut, weightsFile), &wider); !errors.Is(err, sweep.ErrBadInput) {
		t.Errorf("weights of another model: %v", err)
	}
	other := runOf(4, 64*40, func(r *sweep.Run) { r.ID = "other" })
	if err := trainInto(t, cut, other, 0); !errors.Is(err, sweep.ErrBadInput) {
		t.Errorf("a folder of another run: %v", err)
	}
}

// A folder that was killed between the two files of a checkpoint, or whose disk was full, goes
// on at a step that both are of.
func TestFolderWhoseCheckpointWasCutShort(t *testing.T) {
	run, dir := runOf(4, 64*40, nil), t.TempDir()
	until := func(step int64) {
		if err := trainInto(t, dir, run, step); !errors.Is(err, errStopped) {
			t.Fatal(err)
		}
	}
	resume := func() (int64, error) {
		f, err := CreateFolder(dir, run, nil)
		if err != nil {
			t.Fatal(err)
		}
		from, err := f.Resume()
		if err != nil || from == nil {
			return 0, err
		}
		return from.Step, nil
	}
	weights := filepath.Join(dir, weightsFile)
	until(12)
	old := read(t, dir, weightsFile)
	full := trainer.Checkpoint{Step: 13, Weights: func(w io.Writer) error { _, err := io.WriteString(w, "half"); return err }, State: func(io.Writer) error { return sweep.ErrNoSpace }}
	f, err := CreateFolder(dir, run, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Checkpoint(t.Context(), full); !errors.Is(err, sweep.ErrNoSpace) {
		t.Error(err)
	}
	if step, err := resume(); step != 12 || err != nil {
		t.Errorf("a full disk: step %d, %v", step, err)
	}
	until(25)
	if err := errors.Join(os.Rename(weights, weights+nextFile), os.WriteFile(weights, []byte(old), 0o644)); err != nil {
		t.Fatal(err)
	}
	if step, err := resume(); step != 25 || err != nil {
		t.Errorf("killed between the files: step %d, %v", step, err)
	}
	lines := read(t, dir, metricsFile)
	if err := os.WriteFile(weights, []byte(old), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := resume(); !errors.Is(err, sweep.ErrDataMissing) || !strings.Contains(err.Error(), "of step 12 and "+stateFile+" of step 25") {
		t.Errorf("files of two steps: %v", err)
	}
	if err := os.Remove(filepath.Join(dir, stateFile)); err != nil {
		t.Fatal(err)
	}
	if _, err := resume(); !errors.Is(err, sweep.ErrDataMissing) || !strings.Contains(err.Error(), stateFile) {
		t.Errorf("no state: %v", err)
	}
	if lines == "" || read(t, dir, metricsFile) != lines {
		t.Error("a refusal changed the metrics")
	}
}

// A folder is taken when a model is in it, not before: a command that was refused after it made
// the folder does not block the next one. A model from elsewhere is not written over.
func TestFoldersThatAreFree(t *testing.T) {
	dir, other := t.TempDir(), runOf(4, 64*40, func(r *sweep.Run) { r.ID = "other" })
	if _, err := CreateFolder(dir, runOf(4, 64*40, nil), nil); err != nil {
		t.Fatal(err)
	}
	if _, err := CreateFolder(dir, other, nil); err != nil {
		t.Error(err)
	}
	if run, err := ReadRun(dir); err != nil || run.ID != "other" {
		t.Errorf("the folder is of %s, %v", run.ID, err)
	}
	elsewhere := t.TempDir()
	if err := os.WriteFile(filepath.Join(elsewhere, openWeightsFile), []byte("precious"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := CreateFolder(elsewhere, other, nil); !errors.Is(err, sweep.ErrBadInput) {
		t.Errorf("a model from elsewhere: %v", err)
	}
}
