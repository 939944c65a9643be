package icons32

import (
	"errors"
	"math"
	"testing"

	"github.com/scalelaw/scalelaw/sweep"
)

// What is exported is what is trained on: the luma of Image is Pixels.
func TestImagesAreThePixels(t *testing.T) {
	s := mustLoad(t)
	values := make([]float32, Side*Side)
	for _, i := range []int{0, 1000, 215_352, 215_353, s.Len() - 1} {
		img := s.Image(i)
		s.Pixels(i, values)
		for k, v := range values {
			r, g, b, a := img.At(k%Side, k/Side).RGBA()
			luma := (0.299*float64(r) + 0.587*float64(g) + 0.114*float64(b)) / 65535
			if a != 65535 || math.Abs(1-luma-float64(v)) > 1e-6 {
				t.Fatalf("icon %d, pixel %d: luma %g, value %g", i, k, luma, v)
			}
		}
	}
}

func TestSplits(t *testing.T) {
	s := mustLoad(t)
	for _, name := range append(Splits(), "train") {
		items, labels, err := s.Split(name, 500)
		if err != nil || len(items) < 300 || labels != nil && len(labels) != len(items) {
			t.Errorf("%s: %d icons, %d labels: %v", name, len(items), len(labels), err)
		}
		if (labels == nil) != (name == "train" || name == "retrieval") {
			t.Errorf("%s: %d labels", name, len(labels))
		}
	}
	if _, _, err := s.Split("dev", 1); !errors.Is(err, sweep.ErrBadInput) {
		t.Errorf("unknown split: %v", err)
	}
}
