package clip

import "math"

// contrast is the symmetric InfoNCE loss of CLIP (Radford et al. 2021, figure 3) over a whole
// global batch, with its memory.
type contrast[T real] struct {
	similarity []T // [n, n]: cosines, then the derivative of the loss by the logits
	dImage     []T // [n, e]
	dText      []T // [n, e]
	columnMax  []float64
	columnSum  []float64
}

func newContrast[T real](n, e int) *contrast[T] {
	return &contrast[T]{
		similarity: make([]T, n*n), dImage: make([]T, n*e), dText: make([]T, n*e),
		columnMax: make([]float64, n), columnSum: make([]float64, n),
	}
}

// loss is the mean over both directions of the cross-entropy of scale*image*text^T [n, n]
// against the diagonal, in nats; guessing gives ln n. It leaves the derivatives by image and
// text [n, e] in dImage and dText and returns the one by ln(scale).
func (c *contrast[T]) loss(image, text []T, logScale T, n, e int) (loss float64, dLogScale T) {
	scale := math.Exp(float64(logScale))
	gemm(false, true, n, n, e, image, text, 0, c.similarity)
	c.columns(scale, n)
	var d float64
	for i := range n {
		row := c.similarity[i*n:][:n]
		top, sum := math.Inf(-1), 0.0
		for _, v := range row {
			top = max(top, scale*float64(v))
		}
		for _, v := range row {
			sum += math.Exp(scale*float64(v) - top)
		}
		for j, v := range row {
			logit := scale * float64(v)
			p := math.Exp(logit-top)/sum + math.Exp(logit-c.columnMax[j])/c.columnSum[j]
			if i == j {
				loss += 0.5 * (top + math.Log(sum) + c.columnMax[j] + math.Log(c.columnSum[j]) - 2*logit)
				p -= 2
			}
			p *= 0.5 / float64(n)
			d += p * logit
			row[j] = T(p * scale)
		}
	}
	gemm(false, false, n, e, n, c.similarity, text, 0, c.dImage)
	gemm(true, false, n, e, n, c.similarity, image, 0, c.dText)
	return loss / float64(n), T(d)
}

// columns computes each column's largest logit and the sum of the exponentials below it.
func (c *contrast[T]) columns(scale float64, n int) {
	for j := range n {
		c.columnMax[j], c.columnSum[j] = math.Inf(-1), 0
	}
	for i := range n {
		for j, v := range c.similarity[i*n:][:n] {
			c.columnMax[j] = max(c.columnMax[j], scale*float64(v))
		}
	}
	for i := range n {
		for j, v := range c.similarity[i*n:][:n] {
			c.columnSum[j] += math.Exp(scale*float64(v) - c.columnMax[j])
		}
	}
}
