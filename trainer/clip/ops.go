package clip

import (
	"math"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/gonum"
)

// real is what the model computes in: float32 to train, float64 to check derivatives.
type real interface{ float32 | float64 }

// Each operation below is a pair: the forward pass, and the backward pass that adds to the
// gradients of parameters (dw, db) and overwrites those of activations (dx).
// Matrices are row-major; [r, c] gives rows and columns.

// gemm computes c = a*b + beta*c for row-major matrices: a is [m, k] (or [k, m] when ta), b is
// [k, n] (or [n, k] when tb), c is [m, n]. gonum splits large products over goroutines by
// blocks of c whose size depends on nothing else, so the bits do not depend on their number.
func gemm[T real](ta, tb bool, m, n, k int, a, b []T, beta T, c []T) {
	if m == 0 || n == 0 || k == 0 {
		return
	}
	lda, ldb := k, n
	opA, opB := blas.NoTrans, blas.NoTrans
	if ta {
		opA, lda = blas.Trans, m
	}
	if tb {
		opB, ldb = blas.Trans, k
	}
	var lib gonum.Implementation
	switch a := any(a).(type) {
	case []float32:
		lib.Sgemm(opA, opB, m, n, k, 1, a, lda, any(b).([]float32), ldb, float32(beta), any(c).([]float32), n)
	case []float64:
		lib.Dgemm(opA, opB, m, n, k, 1, a, lda, any(b).([]float64), ldb, float64(beta), any(c).([]float64), n)
	}
}

// linear: y [rows, out] = x [rows, in] * w [out, in]^T + b [out]; b may be nil.
func linear[T real](y, x, w, b []T, rows, in, out int) {
	gemm(false, true, rows, out, in, x, w, 0, y)
	if b == nil {
		return
	}
	for r := range rows {
		row := y[r*out:][:out]
		for j := range row {
			row[j] += b[j]
		}
	}
}

// linearBack: dx [rows, in] = dy*w (dx may be nil); dw += dy^T*x; db += column sums of dy.
func linearBack[T real](dx, dw, db, dy, x, w []T, rows, in, out int) {
	if dx != nil {
		gemm(false, false, rows, in, out, dy, w, 0, dx)
	}
	gemm(true, false, out, in, rows, dy, x, 1, dw)
	if db == nil {
		return
	}
	for r := range rows {
		row := dy[r*out:][:out]
		for j := range row {
			db[j] += row[j]
		}
	}
}

const normEps = 1e-5

// layerNorm: y = g * (x - mean)/sqrt(var + 1e-5) + b over each row of width c. hat keeps the
// normalised rows and scale [rows] their 1/sqrt for the backward pass.
func layerNorm[T real](y, hat, scale, x, g, b []T, rows, c int) {
	for r := range rows {
		in, out, h := x[r*c:][:c], y[r*c:][:c], hat[r*c:][:c]
		var sum float64
		for _, v := range in {
			sum += float64(v)
		}
		mean := sum / float64(c)
		var squares float64
		for _, v := range in {
			squares += (float64(v) - mean) * (float64(v) - mean)
		}
		s := T(1 / math.Sqrt(squares/float64(c)+normEps))
		scale[r] = s
		for j, v := range in {
			h[j] = (v - T(mean)) * s
			out[j] = g[j]*h[j] + b[j]
		}
	}
}

// layerNormBack: dx = scale * (g*dy - mean(g*dy) - hat*mean(g*dy*hat)); dg += dy*hat; db += dy.
func layerNormBack[T real](dx, dg, db, dy, hat, scale, g []T, rows, c int) {
	for r := range rows {
		d, h, out := dy[r*c:][:c], hat[r*c:][:c], dx[r*c:][:c]
		var sum, dot float64
		for j := range d {
			gd := float64(g[j] * d[j])
			sum += gd
			dot += gd * float64(h[j])
			dg[j] += d[j] * h[j]
			db[j] += d[j]
		}
		mean, along := T(sum/float64(c)), T(dot/float64(c))
		for j := range d {
			out[j] = scale[r] * (g[j]*d[j] - mean - h[j]*along)
		}
	}
}

// gelu: y = x*Phi(x), exact (by the error function); slope keeps its derivative
// Phi(x) + x*phi(x) (Hendrycks and Gimpel 2016). y and x may be the same slice.
func gelu[T real](y, slope, x []T) {
	const invSqrt2, invSqrt2Pi = 1 / math.Sqrt2, 0.39894228040143267794
	for i, v := range x {
		u := float64(v)
		phi := 0.5 * (1 + math.Erf(u*invSqrt2))
		slope[i] = T(phi + u*invSqrt2Pi*math.Exp(-0.5*u*u))
		y[i] = T(u * phi)
	}
}

// geluBack: d *= slope.
func geluBack[T real](d, slope []T) {
	for i := range d {
		d[i] *= slope[i]
	}
}

// normalize: y = x/|x| over each row of width c; inverse [rows] keeps 1/|x|.
func normalize[T real](y, inverse, x []T, rows, c int) {
	for r := range rows {
		in, out := x[r*c:][:c], y[r*c:][:c]
		var squares float64
		for _, v := range in {
			squares += float64(v) * float64(v)
		}
		s := T(1 / math.Sqrt(squares+1e-24))
		inverse[r] = s
		for j, v := range in {
			out[j] = v * s
		}
	}
}

// normalizeBack: dx = (dy - y*(y.dy))/|x|.
func normalizeBack[T real](dx, dy, y, inverse []T, rows, c int) {
	for r := range rows {
		d, u, out := dy[r*c:][:c], y[r*c:][:c], dx[r*c:][:c]
		var dot float64
		for j := range d {
			dot += float64(d[j]) * float64(u[j])
		}
		for j := range d {
			out[j] = inverse[r] * (d[j] - u[j]*T(dot))
		}
	}
}

// bag: x [rows, c] = sum of the embeddings of a caption's words over sqrt(their number); zero
// for an empty caption. table is [words, c].
func bag[T real](x, table []T, captions [][]int32, c int) {
	for r, words := range captions {
		out := x[r*c:][:c]
		clear(out)
		for _, id := range words {
			row := table[int(id)*c:][:c]
			for j := range out {
				out[j] += row[j]
			}
		}
		s := bagScale[T](len(words))
		for j := range out {
			out[j] *= s
		}
	}
}

// bagBack adds to the gradient of each word's embedding.
func bagBack[T real](dtable, dx []T, captions [][]int32, c int) {
	for r, words := range captions {
		s := bagScale[T](len(words))
		d := dx[r*c:][:c]
		for _, id := range words {
			row := dtable[int(id)*c:][:c]
			for j := range row {
				row[j] += s * d[j]
			}
		}
	}
}

func bagScale[T real](words int) T { return T(1 / math.Sqrt(float64(max(words, 1)))) }

func addTo[T real](y, x []T) {
	for i, v := range x {
		y[i] += v
	}
}
