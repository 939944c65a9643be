package ladder

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/scalelaw/scalelaw/sweep"
	"github.com/scalelaw/scalelaw/trainer/clip/dual"
	"github.com/scalelaw/scalelaw/trainer/op"
	"github.com/scalelaw/scalelaw/trainer/op/cpu"
	"github.com/scalelaw/scalelaw/trainer/op/plain"
)

// small is a ladder model small enough for finite differences over every tensor.
func small() sweep.Ladder {
	return sweep.Ladder{Width: 2, TextWidth: 6, Depth: 2, EmbedDim: 5, Vocabulary: 9, Context: 8}
}

func randomBatch(l sweep.Ladder, rows int, random *rand.Rand) ([]float32, []int32) {
	images, ids := make([]float32, rows*ImageSize), make([]int32, rows*l.Context)
	for i := range images {
		images[i] = float32(random.NormFloat64())
	}
	for r := 1; r < rows; r++ { // the first caption is empty
		for i := range random.IntN(4) {
			ids[r*l.Context+i] = int32(1 + random.IntN(l.Vocabulary+1))
		}
	}
	return images, ids
}

// Every tensor's gradient against central finite differences in float64.
func TestGradientsAreTheDerivativesOfTheLoss(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	const rows = 5
	d := plain.New[float64]()
	m := New(small(), d, dual.Use{Batch: rows, Train: true})
	m.Draw(3)
	for _, tensor := range m.Tensors() {
		for i, x := 0, d.Values(m.Param(tensor.Name)); i < len(x); i++ {
			x[i] += 0.1 * random.NormFloat64() // no gain of exactly 1, no bias of exactly 0
		}
	}
	images, ids := randomBatch(small(), rows, random)
	loss := func() float64 {
		m.Step(images, ids, rows)
		return d.Values(m.Outcome())[0]
	}
	compared, nonzero := 0, 0
	for _, tensor := range m.Tensors() {
		loss()
		grads := slices.Clone(d.Values(m.Grad(tensor.Name)))
		for range min(12, tensor.Size()) {
			i := random.IntN(tensor.Size())
			numeric := derivative(d.Values(m.Param(tensor.Name)), i, loss)
			if math.Abs(numeric-grads[i]) > 2e-7+1e-5*math.Abs(numeric) {
				t.Errorf("%s: gradient %g, finite difference %g", tensor.Name, grads[i], numeric)
			}
			compared++
			if grads[i] != 0 {
				nonzero++
			}
		}
	}
	if compared < 12*20 || nonzero < compared*3/4 {
		t.Fatalf("compared %d derivatives, %d of them not zero", compared, nonzero)
	}
	t.Logf("compared %d derivatives of %d tensors, %d of them not zero", compared, len(m.Tensors()), nonzero)
}

func derivative(x []float64, i int, f func() float64) float64 {
	const h = 1e-5
	old := x[i]
	x[i] = old + h
	up := f()
	x[i] = old - h
	down := f()
	x[i] = old
	return (up - down) / (2 * h)
}

// The fast device trains the model as the definition in float64 does.
func TestTheCPUTrainsAsTheDefinition(t *testing.T) {
	random := rand.New(rand.NewPCG(4, 4))
	l := sweep.Ladder{Width: 5, TextWidth: 7, Depth: 1, EmbedDim: 9, Vocabulary: 20, Context: 8}
	const rows = 33
	fast, err := cpu.New(cpu.Options{Threads: 2})
	if err != nil {
		t.Fatal(err)
	}
	defer fast.Close()
	exact := plain.New[float64]()
	a, b := New(l, exact, dual.Use{Batch: rows, Train: true}), New(l, fast, dual.Use{Batch: rows, Train: true})
	a.Draw(5)
	b.Draw(5)
	images, ids := randomBatch(l, rows, random)
	s := op.AdamW{Rate: 1e-3, Beta1: 0.9, Beta2: 0.98, Eps: 1e-8, Decay: 0.1}
	for s.Step = 1; s.Step <= 5; s.Step++ {
		for _, m := range []*Model{a, b} {
			m.Step(images, ids, rows)
			m.Update(s)
		}
		wantLoss, wantLength, _ := a.Loss()
		loss, length, err := b.Loss()
		if err != nil || math.Abs(loss-wantLoss) > 1e-5 || math.Abs(length-wantLength) > 1e-4*wantLength {
			t.Errorf("step %d: loss %g, gradient %g (%v); by the definition %g, %g", s.Step, loss, length, err, wantLoss, wantLength)
		}
	}
}

// The catalogue's multiply-adds are those of the products that the forward pass makes.
func TestCatalogueCountsTheForwardPass(t *testing.T) {
	for _, w := range []int{4, 8, 12, 32} {
		m := sweep.NewLadder(w)
		l := *m.Ladder
		h := 4 * l.Width
		products := [][3]int{ // rows, inner, columns of each product over one sample, as the towers make them
			{positions, patchSize, l.Width}, {1, positions * l.Width, h}, {1, h, h}, {1, h, h}, {1, h, l.EmbedDim},
			{1, l.TextWidth, 4 * l.TextWidth}, {1, 4 * l.TextWidth, l.TextWidth}, {1, l.TextWidth, l.EmbedDim},
		}
		total := 0
		for _, p := range products {
			total += p[0] * p[1] * p[2]
		}
		if got := m.GMACs().Total() * 1e9; math.Abs(got-float64(total)) > 1e-6 {
			t.Errorf("w%d: catalogue %g, products %d", w, got, total)
		}
		if got := m.Params(); got != int64(newLayout(l).Count()) {
			t.Errorf("w%d: catalogue %d parameters, model %d", w, got, newLayout(l).Count())
		}
	}
}

// A step allocates nothing.
func TestAStepAllocatesNothing(t *testing.T) {
	l := *sweep.NewLadder(8).Ladder
	const rows = 64
	d, err := cpu.New(cpu.Options{Threads: 2})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	m := New(l, d, dual.Use{Batch: rows, Train: true})
	m.Draw(1)
	images, ids := randomBatch(l, rows, rand.New(rand.NewPCG(1, 1)))
	s := op.AdamW{Rate: 1e-3, Beta1: 0.9, Beta2: 0.98, Eps: 1e-8}
	step := func() {
		s.Step++
		m.Step(images, ids, rows)
		m.Update(s)
		if _, _, err := m.Loss(); err != nil {
			t.Fatal(err)
		}
	}
	step() // scratch memory grows in the first steps
	step()
	if n := testing.AllocsPerRun(20, step); n > 0 {
		t.Errorf("a step makes %g allocations", n)
	}
}

// BenchmarkStep is a whole training step on random data, on one thread.
func BenchmarkStep(b *testing.B) {
	for _, c := range [][2]int{{8, 128}, {16, 128}, {32, 128}, {32, 512}} {
		model := sweep.NewLadder(c[0])
		b.Run(fmt.Sprintf("%s/%d", model.Name, c[1]), func(b *testing.B) {
			d, err := cpu.New(cpu.Options{Threads: 1})
			if err != nil {
				b.Fatal(err)
			}
			defer d.Close()
			m := New(*model.Ladder, d, dual.Use{Batch: c[1], Train: true})
			m.Draw(1)
			images, ids := randomBatch(*model.Ladder, c[1], rand.New(rand.NewPCG(1, 1)))
			s := op.AdamW{Rate: 1e-3, Beta1: 0.9, Beta2: 0.98, Eps: 1e-8}
			for b.Loop() {
				s.Step++
				m.Step(images, ids, c[1])
				m.Update(s)
			}
			b.ReportMetric(float64(c[1])*float64(b.N)/b.Elapsed().Seconds(), "samples/s")
		})
	}
}
