package clip

import (
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/scalelaw/scalelaw/sweep"
	"github.com/scalelaw/scalelaw/trainer"
	"github.com/scalelaw/scalelaw/trainer/dataset"
)

// squares is a table of coloured squares with their names, as the data of a run.
func squares(t *testing.T, n int) sweep.Dataset {
	t.Helper()
	dir := t.TempDir()
	table := "filepath,title\n"
	for i := range n {
		img := image.NewRGBA(image.Rect(0, 0, 20+i%5, 18))
		for p := range img.Bounds().Dx() * img.Bounds().Dy() {
			img.Set(p%img.Bounds().Dx(), p/img.Bounds().Dx(), color.RGBA{uint8(37 * i), uint8(91 * i), uint8(p), 255})
		}
		path := filepath.Join(dir, fmt.Sprintf("%d.png", i))
		file, err := os.Create(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(png.Encode(file, img), file.Close()); err != nil {
			t.Fatal(err)
		}
		table += fmt.Sprintf("%s,square number %d\n", path, i)
	}
	path := filepath.Join(dir, "table.csv")
	if err := os.WriteFile(path, []byte(table), 0o644); err != nil {
		t.Fatal(err)
	}
	d, err := dataset.Describe(context.Background(), path, ".", dataset.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// Training on files, cut anywhere and resumed, gives the bits of training that was not.
func TestTrainingOnFilesResumesExactly(t *testing.T) {
	run := runOf(4, 16*12, tinyViT)
	run.Data = squares(t, 40) // two and a half batches: the cuts lie in several passes
	whole := &memory{}
	if err := trainOn(t, trainer.Job{Run: run, Threads: 1}, whole); err != nil {
		t.Fatal(err)
	}
	for _, cut := range []int64{1, 3, 7} {
		first, second := &memory{stopAt: cut}, &memory{}
		if err := trainOn(t, trainer.Job{Run: run, Threads: 2}, first); !errors.Is(err, errStopped) {
			t.Fatalf("cut at %d: %v", cut, err)
		}
		if err := trainOn(t, trainer.Job{Run: run, Threads: 3, Resume: first.snapshot(cut)}, second); err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(second.checkpoints[12], whole.checkpoints[12]) {
			t.Errorf("cut at %d: other bits", cut)
		}
	}
	plain := run
	plain.Recipe.Augment = "none"
	other := &memory{}
	if err := trainOn(t, trainer.Job{Run: plain}, other); err != nil {
		t.Fatal(err)
	}
	if reflect.DeepEqual(other.checkpoints[12], whole.checkpoints[12]) {
		t.Error("without crops the bits are the same")
	}
}

func TestFilesAreForTransformers(t *testing.T) {
	run := runOf(4, 64, nil)
	run.Data = squares(t, 4)
	if err := trainOn(t, trainer.Job{Run: run}, &memory{}); !errors.Is(err, sweep.ErrUnsupported) {
		t.Error(err)
	}
}
