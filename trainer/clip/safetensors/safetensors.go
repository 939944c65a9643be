// Package safetensors reads and writes the safetensors format: an 8-byte little-endian header
// length, a JSON header of names, types, shapes and offsets, then the numbers. It writes F32 and
// reads F16 and BF16 too. Reading trusts nothing: every length and offset is checked, and memory
// grows only with what the file really holds.
package safetensors

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
)

// ErrFormat is wrapped by every error about bytes that are no safetensors file.
var ErrFormat = errors.New("not a valid safetensors file")

// Tensor is a named array of float32, row-major.
type Tensor struct {
	Name  string
	Shape []int // empty: a scalar
	Data  []float32
}

// File is what one file holds.
type File struct {
	Metadata map[string]string
	Tensors  []Tensor
}

type entry struct {
	DType   string `json:"dtype"`
	Shape   []int  `json:"shape"`
	Offsets [2]int `json:"data_offsets"`
}

const maxHeader = 100 << 20

// Write writes the tensors in the order given, the numbers aligned to 8 bytes.
func Write(w io.Writer, f File) error {
	header := map[string]any{}
	if len(f.Metadata) > 0 {
		header["__metadata__"] = f.Metadata
	}
	at := 0
	for _, t := range f.Tensors {
		if count(t.Shape) != len(t.Data) {
			return fmt.Errorf("write tensor %s: shape %v and %d numbers", t.Name, t.Shape, len(t.Data))
		}
		shape := t.Shape
		if shape == nil {
			shape = []int{}
		}
		header[t.Name] = entry{"F32", shape, [2]int{at, at + 4*len(t.Data)}}
		at += 4 * len(t.Data)
	}
	text, err := json.Marshal(header)
	if err != nil {
		return fmt.Errorf("write the header: %w", err)
	}
	text = append(text, bytes.Repeat([]byte(" "), (8-len(text)%8)%8)...)
	if err := binary.Write(w, binary.LittleEndian, uint64(len(text))); err != nil {
		return err
	}
	if _, err := w.Write(text); err != nil {
		return err
	}
	return writeNumbers(w, f.Tensors)
}

func writeNumbers(w io.Writer, tensors []Tensor) error {
	buffer := make([]byte, 0, 1<<16)
	for _, t := range tensors {
		for _, v := range t.Data {
			buffer = binary.LittleEndian.AppendUint32(buffer, math.Float32bits(v))
			if len(buffer) == cap(buffer) {
				if _, err := w.Write(buffer); err != nil {
					return err
				}
				buffer = buffer[:0]
			}
		}
	}
	_, err := w.Write(buffer)
	return err
}

func count(shape []int) int {
	n := 1
	for _, d := range shape {
		n *= d
	}
	return n
}
