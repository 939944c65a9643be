package plain

import (
	"math"

	"github.com/scalelaw/scalelaw/trainer/op"
)

// heads gives the rows of one sample's head in qkv (or its gradient): token t's q, k and v.
func heads[T Real](qkv []T, s op.Attention, sample, head int) func(t, part int) []T {
	w := s.Width()
	return func(t, part int) []T {
		return row(qkv, sample*s.Tokens+t, 3*w)[part*w+head*s.Head:][:s.Head]
	}
}

const (
	query = iota
	key
	value
)

// sees is how many tokens, from the first, token t attends to.
func sees(s op.Attention, t int) int {
	if s.Causal {
		return t + 1
	}
	return s.Tokens
}

// Attention implements op.Device.
func (d *Device[T]) Attention(y, logSum, qkv op.Floats, s op.Attention) {
	scale := T(1 / math.Sqrt(float64(s.Head)))
	score := make([]T, s.Tokens)
	for sample := range s.Batch {
		for head := range s.Heads {
			at := heads(d.Values(qkv), s, sample, head)
			for t := range s.Tokens {
				top, sum := T(math.Inf(-1)), T(0)
				for u := range sees(s, t) {
					score[u] = scale * dot(at(t, query), at(u, key))
					top = max(top, score[u])
				}
				for u := range sees(s, t) {
					sum += exp(score[u] - top)
				}
				l := top + log(sum)
				d.Values(logSum)[(sample*s.Heads+head)*s.Tokens+t] = l
				out := row(d.Values(y), sample*s.Tokens+t, s.Width())[head*s.Head:][:s.Head]
				clear(out)
				for u := range sees(s, t) {
					addScaled(out, exp(score[u]-l), at(u, value))
				}
			}
		}
	}
}

// AttentionBack implements op.Device. With p the softmax and dp = dy v^T, the gradient by the
// scores is p (dp - y.dy), since y.dy is the mean of dp under p.
func (d *Device[T]) AttentionBack(dqkv, dy, y, logSum, qkv op.Floats, s op.Attention) {
	scale := T(1 / math.Sqrt(float64(s.Head)))
	clear(d.Values(dqkv)[:s.Batch*s.Tokens*3*s.Width()])
	for sample := range s.Batch {
		for head := range s.Heads {
			at, to := heads(d.Values(qkv), s, sample, head), heads(d.Values(dqkv), s, sample, head)
			for t := range s.Tokens {
				from := row(d.Values(dy), sample*s.Tokens+t, s.Width())[head*s.Head:][:s.Head]
				out := row(d.Values(y), sample*s.Tokens+t, s.Width())[head*s.Head:][:s.Head]
				l, mean := d.Values(logSum)[(sample*s.Heads+head)*s.Tokens+t], dot(from, out)
				for u := range sees(s, t) {
					p := exp(scale*dot(at(t, query), at(u, key)) - l)
					addScaled(to(u, value), p, from)
					ds := scale * p * (dot(from, at(u, value)) - mean)
					addScaled(to(t, query), ds, at(u, key))
					addScaled(to(u, key), ds, at(t, query))
				}
			}
		}
	}
}

// addScaled: y += a x.
func addScaled[T Real](y []T, a T, x []T) {
	for i, v := range x {
		y[i] += a * v
	}
}
