package cli

import (
	"encoding/csv"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The commands of docs/figures.md draw the pictures that stand beside them.
func TestDocumentedFigures(t *testing.T) {
	t.Chdir("../..")
	text, err := os.ReadFile("docs/figures.md")
	must(t, err)
	drawn := 0
	for line := range strings.Lines(string(text)) {
		if !strings.HasPrefix(line, "scalelaw figure ") {
			continue
		}
		r := csv.NewReader(strings.NewReader(line))
		r.Comma = ' '
		args, err := r.Read()
		must(t, err)
		for i, arg := range args {
			if name, ok := strings.CutPrefix(arg, "docs/figures/"); ok {
				args[i] = filepath.Join(t.TempDir(), name)
				succeeds(t, emptyFolder(t), args[1:]...)
				alike(t, arg, args[i])
				drawn++
			}
		}
	}
	if drawn < 2 {
		t.Fatalf("drew %d figures of docs/figures.md", drawn)
	}
}

// alike wants the same pictures. The words of warnings under the plot, and the last bits of other
// machines, may differ.
func alike(t *testing.T, committed, now string) {
	t.Helper()
	a, b := decoded(t, committed), decoded(t, now)
	common := a.Bounds().Intersect(b.Bounds())
	if common.Dx() != a.Bounds().Dx() || common.Dx() != b.Bounds().Dx() || common.Dy() < 500 {
		t.Fatalf("%s is %v, its command draws %v: run it again", committed, a.Bounds(), b.Bounds())
	}
	different := 0
	for y := range common.Dy() {
		for x := range common.Dx() {
			if a.At(x, y) != b.At(x, y) {
				different++
			}
		}
	}
	if share := float64(different) / float64(common.Dx()*common.Dy()); share > 0.03 {
		t.Errorf("%.2f %% of %s differ from what its command draws: run it again", 100*share, committed)
	}
}

func decoded(t *testing.T, path string) image.Image {
	t.Helper()
	f, err := os.Open(path)
	must(t, err)
	defer f.Close()
	img, err := png.Decode(f)
	must(t, err)
	return img
}
