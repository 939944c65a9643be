// Package safetensors reads and writes the safetensors format: an 8-byte little-endian header
// length, a JSON header of names, types, shapes and offsets, then the numbers. Only F32 is
// needed here. Reading trusts nothing: every length and offset is checked.
package safetensors

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
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

// Read reads a whole file. Tensors come in the order of their offsets.
func Read(r io.Reader) (File, error) {
	var length uint64
	if err := binary.Read(r, binary.LittleEndian, &length); err != nil {
		return File{}, fmt.Errorf("%w: read its header's length: %w", ErrFormat, err)
	}
	if length < 2 || length > maxHeader {
		return File{}, fmt.Errorf("%w: a header of %d bytes", ErrFormat, length)
	}
	text, err := io.ReadAll(io.LimitReader(r, int64(length)))
	if err != nil {
		return File{}, fmt.Errorf("read the header: %w", err)
	}
	if uint64(len(text)) != length {
		return File{}, fmt.Errorf("%w: it ends within its header", ErrFormat)
	}
	body, err := io.ReadAll(r)
	if err != nil {
		return File{}, fmt.Errorf("read the tensors: %w", err)
	}
	return parse(text, body)
}

func parse(header, body []byte) (File, error) {
	var raw map[string]json.RawMessage
	if err := json.Unmarshal(header, &raw); err != nil {
		return File{}, fmt.Errorf("%w: its header: %w", ErrFormat, err)
	}
	var f File
	if m, ok := raw["__metadata__"]; ok {
		if err := json.Unmarshal(m, &f.Metadata); err != nil {
			return File{}, fmt.Errorf("%w: its metadata: %w", ErrFormat, err)
		}
		delete(raw, "__metadata__")
	}
	entries := map[string]entry{}
	for name, text := range raw {
		var e entry
		if err := json.Unmarshal(text, &e); err != nil {
			return File{}, fmt.Errorf("%w: tensor %q: %w", ErrFormat, name, err)
		}
		entries[name] = e
	}
	names := slices.SortedFunc(maps.Keys(entries), func(a, b string) int {
		return cmp.Or(cmp.Compare(entries[a].Offsets[0], entries[b].Offsets[0]), cmp.Compare(a, b))
	})
	at := 0
	for _, name := range names {
		t, err := tensor(name, entries[name], at, body)
		if err != nil {
			return File{}, err
		}
		at = entries[name].Offsets[1]
		f.Tensors = append(f.Tensors, t)
	}
	if at != len(body) {
		return File{}, fmt.Errorf("%w: %d bytes belong to no tensor", ErrFormat, len(body)-at)
	}
	return f, nil
}

// tensor reads one, which has to begin where the one before ended.
func tensor(name string, e entry, at int, body []byte) (Tensor, error) {
	if e.DType != "F32" {
		return Tensor{}, fmt.Errorf("%w: tensor %q is %s; only F32 is read", ErrFormat, name, e.DType)
	}
	begin, end := e.Offsets[0], e.Offsets[1]
	if begin != at || end < begin || end > len(body) {
		return Tensor{}, fmt.Errorf("%w: tensor %q lies at [%d, %d) of %d bytes, expected to begin at %d", ErrFormat, name, begin, end, len(body), at)
	}
	n := 1
	for _, d := range e.Shape {
		if d < 0 || d > 1<<31 || n > 1<<31 {
			return Tensor{}, fmt.Errorf("%w: tensor %q has shape %v", ErrFormat, name, e.Shape)
		}
		n *= d
	}
	if 4*n != end-begin {
		return Tensor{}, fmt.Errorf("%w: tensor %q of shape %v takes %d bytes", ErrFormat, name, e.Shape, end-begin)
	}
	t := Tensor{Name: name, Shape: e.Shape, Data: make([]float32, n)}
	for i := range t.Data {
		t.Data[i] = math.Float32frombits(binary.LittleEndian.Uint32(body[begin+4*i:]))
	}
	return t, nil
}
