package gorgonia

import (
	"errors"
	"fmt"
	"hash"
	"hash/fnv"
	"math"

	"github.com/chewxy/hm"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// phi is the distribution function of the standard normal distribution, which gorgonia lacks;
// density is its derivative. Both work on each number of a matrix.
type (
	phi     struct{}
	density struct{}
)

var (
	_ G.SDOp = phi{}
	_ G.Op   = density{}
)

// SymDiff implements gorgonia.SDOp.
func (phi) SymDiff(inputs G.Nodes, _, grad *G.Node) (G.Nodes, error) {
	d, err := G.ApplyOp(density{}, inputs[0])
	if err != nil {
		return nil, err
	}
	d, err = G.HadamardProd(grad, d)
	return G.Nodes{d}, err
}

// DiffWRT implements gorgonia.SDOp.
func (phi) DiffWRT(int) []bool { return []bool{true} }

// Do implements gorgonia.Op.
func (phi) Do(in ...G.Value) (G.Value, error) {
	return each(in, func(x float64) float64 { return 0.5 * math.Erfc(-x/math.Sqrt2) })
}

// Do implements gorgonia.Op.
func (density) Do(in ...G.Value) (G.Value, error) {
	return each(in, func(x float64) float64 { return math.Exp(-0.5*x*x) / math.Sqrt(2*math.Pi) })
}

// each applies f to every number of a matrix, into a new one.
func each(in []G.Value, f func(float64) float64) (G.Value, error) {
	if len(in) != 1 {
		return nil, errors.New("one input is needed")
	}
	switch x := in[0].Data().(type) {
	case []float64:
		return mapped(x, in[0].Shape(), f), nil
	case []float32:
		return mapped(x, in[0].Shape(), f), nil
	}
	return nil, fmt.Errorf("an input of %T", in[0].Data())
}

func mapped[T real](x []T, shape tensor.Shape, f func(float64) float64) *tensor.Dense {
	y := make([]T, len(x))
	for i, v := range x {
		y[i] = T(f(float64(v)))
	}
	return tensor.New(tensor.WithShape(shape.Clone()...), tensor.WithBacking(y))
}

func sameType() hm.Type { return hm.NewFnType(hm.TypeVariable('a'), hm.TypeVariable('a')) }

func sameShape(in []G.DimSizer) (tensor.Shape, error) {
	if s, ok := in[0].(tensor.Shape); ok {
		return s.Clone(), nil
	}
	return nil, fmt.Errorf("an input of shape %v", in[0])
}

func hashcode(name string) uint32 {
	h := fnv.New32a()
	h.Write([]byte(name))
	return h.Sum32()
}

// What follows tells gorgonia what the two operations are: gorgonia.Op.

func (phi) Arity() int                                            { return 1 }
func (phi) Type() hm.Type                                         { return sameType() }
func (phi) InferShape(in ...G.DimSizer) (tensor.Shape, error)     { return sameShape(in) }
func (phi) ReturnsPtr() bool                                      { return false }
func (phi) CallsExtern() bool                                     { return false }
func (phi) OverwritesInput() int                                  { return -1 }
func (phi) WriteHash(h hash.Hash)                                 { h.Write([]byte("phi")) }
func (phi) Hashcode() uint32                                      { return hashcode("phi") }
func (phi) String() string                                        { return "phi" }
func (density) Arity() int                                        { return 1 }
func (density) Type() hm.Type                                     { return sameType() }
func (density) InferShape(in ...G.DimSizer) (tensor.Shape, error) { return sameShape(in) }
func (density) ReturnsPtr() bool                                  { return false }
func (density) CallsExtern() bool                                 { return false }
func (density) OverwritesInput() int                              { return -1 }
func (density) WriteHash(h hash.Hash)                             { h.Write([]byte("density")) }
func (density) Hashcode() uint32                                  { return hashcode("density") }
func (density) String() string                                    { return "density" }
