package openclip

import (
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/scalelaw/scalelaw/sweep"
	"github.com/scalelaw/scalelaw/trainer/clip/dual"
	"github.com/scalelaw/scalelaw/trainer/clip/safetensors"
	"github.com/scalelaw/scalelaw/trainer/op"
	"github.com/scalelaw/scalelaw/trainer/op/cpu"
	"github.com/scalelaw/scalelaw/trainer/op/cpu/kernel"
	"github.com/scalelaw/scalelaw/trainer/op/plain"
)

// goldenBatch is how many pairs make_goldens.py has in a batch.
const goldenBatch = 6

// recipe is make_goldens.py's.
var recipe = op.AdamW{Rate: 1e-3, Beta1: 0.9, Beta2: 0.98, Eps: 1e-6, Decay: 0.2}

// drawn repeats make_goldens.py's: uniform numbers in [-1, 1) from a name.
func drawn(name string, n int) []float32 {
	seed := uint64(0xcbf29ce484222325)
	for i := range len(name) {
		seed = (seed ^ uint64(name[i])) * 0x100000001b3
	}
	all := make([]float32, n)
	for i := range all {
		z := seed + 0x9e3779b97f4a7c15*uint64(i+1)
		z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
		z = (z ^ z>>27) * 0x94d049bb133111eb
		z ^= z >> 31
		all[i] = float32(float64(z>>40)/(1<<23) - 1)
	}
	return all
}

// drawnWeights are make_goldens.py's weights of a model.
func drawnWeights(o sweep.OpenCLIP) (all []safetensors.Tensor) {
	for _, t := range Parameters(o) {
		data := drawn(t.Name, t.Size())
		for i, u := range data {
			switch {
			case t.Name == "logit_scale":
				data[i] = 2.5
			case t.Name == "logit_bias":
				data[i] = -3
			case strings.Contains(t.Name, "ln_") && strings.HasSuffix(t.Name, "weight"):
				data[i] = float32(float64(u)*0.1 + 1)
			case len(t.Shape) < 2:
				data[i] = float32(float64(u) * 0.1)
			default:
				data[i] = float32(float64(u) * 0.25)
			}
		}
		all = append(all, safetensors.Tensor{Name: t.Name, Shape: t.Shape, Data: data})
	}
	return all
}

// drawnBatch is make_goldens.py's batch.
func drawnBatch(name string, o sweep.OpenCLIP) (images []float32, ids []int32) {
	side, context, vocab := o.Vision.ImageSize, o.Text.ContextLength, o.Text.VocabSize
	images = drawn(name+"/images", goldenBatch*Channels*side*side)
	for _, u := range drawn(name+"/tokens", goldenBatch*context) {
		ids = append(ids, int32(math.Floor((float64(u)+1)/2*float64(vocab-2))))
	}
	for i := range goldenBatch {
		row, end := ids[i*context:][:context], 2+i%(context-2)
		row[0], row[end] = int32(vocab-2), int32(vocab-1)
		clear(row[end+1:])
	}
	return images, ids
}

// readGolden reads a model of testdata and what open_clip computed with it.
func readGolden(t testing.TB, name string) (sweep.OpenCLIP, map[string]safetensors.Tensor) {
	t.Helper()
	text, err := os.ReadFile("testdata/" + name + ".json")
	if err != nil {
		t.Fatal(err)
	}
	config, err := sweep.ReadModel(text)
	if err != nil {
		t.Fatal(err)
	}
	file, err := os.Open("testdata/" + name + ".safetensors")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	f, err := safetensors.Read(file)
	if err != nil {
		t.Fatal(err)
	}
	golden := map[string]safetensors.Tensor{}
	for _, x := range f.Tensors {
		golden[x.Name] = x
	}
	return *config, golden
}

// goldenModel is a model of testdata with its weights, on the given device.
func goldenModel(t testing.TB, config sweep.OpenCLIP, d op.Device, training bool) *Model {
	t.Helper()
	m, err := New(config, d, dual.Use{Batch: goldenBatch, Train: training})
	if err != nil {
		t.Fatal(err)
	}
	if err := m.SetWeights(drawnWeights(m.config)); err != nil {
		t.Fatal(err)
	}
	return m
}

var goldenNames = []string{"tiny", "odd", "quick", "siglip"}

// devices are the implementations of the operations that are held to the goldens: the
// definition, and every level of the CPU's kernels.
func devices(t testing.TB) map[string]op.Device {
	t.Helper()
	all := map[string]op.Device{"plain float32": plain.New[float32](), "plain float64": plain.New[float64]()}
	for _, level := range kernel.Levels() {
		d, err := cpu.New(cpu.Options{Threads: 2, Level: level})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { d.Close() })
		all[d.Name()] = d
	}
	return all
}

func TestEmbeddingsAreOpenCLIPs(t *testing.T) {
	for _, name := range goldenNames {
		for device, d := range devices(t) {
			config, golden := readGolden(t, name)
			m := goldenModel(t, config, d, false)
			images, ids := drawnBatch(name, config)
			got := make([]float32, goldenBatch*config.EmbedDim)
			if err := m.EmbedImages(got, images, goldenBatch); err != nil {
				t.Fatal(err)
			}
			near(t, name+" image, "+device, got, golden["image"].Data, 1e-5, 1)
			if err := m.EmbedTexts(got, ids, goldenBatch); err != nil {
				t.Fatal(err)
			}
			near(t, name+" text, "+device, got, golden["text"].Data, 1e-5, 1)
		}
	}
}

func TestLossAndGradientsAreOpenCLIPs(t *testing.T) {
	for _, name := range goldenNames {
		for device, d := range devices(t) {
			config, golden := readGolden(t, name)
			m := goldenModel(t, config, d, true)
			images, ids := drawnBatch(name, config)
			m.Step(images, ids, goldenBatch)
			loss, _, err := m.Loss()
			if err != nil {
				t.Fatal(err)
			}
			near(t, name+" loss, "+device, []float32{float32(loss)}, golden["loss"].Data, 1e-4, golden["loss"].Data[0])
			grads, err := m.Gradients()
			if err != nil {
				t.Fatal(err)
			}
			compare(t, name+" "+device, grads, golden, "grad.", 1e-4)
		}
	}
}

// tenSteps trains on one batch as the goldens were.
func tenSteps(m *Model, images []float32, ids []int32) {
	for step := range 10 {
		m.Step(images, ids, goldenBatch)
		s := recipe
		s.Step = int64(step) + 1
		m.Update(s)
	}
}

// TestTenStepsAreTorchs leaves out, in float32, the biases of the keys: a constant added to all
// logits of a softmax changes nothing, so their gradients are zero but for rounding, which AdamW
// makes steps of. In float64 nothing is left out.
func TestTenStepsAreTorchs(t *testing.T) {
	for _, name := range goldenNames[1:] {
		for device, d := range devices(t) {
			config, golden := readGolden(t, name)
			m := goldenModel(t, config, d, true)
			images, ids := drawnBatch(name, config)
			tenSteps(m, images, ids)
			weights, err := m.Weights()
			if err != nil {
				t.Fatal(err)
			}
			if device != "plain float64" {
				dropKeyBiases(weights, golden)
			}
			compare(t, name+" "+device, weights, golden, "after.", 1e-4)
		}
	}
}

// dropKeyBiases makes the middle third of every in_proj_bias zero on both sides.
func dropKeyBiases(weights []safetensors.Tensor, golden map[string]safetensors.Tensor) {
	for _, x := range weights {
		if strings.HasSuffix(x.Name, "in_proj_bias") {
			w := len(x.Data) / 3
			clear(x.Data[w:][:w])
			clear(golden["after."+x.Name].Data[w:][:w])
		}
	}
}

// compare wants every tensor within a share of its golden's largest number.
func compare(t *testing.T, what string, got []safetensors.Tensor, golden map[string]safetensors.Tensor, prefix string, share float64) {
	t.Helper()
	compared, worst := 0, 0.0
	for _, x := range got {
		want, ok := golden[prefix+x.Name]
		if !ok || !slices.Equal(want.Shape, x.Shape) {
			t.Errorf("%s: %s %v against %v", what, x.Name, x.Shape, want.Shape)
			continue
		}
		worst = max(worst, near(t, what+" "+x.Name, x.Data, want.Data, share, largest(want.Data)))
		compared++
	}
	if compared == 0 {
		t.Errorf("%s: nothing was compared", what)
	}
	t.Logf("%s: %d tensors, largest difference %.2g of a tensor's largest number", what, compared, worst)
}

// near wants got within share*size of want everywhere, and gives the largest difference over
// size.
func near(t *testing.T, what string, got, want []float32, share float64, size float32) (worst float64) {
	t.Helper()
	if len(got) != len(want) || len(want) == 0 {
		t.Errorf("%s: %d numbers, want %d", what, len(got), len(want))
		return 0
	}
	for i := range want {
		worst = max(worst, math.Abs(float64(got[i]-want[i]))/float64(size))
	}
	if !(worst <= share) {
		t.Errorf("%s differs by %.2g, more than %.2g", what, worst, share)
	}
	return worst
}

func largest(x []float32) (size float32) {
	for _, v := range x {
		size = max(size, v, -v)
	}
	return size
}
