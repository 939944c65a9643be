package plain

import (
	"math"

	"github.com/scalelaw/scalelaw/trainer/op"
)

// InfoNCE implements op.Losses. The derivative by logit (i, j) is half the sum of both
// directions' softmax, less one on the diagonal, over n.
func (d *Device[T]) InfoNCE(s op.Contrast) {
	logits := d.logits(s)
	n := s.Rows
	byRow, byColumn := make([]T, n), make([]T, n)
	for i := range n {
		byRow[i] = logSumExp(n, func(j int) T { return logits[i*n+j] })
		byColumn[i] = logSumExp(n, func(j int) T { return logits[j*n+i] })
	}
	var loss T
	d.contrast(s, logits, func(i, j int, logit T) T {
		p := exp(logit-byRow[i]) + exp(logit-byColumn[j])
		if i == j {
			loss += (byRow[i] + byColumn[i] - 2*logit) / T(2*n)
			p -= 2
		}
		return p / T(2*n)
	})
	d.Values(s.Loss)[0] = loss
}

// SigLIP implements op.Losses.
func (d *Device[T]) SigLIP(s op.Contrast) {
	var loss T
	d.contrast(s, d.logits(s), func(i, j int, logit T) T {
		z := T(-1)
		if i == j {
			z = 1
		}
		loss += softplus(-z*logit) / T(s.Rows)
		return -z / (1 + exp(z*logit)) / T(s.Rows)
	})
	d.Values(s.Loss)[0] = loss
}

// softplus is log(1 + e^x) = -log sigmoid(-x), without overflow.
func softplus[T Real](x T) T {
	return max(x, 0) + T(math.Log1p(math.Exp(-math.Abs(float64(x)))))
}

// logits are exp(LogScale) Image Text^T + LogBias [Rows, Rows].
func (d *Device[T]) logits(s op.Contrast) []T {
	scale := exp(d.Values(s.LogScale)[0])
	var bias T
	if !s.LogBias.None() {
		bias = d.Values(s.LogBias)[0]
	}
	logits := make([]T, s.Rows*s.Rows)
	for i := range s.Rows {
		for j := range s.Rows {
			logits[i*s.Rows+j] = scale*dot(row(d.Values(s.Image), i, s.Width), row(d.Values(s.Text), j, s.Width)) + bias
		}
	}
	return logits
}

// contrast carries the derivative of the loss by each logit on to the embeddings, the scale
// and the bias.
func (d *Device[T]) contrast(s op.Contrast, logits []T, derivative func(i, j int, logit T) T) {
	scale := exp(d.Values(s.LogScale)[0])
	image, text, dImage, dText := d.Values(s.Image), d.Values(s.Text), d.Values(s.DImage), d.Values(s.DText)
	clear(dImage[:s.Rows*s.Width])
	clear(dText[:s.Rows*s.Width])
	for i := range s.Rows {
		for j := range s.Rows {
			logit := logits[i*s.Rows+j]
			g := derivative(i, j, logit)
			addScaled(row(dImage, i, s.Width), g*scale, row(text, j, s.Width))
			addScaled(row(dText, j, s.Width), g*scale, row(image, i, s.Width))
			if !s.LogBias.None() {
				logit -= d.Values(s.LogBias)[0]
			}
			d.Values(s.DLogScale)[0] += g * logit
			if !s.DLogBias.None() {
				d.Values(s.DLogBias)[0] += g
			}
		}
	}
}

func logSumExp[T Real](n int, x func(int) T) T {
	top, sum := T(math.Inf(-1)), T(0)
	for i := range n {
		top = max(top, x(i))
	}
	for i := range n {
		sum += exp(x(i) - top)
	}
	return top + log(sum)
}
