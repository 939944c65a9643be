package picture

import (
	"encoding/json"
	"image"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// golden is what testdata/golden.py wrote beside the pictures that PIL and torchvision made.
type golden struct {
	Size         int                  `json:"size"`
	Crop         [4]int               `json:"crop"` // top, left, height, width
	TensorStride int                  `json:"tensor_stride"`
	Tensors      map[string][]float64 `json:"tensors"`
}

func readGolden(t testing.TB) (g golden) {
	t.Helper()
	if err := json.Unmarshal(read(t, "golden.json"), &g); err != nil {
		t.Fatal(err)
	}
	return g
}

func read(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func decoded(t testing.TB, name string) *Image {
	t.Helper()
	var m Image
	if err := Decode(&m, read(t, name), MaxPixels); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return &m
}

// within wants a share of the pixels within one grey level, and none further off than worst.
func within(t *testing.T, what string, got, want *Image, share float64, worst int) {
	t.Helper()
	if got.Width != want.Width || got.Height != want.Height {
		t.Errorf("%s: %d x %d, want %d x %d", what, got.Width, got.Height, want.Width, want.Height)
		return
	}
	near, most := 0, 0
	for i := 0; i < len(want.Pix); i += 3 {
		off := 0
		for c := range 3 {
			off = max(off, int(math.Abs(float64(got.Pix[i+c])-float64(want.Pix[i+c]))))
		}
		most = max(most, off)
		if off <= 1 {
			near++
		}
	}
	s := float64(near) / float64(len(want.Pix)/3)
	t.Logf("%s: %.2f %% of the pixels within one grey level, at most %d off", what, 100*s, most)
	if s < share || most > worst {
		t.Errorf("%s: %.2f %% within one grey level, want %.2f %%; at most %d off, want %d", what, 100*s, 100*share, most, worst)
	}
}

func TestEvaluationIsOpenCLIPs(t *testing.T) {
	g := readGolden(t)
	files, err := filepath.Glob("testdata/want-*-*.png")
	if err != nil || len(files) != 13 {
		t.Fatalf("%d files: %v", len(files), err)
	}
	for _, file := range files {
		want := filepath.Base(file)
		stem := strings.TrimSuffix(strings.TrimPrefix(want, "want-"), ".png")
		i := strings.LastIndex(stem, "-")
		name := stem[:i] + "." + stem[i+1:]
		var got Image
		Evaluation(g.Size).Apply(&Resizer{}, &got, decoded(t, name), nil)
		share, worst := 0.99, 3
		if strings.HasSuffix(name, ".png") || strings.Contains(name, "lossless") {
			share, worst = 1, 0 // nothing but the resizing can differ, and it does not
		}
		within(t, name, &got, decoded(t, want), share, worst)
	}
}

// Before resizing, what the two inverse cosine transforms round differently is still seen.
func TestDecodingIsLibjpegs(t *testing.T) {
	within(t, "photo-420.jpg", decoded(t, "photo-420.jpg"), decoded(t, "decoded-420.png"), 0.97, 4)
}

func TestRandomCropIsTorchvisions(t *testing.T) {
	g := readGolden(t)
	top, left := g.Crop[0], g.Crop[1]
	box := image.Rect(left, top, left+g.Crop[3], top+g.Crop[2])
	var got Image
	new(Resizer).Resize(&got, decoded(t, "decoded-420.png"), box, g.Size, g.Size, image.Rect(0, 0, g.Size, g.Size))
	within(t, "crop", &got, decoded(t, "want-crop.png"), 1, 0)
}

func TestTensorIsOpenCLIPs(t *testing.T) {
	g := readGolden(t)
	transform := Evaluation(g.Size)
	var small Image
	transform.Apply(&Resizer{}, &small, decoded(t, "decoded-420.png"), nil)
	tensor := make([]float32, 3*g.Size*g.Size)
	NewTensor(transform).Normalize(tensor, &small)
	compared := 0
	for _, values := range g.Tensors {
		for k, want := range values {
			compared++
			if got := float64(tensor[k*g.TensorStride]); math.Abs(got-want) > 2e-6 {
				t.Errorf("value %d: %g, want %g", k*g.TensorStride, got, want)
			}
		}
	}
	if compared < 25 {
		t.Fatalf("compared %d values", compared)
	}
	planes := make([]uint8, len(tensor))
	Planes(planes, &small)
	if planes[2*g.Size*g.Size+5] != small.Pix[3*5+2] {
		t.Error("the planes are not R, G, B one after another")
	}
}

// The bounds of torchvision's RandomResizedCrop, over many draws.
func TestRandomCropStaysInside(t *testing.T) {
	draw := rand.New(rand.NewPCG(1, 2))
	crop := *Training(96).Crop
	for range 2000 {
		w, h := 20+draw.IntN(400), 20+draw.IntN(400)
		box := crop.box(w, h, draw)
		if box.Empty() || !box.In(image.Rect(0, 0, w, h)) {
			t.Fatalf("%v of %d x %d", box, w, h)
		}
		ratio, area := float64(box.Dx())/float64(box.Dy()), float64(box.Dx()*box.Dy())/float64(w*h)
		if tolerance := 2 / float64(min(w, h)); ratio < 0.75-2*tolerance || ratio > 4./3+2*tolerance || area > 1 {
			t.Fatalf("%v of %d x %d: ratio %g, area %g", box, w, h, ratio, area)
		}
	}
	if box := crop.central(1000, 100); box != image.Rect(433, 0, 566, 100) {
		t.Errorf("a wide image's centre is %v", box)
	}
	if box := crop.central(10, 1000); box != image.Rect(0, 493, 10, 506) {
		t.Errorf("a tall image's centre is %v", box)
	}
}
