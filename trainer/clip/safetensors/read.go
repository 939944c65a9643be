package safetensors

import (
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

// Read reads a whole file; F16 and BF16 become float32. Tensors come in the order of their
// offsets, which must follow each other without gap or overlap, to the file's end.
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
	f, entries, err := header(text)
	if err != nil {
		return File{}, err
	}
	for i, e := range entries {
		if f.Tensors[i].Data, err = numbers(r, e); err != nil {
			return File{}, fmt.Errorf("tensor %q: %w", f.Tensors[i].Name, err)
		}
	}
	if n, err := io.Copy(io.Discard, io.LimitReader(r, 1)); n > 0 || err != nil {
		return File{}, fmt.Errorf("%w: bytes behind the last tensor belong to none (%v)", ErrFormat, err)
	}
	return f, nil
}

// header gives the tensors, without numbers, and what the header says of each, in file order.
func header(text []byte) (File, []entry, error) {
	var f File
	var raw map[string]json.RawMessage
	if err := json.Unmarshal(text, &raw); err != nil {
		return f, nil, fmt.Errorf("%w: its header: %w", ErrFormat, err)
	}
	if m, ok := raw["__metadata__"]; ok {
		if err := json.Unmarshal(m, &f.Metadata); err != nil {
			return f, nil, fmt.Errorf("%w: its metadata: %w", ErrFormat, err)
		}
		delete(raw, "__metadata__")
	}
	named := map[string]entry{}
	for name, text := range raw {
		var e entry
		if err := json.Unmarshal(text, &e); err != nil {
			return f, nil, fmt.Errorf("%w: tensor %q: %w", ErrFormat, name, err)
		}
		named[name] = e
	}
	names := slices.SortedFunc(maps.Keys(named), func(a, b string) int {
		x, y := named[a].Offsets, named[b].Offsets
		return cmp.Or(cmp.Compare(x[0], y[0]), cmp.Compare(x[1], y[1]), cmp.Compare(a, b))
	})
	var entries []entry
	at := 0
	for _, name := range names {
		e := named[name]
		if err := e.check(at); err != nil {
			return f, nil, fmt.Errorf("%w: tensor %q: %w", ErrFormat, name, err)
		}
		at = e.Offsets[1]
		entries = append(entries, e)
		f.Tensors = append(f.Tensors, Tensor{Name: name, Shape: e.Shape})
	}
	return f, entries, nil
}

// decoders turn a number's bytes into a float32.
var decoders = map[string]struct {
	width  int
	decode func([]byte) float32
}{
	"F64":  {8, func(b []byte) float32 { return float32(math.Float64frombits(binary.LittleEndian.Uint64(b))) }},
	"F32":  {4, func(b []byte) float32 { return math.Float32frombits(binary.LittleEndian.Uint32(b)) }},
	"F16":  {2, func(b []byte) float32 { return Half(binary.LittleEndian.Uint16(b)) }},
	"BF16": {2, func(b []byte) float32 { return BFloat16(binary.LittleEndian.Uint16(b)) }},
}

// check wants a known type, a shape that fills its bytes, and a beginning where the tensor
// before ended.
func (e entry) check(at int) error {
	d, ok := decoders[e.DType]
	if !ok {
		return fmt.Errorf("its type %q is none of F64, F32, F16, BF16", e.DType)
	}
	begin, end := e.Offsets[0], e.Offsets[1]
	if begin != at || end < begin {
		return fmt.Errorf("it lies at [%d, %d), expected to begin at %d", begin, end, at)
	}
	n, most := 1, (end-begin)/d.width
	for _, size := range e.Shape {
		if size < 0 || size > 0 && n > most/size {
			return fmt.Errorf("shape %v does not fit its %d bytes", e.Shape, end-begin)
		}
		n *= size
	}
	if n*d.width != end-begin {
		return fmt.Errorf("shape %v does not fill its %d bytes", e.Shape, end-begin)
	}
	return nil
}

// chunk is how many bytes are read at once, and what memory may run ahead of the file.
const chunk = 1 << 20

// numbers reads the next tensor.
func numbers(r io.Reader, e entry) ([]float32, error) {
	d := decoders[e.DType]
	left := e.Offsets[1] - e.Offsets[0]
	data := make([]float32, 0, min(left, chunk)/d.width)
	buffer := make([]byte, min(left, chunk))
	for left > 0 {
		b := buffer[:min(left, chunk)]
		if _, err := io.ReadFull(r, b); errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return nil, fmt.Errorf("%w: it ends before the tensor does", ErrFormat)
		} else if err != nil {
			return nil, err
		}
		left -= len(b)
		for ; len(b) > 0; b = b[d.width:] {
			data = append(data, d.decode(b))
		}
	}
	return data, nil
}

// BFloat16 is the value of the upper half of a float32.
func BFloat16(bits uint16) float32 { return math.Float32frombits(uint32(bits) << 16) }

// Half is the value of an IEEE 754 half-precision number.
func Half(bits uint16) float32 {
	sign, exponent, fraction := uint32(bits>>15)<<31, uint32(bits>>10)&0x1f, uint32(bits)&0x3ff
	switch exponent {
	case 0: // zero and subnormal: fraction * 2^-24
		v := float32(fraction) / (1 << 24)
		return math.Float32frombits(math.Float32bits(v) | sign)
	case 0x1f: // infinity, NaN
		return math.Float32frombits(sign | 0xff<<23 | fraction<<13)
	}
	return math.Float32frombits(sign | (exponent+112)<<23 | fraction<<13)
}
