package params

import (
	"fmt"
	"slices"

	"github.com/scalelaw/scalelaw/sweep"
	"github.com/scalelaw/scalelaw/trainer/clip/safetensors"
)

// Unpack gives a flat buffer as the tensors of a file, a prefix before their names. Those that
// are not transposed share its memory.
func (l *Layout) Unpack(flat []float32, prefix string) []safetensors.Tensor {
	all := make([]safetensors.Tensor, 0, len(l.tensors))
	for _, t := range l.tensors {
		data := l.Part(flat, t.Name)
		if t.Transposed {
			data = transposed(data, t.Shape[1], t.Shape[0])
		}
		all = append(all, safetensors.Tensor{Name: prefix + t.Name, Shape: t.Shape, Data: data})
	}
	return all
}

// Pack puts the tensors of a file into their places. All must be there under their names behind
// a prefix, in shape ([1] is a scalar too, as in files of PyTorch's); others are left alone.
func (l *Layout) Pack(named map[string]safetensors.Tensor, prefix string) ([]float32, error) {
	flat := make([]float32, l.size)
	for _, t := range l.tensors {
		got, ok := named[prefix+t.Name]
		if !ok {
			return nil, fmt.Errorf("%w: the checkpoint has no tensor %s", sweep.ErrBadInput, prefix+t.Name)
		}
		if !sameShape(got.Shape, t.Shape) || len(got.Data) != t.Size() {
			return nil, fmt.Errorf("%w: tensor %s has shape %v, the model wants %v", sweep.ErrBadInput, prefix+t.Name, got.Shape, t.Shape)
		}
		data := got.Data
		if t.Transposed {
			data = transposed(data, t.Shape[0], t.Shape[1])
		}
		copy(l.Part(flat, t.Name), data)
	}
	return flat, nil
}

func sameShape(got, want []int) bool {
	return slices.Equal(got, want) || len(want) == 0 && slices.Equal(got, []int{1})
}

// transposed turns x [rows, columns] into [columns, rows].
func transposed(x []float32, rows, columns int) []float32 {
	y := make([]float32, len(x))
	for r := range rows {
		for c := range columns {
			y[c*rows+r] = x[r*columns+c]
		}
	}
	return y
}
