// Package params keeps the parameters of a CLIP model: tensors with names, which lie in one
// flat buffer of a device, those that weight decay applies to first. It draws the first
// weights, reads and writes all of it as safetensors, and does the optimizer's step.
package params

import (
	"math/rand/v2"
	"slices"

	"github.com/scalelaw/scalelaw/trainer/op"
)

// Tensor is a parameter as files have it.
type Tensor struct {
	Name       string
	Shape      []int // nil for a scalar
	Decay      bool  // weight decay applies
	Transposed bool  // files have [in, out] where the operations want [out, in]
	Draw       func(*rand.Rand) float64

	at int // its first number in memory
}

// Size is how many numbers it has.
func (t Tensor) Size() int {
	n := 1
	for _, d := range t.Shape {
		n *= d
	}
	return n
}

// Layout says where the tensors lie in memory.
type Layout struct {
	tensors []Tensor // in the order of a file
	index   map[string]int
	decayed int // numbers in front, to which weight decay applies
	size    int
}

// NewLayout places tensors, given in the order of a file. Each begins at a multiple of align
// numbers; those between are zero and stay it.
func NewLayout(tensors []Tensor, align int) *Layout {
	l := &Layout{tensors: slices.Clone(tensors), index: make(map[string]int, len(tensors))}
	for _, decay := range []bool{true, false} {
		for i := range l.tensors {
			if t := &l.tensors[i]; t.Decay == decay {
				t.at = l.size
				l.size += (t.Size() + align - 1) / align * align
				l.index[t.Name] = i
			}
		}
		if decay {
			l.decayed = l.size
		}
	}
	return l
}

// Size is how many numbers a flat buffer has.
func (l *Layout) Size() int { return l.size }

// Count is the number of parameters.
func (l *Layout) Count() (n int) {
	for _, t := range l.tensors {
		n += t.Size()
	}
	return n
}

// Has says that there is a tensor of that name.
func (l *Layout) Has(name string) bool {
	_, ok := l.index[name]
	return ok
}

// Tensors lists them in the order of a file.
func (l *Layout) Tensors() []Tensor { return slices.Clone(l.tensors) }

// of is a tensor's part of a flat buffer; the zero handle when there is none, or no buffer.
func (l *Layout) of(flat op.Floats, name string) op.Floats {
	i, ok := l.index[name]
	if !ok || flat.None() {
		return op.Floats{}
	}
	return flat.Slice(l.tensors[i].at, l.tensors[i].Size())
}

// Draw gives first weights as they lie in memory [Size], drawn tensor by tensor in the order of
// a file.
func (l *Layout) Draw(random *rand.Rand) []float32 {
	flat := make([]float32, l.size)
	for _, t := range l.tensors {
		part := l.Part(flat, t.Name)
		for i := range part {
			part[i] = float32(t.Draw(random))
		}
	}
	return flat
}

// Part is a tensor's part of a flat buffer in Go's memory; nil when there is none.
func (l *Layout) Part(flat []float32, name string) []float32 {
	i, ok := l.index[name]
	if !ok {
		return nil
	}
	t := l.tensors[i]
	return flat[t.at:][:t.Size()]
}
