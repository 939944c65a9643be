package clip

import (
	"context"
	"errors"
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
