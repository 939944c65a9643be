package gorgonia

import (
	"fmt"
	"math"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// builder puts a model together from operations on matrices alone: what other frameworks
// broadcast, reduce, gather or split is a product with a constant matrix here, so that only a
// few operations of gorgonia's are relied on. The first error is kept.
type builder[T real] struct {
	graph *G.ExprGraph
	err   error
	ones  map[[2]int]*G.Node
}

type real interface{ float32 | float64 }

func (b *builder[T]) keep(n *G.Node, err error) *G.Node {
	if b.err == nil && err != nil {
		b.err = err
	}
	return n
}

// then is an operation on two nodes, left out after an error.
func (b *builder[T]) then(f func(x, y *G.Node) (*G.Node, error), x, y *G.Node) *G.Node {
	if b.err != nil {
		return nil
	}
	return b.keep(f(x, y))
}

func (b *builder[T]) one(f func(x *G.Node) (*G.Node, error), x *G.Node) *G.Node {
	if b.err != nil {
		return nil
	}
	return b.keep(f(x))
}

func (b *builder[T]) mul(x, y *G.Node) *G.Node {
	return b.then(func(x, y *G.Node) (*G.Node, error) { return G.Mul(x, y) }, x, y)
}
func (b *builder[T]) times(x, y *G.Node) *G.Node {
	return b.then(func(x, y *G.Node) (*G.Node, error) { return G.HadamardProd(x, y) }, x, y)
}
func (b *builder[T]) over(x, y *G.Node) *G.Node {
	return b.then(func(x, y *G.Node) (*G.Node, error) { return G.HadamardDiv(x, y) }, x, y)
}
func (b *builder[T]) add(x, y *G.Node) *G.Node {
	return b.then(func(x, y *G.Node) (*G.Node, error) { return G.Add(x, y) }, x, y)
}
func (b *builder[T]) sub(x, y *G.Node) *G.Node {
	return b.then(func(x, y *G.Node) (*G.Node, error) { return G.Sub(x, y) }, x, y)
}
func (b *builder[T]) transposed(x *G.Node) *G.Node {
	return b.one(func(x *G.Node) (*G.Node, error) { return G.Transpose(x, 1, 0) }, x)
}

// input is a matrix that is set before a run.
func (b *builder[T]) input(name string, rows, columns int) *G.Node {
	return G.NewMatrix(b.graph, kind[T](), G.WithShape(rows, columns), G.WithName(name))
}

// constant is a matrix with its numbers. gorgonia takes nodes of one name and shape for the same:
// a name must tell what the numbers are.
func (b *builder[T]) constant(name string, rows, columns int, at func(r, c int) float64) *G.Node {
	data := make([]T, rows*columns)
	for i := range data {
		data[i] = T(at(i/columns, i%columns))
	}
	return G.NewMatrix(b.graph, kind[T](), G.WithShape(rows, columns), G.WithName(fmt.Sprintf("%s %d x %d", name, rows, columns)), G.WithValue(matrix(data, rows, columns)))
}

func (b *builder[T]) all(rows, columns int) *G.Node {
	key := [2]int{rows, columns}
	if b.ones[key] == nil {
		b.ones[key] = b.constant("ones", rows, columns, func(int, int) float64 { return 1 })
	}
	return b.ones[key]
}

func matrix[T real](data []T, rows, columns int) *tensor.Dense {
	return tensor.New(tensor.WithShape(rows, columns), tensor.WithBacking(data))
}

func kind[T real]() tensor.Dtype {
	var zero T
	if _, double := any(zero).(float64); double {
		return tensor.Float64
	}
	return tensor.Float32
}

// down repeats a row [1, columns] over rows; across repeats a column [rows, 1] over columns.
func (b *builder[T]) down(row *G.Node, rows int) *G.Node { return b.mul(b.all(rows, 1), row) }

func (b *builder[T]) across(column *G.Node, columns int) *G.Node {
	return b.mul(column, b.all(1, columns))
}

// scaled is x [rows, columns] times a number.
func (b *builder[T]) scaled(x *G.Node, rows, columns int, by float64) *G.Node {
	return b.times(x, b.constant(fmt.Sprintf("times %g", by), rows, columns, func(int, int) float64 { return by }))
}

// linear is x [rows, in] w^T + bias, w being [out, in]; without a bias when that is nil.
func (b *builder[T]) linear(x, w, bias *G.Node, rows int) *G.Node {
	y := b.mul(x, b.transposed(w))
	if bias != nil {
		y = b.add(y, b.down(bias, rows))
	}
	return y
}

// norm is the layer norm of x [rows, width] (Ba et al. 2016).
func (b *builder[T]) norm(x, gain, bias *G.Node, rows, width int) *G.Node {
	share := b.constant("mean", width, 1, func(int, int) float64 { return 1 / float64(width) })
	centred := b.sub(x, b.across(b.mul(x, share), width))
	variance := b.mul(b.times(centred, centred), share)
	deviation := b.one(G.Sqrt, b.add(variance, b.constant("norm eps", rows, 1, func(int, int) float64 { return 1e-5 })))
	return b.add(b.times(b.over(centred, b.across(deviation, width)), b.down(gain, rows)), b.down(bias, rows))
}

// unit gives the rows of x [rows, width] the length 1.
func (b *builder[T]) unit(x *G.Node, rows, width int) *G.Node {
	squares := b.mul(b.times(x, x), b.all(width, 1))
	length := b.one(G.Sqrt, b.add(squares, b.constant("unit eps", rows, 1, func(int, int) float64 { return 1e-24 })))
	return b.over(x, b.across(length, width))
}

// activation is GELU by the normal distribution's function, or x sigmoid(1.702 x).
func (b *builder[T]) activation(x *G.Node, rows, width int, quick bool) *G.Node {
	if quick {
		return b.times(x, b.one(G.Sigmoid, b.scaled(x, rows, width, 1.702)))
	}
	return b.times(x, b.one(func(x *G.Node) (*G.Node, error) { return G.ApplyOp(phi{}, x) }, x))
}

// attention is self-attention of x [rows, width] over all samples at once: mask [rows, rows] is
// 0 where a token sees another, and far below elsewhere.
func (b *builder[T]) attention(qkv, mask *G.Node, rows, width, heads int) *G.Node {
	size := width / heads
	var sum *G.Node
	for h := range heads {
		part := func(which int) *G.Node {
			first := which*width + h*size
			return b.mul(qkv, b.constant(fmt.Sprintf("part %d %d", which, h), 3*width, size, func(r, c int) float64 { return equal(r, first+c) }))
		}
		logits := b.mul(b.scaled(part(0), rows, size, 1/math.Sqrt(float64(size))), b.transposed(part(1)))
		weights := b.one(func(x *G.Node) (*G.Node, error) { return G.SoftMax(x, 1) }, b.add(logits, mask))
		back := b.constant(fmt.Sprintf("back %d", h), size, width, func(r, c int) float64 { return equal(c, h*size+r) })
		y := b.mul(b.mul(weights, part(2)), back)
		if sum == nil {
			sum = y
		} else {
			sum = b.add(sum, y)
		}
	}
	return sum
}

func equal(a, b int) float64 {
	if a == b {
		return 1
	}
	return 0
}
