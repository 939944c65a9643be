package cpu

import (
	"math"

	"github.com/scalelaw/scalelaw/trainer/op"
)

// lossRows is how many rows of the similarities a chunk has; what is summed over rows is
// summed in parts of it.
const lossRows = 32

// contrast is a loss over the similarities of all pairs, in phases: similarities and, for
// InfoNCE, the sums of the softmaxes; derivatives and dImage; dText.
type contrast struct {
	d           *Device
	s           op.Contrast
	phase       lossPhase
	n, e        int
	image, text []float32
	dImage      []float32
	scale, bias float32

	similarity []float32 // [n, n]; in the end the derivatives by the cosines
	rowSum     []float32 // [n] log of each row's sum of exponentials
	columnSum  []float32 // [n] of each column's
	tops, sums []float32 // [chunks, n] of the columns within a chunk
	totals     []float64 // [chunks, 3] loss, derivative by ln scale, by the bias
	text2      linear
}

type lossPhase int

const (
	similarities lossPhase = iota
	softmaxes              // derivatives of InfoNCE
	sigmoids               // of SigLIP
)

// InfoNCE implements op.Losses.
func (d *Device) InfoNCE(s op.Contrast) {
	t := &d.contrast
	t.begin(d, s)
	d.crew.run(t, ceil(t.n, lossRows))
	t.columns()
	t.phase = softmaxes
	d.crew.run(t, ceil(t.n, lossRows))
	t.finish()
}

// SigLIP implements op.Losses.
func (d *Device) SigLIP(s op.Contrast) {
	t := &d.contrast
	t.begin(d, s)
	t.phase = sigmoids
	d.crew.run(t, ceil(t.n, lossRows))
	t.finish()
}

func (t *contrast) begin(d *Device, s op.Contrast) {
	n, chunks := s.Rows, ceil(s.Rows, lossRows)
	if len(t.rowSum) < n {
		t.similarity, t.rowSum, t.columnSum = aligned(n*n), aligned(n), aligned(n)
		t.tops, t.sums, t.totals = aligned(chunks*n), aligned(chunks*n), make([]float64, 3*chunks)
	}
	t.d, t.s, t.n, t.e, t.phase = d, s, n, s.Width, similarities
	t.image, t.text, t.dImage = d.of(s.Image), d.of(s.Text), d.of(s.DImage)
	t.scale, t.bias = float32(math.Exp(float64(d.of(s.LogScale)[0]))), 0
	if !s.LogBias.None() {
		t.bias = d.of(s.LogBias)[0]
	}
}

func (t *contrast) do(chunk int, w *worker) {
	from, to := chunk*lossRows, min((chunk+1)*lossRows, t.n)
	total := t.totals[3*chunk:][:3]
	switch t.phase {
	case similarities:
		t.multiply(w, from, to)
		t.sumRows(chunk, from, to)
		return
	case softmaxes:
		clear(total)
		for i := from; i < to; i++ {
			t.softmaxRow(i, total)
		}
	case sigmoids:
		t.multiply(w, from, to)
		clear(total)
		for i := from; i < to; i++ {
			t.sigmoidRow(i, total)
		}
	}
	dImage := product{m: t.n, n: t.e, k: t.n, a: t.similarity, rs: t.n, cs: 1, b: t.text, ldb: t.e, c: t.dImage, ldc: t.e}
	w.multiply(t.d.k, &dImage, from, to, 0, t.e)
}

func (t *contrast) multiply(w *worker, from, to int) {
	p := product{m: t.n, n: t.n, k: t.e, a: t.image, rs: t.e, cs: 1, b: t.text, ldb: t.e, transposed: true, c: t.similarity, ldc: t.n}
	w.multiply(t.d.k, &p, from, to, 0, t.n)
}

func (t *contrast) row(i int) []float32 { return t.similarity[i*t.n:][:t.n] }

// finish adds up the totals and computes dText = derivatives^T image.
func (t *contrast) finish() {
	d := t.d
	t.text2 = linear{d: d, p: product{m: t.n, n: t.e, k: t.n, a: t.similarity, rs: 1, cs: t.n, b: t.image, ldb: t.e, c: d.of(t.s.DText), ldc: t.e}}
	d.product(&t.text2)
	var loss, byScale, byBias float64
	for c := range ceil(t.n, lossRows) {
		loss += t.totals[3*c]
		byScale += t.totals[3*c+1]
		byBias += t.totals[3*c+2]
	}
	d.of(t.s.Loss)[0] = float32(loss)
	d.of(t.s.DLogScale)[0] += float32(byScale)
	if !t.s.DLogBias.None() && t.phase == sigmoids {
		d.of(t.s.DLogBias)[0] += float32(byBias)
	}
}
