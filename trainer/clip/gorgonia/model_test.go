package gorgonia

import (
	"errors"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"testing"

	"github.com/scalelaw/scalelaw/sweep"
	"github.com/scalelaw/scalelaw/trainer/clip/dual"
	"github.com/scalelaw/scalelaw/trainer/clip/openclip"
	"github.com/scalelaw/scalelaw/trainer/clip/safetensors"
	"github.com/scalelaw/scalelaw/trainer/op"
	"github.com/scalelaw/scalelaw/trainer/op/plain"
)

const rows = 4

func config(t testing.TB, name string) sweep.OpenCLIP {
	t.Helper()
	text, err := os.ReadFile("../openclip/testdata/" + name + ".json")
	if err != nil {
		t.Fatal(err)
	}
	o, err := sweep.ReadModel(text)
	if err != nil {
		t.Fatal(err)
	}
	return *o
}

// problem is a model's weights, none of them zero, and a batch.
func problem(o sweep.OpenCLIP) (weights []safetensors.Tensor, images []float32, ids []int32) {
	random := rand.New(rand.NewPCG(1, 2))
	weights = openclip.First(o, 3)
	for _, t := range weights {
		for i := range t.Data {
			t.Data[i] += float32(0.1 * random.NormFloat64())
		}
	}
	images = make([]float32, rows*3*o.Vision.ImageSize*o.Vision.ImageSize)
	for i := range images {
		images[i] = float32(random.NormFloat64())
	}
	for range rows * o.Text.ContextLength {
		ids = append(ids, int32(random.IntN(o.Text.VocabSize)))
	}
	return weights, images, ids
}

// The gradients that gorgonia derives are those of the hand-written passes, in float64.
func TestGraphAgreesWithTheDefinition(t *testing.T) {
	for _, name := range []string{"odd", "quick", "siglip"} {
		o := config(t, name)
		weights, images, ids := problem(o)
		graph, err := New[float64](o, rows)
		if err != nil {
			t.Fatal(err)
		}
		hand, err := openclip.New(o, plain.New[float64](), dual.Use{Batch: rows, Train: true})
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(graph.SetWeights(weights), hand.SetWeights(weights)); err != nil {
			t.Fatal(err)
		}
		s := op.AdamW{Rate: 1e-3, Beta1: 0.9, Beta2: 0.98, Eps: 1e-6, Decay: 0.2}
		for s.Step = 1; s.Step <= 3; s.Step++ { // a graph that runs again must not remember
			graph.Step(images, ids, rows)
			hand.Step(images, ids, rows)
			a, lengthA, errA := graph.Loss()
			b, lengthB, errB := hand.Loss()
			if err := errors.Join(errA, errB); err != nil {
				t.Fatal(err)
			}
			if math.Abs(a-b) > 1e-6*math.Abs(b) || math.Abs(lengthA-lengthB) > 1e-6*lengthB {
				t.Errorf("%s step %d: loss %g and %g, length %g and %g", name, s.Step, a, b, lengthA, lengthB)
			}
			got, errA := graph.Gradients()
			want, errB := hand.Gradients()
			if err := errors.Join(errA, errB); err != nil {
				t.Fatal(err)
			}
			compare(t, name, got, want)
			graph.Update(s)
			hand.Update(s)
		}
	}
}

func compare(t *testing.T, name string, got, want []safetensors.Tensor) {
	t.Helper()
	worst := 0.0
	for i, w := range want {
		g := got[i]
		if g.Name != w.Name || len(g.Data) != len(w.Data) || len(w.Data) == 0 {
			t.Fatalf("%s: %s %v against %s %v", name, g.Name, g.Shape, w.Name, w.Shape)
		}
		var size, off float64
		for k, v := range w.Data {
			size = max(size, math.Abs(float64(v)))
			off = max(off, math.Abs(float64(v)-float64(g.Data[k])))
		}
		worst = max(worst, off/size)
		if !(off <= 2e-7*size) {
			t.Errorf("%s: %s differs by %.2g of its largest number", name, w.Name, off/size)
		}
	}
	t.Logf("%s: %d tensors, largest difference %.2g", name, len(want), worst)
}

// In float32, as an engine: its state can be saved and loaded.
func TestStateGoesThroughTensors(t *testing.T) {
	o := config(t, "quick")
	_, images, ids := problem(o)
	train := func(m *Model[float32], from, to int64) {
		for step := from; step <= to; step++ {
			m.Step(images, ids, rows)
			if _, _, err := m.Loss(); err != nil {
				t.Fatal(err)
			}
			m.Update(op.AdamW{Rate: 1e-3, Beta1: 0.9, Beta2: 0.98, Eps: 1e-6, Decay: 0.2, Step: step})
		}
	}
	made := func() *Model[float32] {
		m, err := New[float32](o, rows)
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	whole, cut := made(), made()
	whole.Draw(1)
	train(whole, 1, 2)
	weights, errA := whole.Weights()
	moments, errB := whole.Moments()
	if err := errors.Join(errA, errB, cut.SetWeights(weights), cut.SetMoments(moments)); err != nil {
		t.Fatal(err)
	}
	train(whole, 3, 4)
	train(cut, 3, 4)
	a, _ := whole.Weights()
	b, _ := cut.Weights()
	for i := range a {
		if !slices.Equal(a[i].Data, b[i].Data) {
			t.Errorf("%s: other bits after it was saved and loaded", a[i].Name)
		}
	}
}

func TestRefusals(t *testing.T) {
	big, _ := sweep.LookupModel("ViT-B-32")
	if _, err := New[float32](*big.OpenCLIP, 128); !errors.Is(err, sweep.ErrUnsupported) {
		t.Error(err)
	}
	o := config(t, "quick")
	m, err := New[float32](o, rows)
	if err != nil {
		t.Fatal(err)
	}
	_, images, ids := problem(o)
	m.Draw(1)
	m.Step(images, ids, rows-1)
	if _, _, err := m.Loss(); err == nil {
		t.Error("a smaller batch was taken")
	}
	ids[0] = int32(o.Text.VocabSize)
	m.Step(images, ids, rows)
	if _, _, err := m.Loss(); !errors.Is(err, sweep.ErrBadInput) {
		t.Error(err)
	}
}
