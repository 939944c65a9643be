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

// sumRows computes the rows' sums, and the columns' within the chunk.
func (t *contrast) sumRows(chunk, from, to int) {
	k, n := t.d.k, t.n
	tops, sums := t.tops[chunk*n:][:n], t.sums[chunk*n:][:n]
	k.Scale(&tops[0], &t.row(from)[0], n, t.scale)
	for i := from; i < to; i++ {
		row := t.row(i)
		k.Scale(&sums[0], &row[0], n, t.scale) // scratch: the logits of the row
		k.MaxInto(&tops[0], &sums[0], n)
		top := k.MaxOf(&sums[0], n)
		t.rowSum[i] = top + log(k.ExpOf(&sums[0], &sums[0], n, 1, -top))
	}
	clear(sums)
	for i := from; i < to; i++ {
		k.ExpColumns(&sums[0], &t.row(i)[0], &tops[0], n, t.scale)
	}
}

// columns puts the chunks' sums together: log of sum over chunks of sums*exp(tops - top).
func (t *contrast) columns() {
	k, n, chunks := t.d.k, t.n, ceil(t.n, lossRows)
	if n == 0 {
		return
	}
	top, sum := t.columnSum[:n], t.sums[:n]
	copy(top, t.tops[:n])
	for c := 1; c < chunks; c++ {
		k.MaxInto(&top[0], &t.tops[c*n], n)
	}
	for c := range chunks {
		tops, sums := t.tops[c*n:][:n], t.sums[c*n:][:n]
		k.AddScaled(&tops[0], &top[0], n, -1)
		k.ExpOf(&tops[0], &tops[0], n, 1, 0)
		k.Mul(&sums[0], 4*n, &tops[0], 4*n, 1, n)
		if c > 0 {
			k.AddScaled(&sum[0], &sums[0], n, 1)
		}
	}
	for j := range n {
		top[j] += log(sum[j])
	}
}

// softmaxRow turns a row of cosines into derivatives: scale/2n times the sum of both softmaxes,
// less two on the diagonal.
func (t *contrast) softmaxRow(i int, total []float64) {
	row := t.row(i)
	cosine := row[i]
	factor := t.scale / float32(2*t.n)
	dot := t.d.k.Contrast(&row[0], &t.columnSum[0], t.n, t.scale, t.rowSum[i], factor)
	row[i] -= 2 * factor
	logit := float64(t.scale) * float64(cosine)
	total[0] += (float64(t.rowSum[i]) + float64(t.columnSum[i]) - 2*logit) / float64(2*t.n)
	total[1] += float64(factor) * (float64(dot) - 2*float64(cosine))
}

// sigmoidRow does so for SigLIP. Off the diagonal a pair adds softplus(logit); on it,
// softplus(-logit) = softplus(logit) - logit.
func (t *contrast) sigmoidRow(i int, total []float64) {
	row := t.row(i)
	cosine := row[i]
	factor := t.scale / float32(t.n)
	loss, dot, sum := t.d.k.Sigmoids(&row[0], t.n, t.scale, t.bias, factor)
	row[i] -= factor
	n := float64(t.n)
	total[0] += (float64(loss) - float64(t.scale)*float64(cosine) - float64(t.bias)) / n
	total[1] += float64(factor) * (float64(dot) - float64(cosine))
	total[2] += (float64(sum) - 1) / n
}

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
