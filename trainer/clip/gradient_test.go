package clip

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/scalelaw/scalelaw/sweep"
)

// small is a ladder model small enough for finite differences over every tensor.
func small() sweep.Ladder {
	return sweep.Ladder{Width: 2, TextWidth: 6, Depth: 2, EmbedDim: 5, Vocabulary: 9, Context: 8}
}

func randomBatch(rows int, random *rand.Rand) ([]float64, [][]int32) {
	patches := make([]float64, rows*positions*patchSize)
	for i := range patches {
		patches[i] = random.NormFloat64()
	}
	captions := make([][]int32, rows)
	for i := range captions {
		for range random.IntN(4) {
			captions[i] = append(captions[i], int32(1+random.IntN(10)))
		}
	}
	captions[0] = nil // an empty caption
	return patches, captions
}

// Every tensor's gradient against central finite differences in float64.
func TestGradientsAreTheDerivativesOfTheLoss(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	y := newLayout(small())
	params := initial[float64](y, 3)
	for i := range params {
		params[i] += 0.1 * random.NormFloat64() // no gain of exactly 1, no bias of exactly 0
	}
	const rows = 5
	patches, captions := randomBatch(rows, random)
	n := newNetwork(y, params, rows)
	n.step(patches, captions)
	grads := append([]float64(nil), n.grads...)
	compared, nonzero := 0, 0
	for _, tensor := range y.tensors {
		for range min(12, tensor.size()) {
			i := tensor.at + random.IntN(tensor.size())
			numeric := derivative(params, i, func() float64 { return n.step(patches, captions) })
			if math.Abs(numeric-grads[i]) > 2e-7+1e-5*math.Abs(numeric) {
				t.Errorf("%s: gradient %g, finite difference %g", tensor.name, grads[i], numeric)
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
	t.Logf("compared %d derivatives of %d tensors, %d of them not zero", compared, len(y.tensors), nonzero)
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

// float32 is the same code: its gradients are those of float64 to its precision.
func TestFloat32AgreesWithFloat64(t *testing.T) {
	random := rand.New(rand.NewPCG(4, 4))
	y := newLayout(small())
	wide := initial[float64](y, 5)
	narrow := make([]float32, len(wide))
	for i, v := range wide {
		narrow[i] = float32(v)
		wide[i] = float64(narrow[i])
	}
	patches, captions := randomBatch(7, random)
	narrowPatches := make([]float32, len(patches))
	for i, v := range patches {
		narrowPatches[i] = float32(v)
		patches[i] = float64(narrowPatches[i])
	}
	a, b := newNetwork(y, wide, 7), newNetwork(y, narrow, 7)
	lossWide, lossNarrow := a.step(patches, captions), b.step(narrowPatches, captions)
	if math.Abs(lossWide-lossNarrow) > 1e-5 {
		t.Errorf("losses %g and %g", lossWide, lossNarrow)
	}
	var difference, size float64
	for i := range a.grads {
		difference += math.Pow(a.grads[i]-float64(b.grads[i]), 2)
		size += a.grads[i] * a.grads[i]
	}
	if math.Sqrt(difference/size) > 1e-5 {
		t.Errorf("gradients differ by %g of their length", math.Sqrt(difference/size))
	}
}

// An untrained model with equal embeddings guesses: the loss is ln n.
func TestLossOfGuessingIsLogN(t *testing.T) {
	const n, e = 16, 3
	same := make([]float64, n*e)
	for i := range n {
		same[i*e] = 1
	}
	loss, _ := newContrast[float64](n, e).loss(same, same, 2, n, e)
	if math.Abs(loss-math.Log(n)) > 1e-12 {
		t.Errorf("%g, want ln %d = %g", loss, n, math.Log(n))
	}
}

// The catalogue's multiply-adds are those of the products that the forward pass makes.
func TestCatalogueCountsTheForwardPass(t *testing.T) {
	for _, w := range []int{4, 8, 12, 32} {
		m := sweep.NewLadder(w)
		l := *m.Ladder
		h := 4 * l.Width
		products := [][3]int{ // rows, inner, columns of each product over one sample, as the towers call linear
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
		if got := m.Params(); got != int64(newLayout(l).size) {
			t.Errorf("w%d: catalogue %d parameters, model %d", w, got, newLayout(l).size)
		}
	}
}
