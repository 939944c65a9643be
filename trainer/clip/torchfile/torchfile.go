// Package torchfile reads the tensors of a file that torch.save wrote (a zip archive of a pickle
// and its storages, PyTorch 1.6 and later), such as open_clip's checkpoints. It executes
// nothing: of pickle's opcodes only those that such a file needs are known, of classes three
// and the storages. What it allocates is bounded by the file's size.
package torchfile

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"path"
	"strings"

	"github.com/scalelaw/scalelaw/trainer/clip/safetensors"
)

// ErrFormat is wrapped by every error about bytes that are no such file.
var ErrFormat = errors.New("not a readable PyTorch checkpoint")

// maxPickle bounds the pickle itself; an open_clip checkpoint's has a few hundred kilobytes.
const maxPickle = 8 << 20

// widths are the bytes of a storage's numbers.
var widths = map[string]int64{
	"FloatStorage": 4, "HalfStorage": 2, "BFloat16Storage": 2, "DoubleStorage": 8,
	"LongStorage": 8, "IntStorage": 4, "ShortStorage": 2, "CharStorage": 1, "ByteStorage": 1, "BoolStorage": 1,
}

// Read gives the tensors of floating-point numbers of the file's state_dict, or of the file
// itself when it is one, as float32, in the file's order.
func Read(r io.ReaderAt, size int64) ([]safetensors.Tensor, error) {
	a, err := open(r, size)
	if err != nil {
		return nil, err
	}
	root, err := a.pickle()
	if err != nil {
		return nil, err
	}
	names, tensors, err := stateDict(root)
	if err != nil {
		return nil, err
	}
	var all []safetensors.Tensor
	left := 4*size + 1<<20
	for i, t := range tensors {
		if left -= 4 * t.count; left < 0 {
			return nil, fmt.Errorf("%w: its tensors are larger than the file", ErrFormat)
		}
		data, err := a.numbers(t)
		if err != nil {
			return nil, fmt.Errorf("tensor %s: %w", names[i], err)
		}
		all = append(all, safetensors.Tensor{Name: names[i], Shape: shapeOf(t), Data: data})
	}
	return all, nil
}

func shapeOf(t *tensor) []int {
	shape := make([]int, len(t.shape))
	for i, n := range t.shape {
		shape[i] = int(n)
	}
	return shape
}

// archive is the zip file, its entries without their common folder.
type archive struct {
	entries map[string]*zip.File
	left    int64 // bytes that may still be read, so that tensors cannot share a storage endlessly
}

// legacy is how a file of torch.save began before PyTorch 1.6: a pickled magic number.
var legacy = []byte{0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19}

func open(r io.ReaderAt, size int64) (*archive, error) {
	start := make([]byte, min(size, 64))
	if _, err := r.ReadAt(start, 0); err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	if bytes.Contains(start, legacy) {
		return nil, fmt.Errorf("%w: it is in the legacy format of torch.save; load it in PyTorch and save it again", ErrFormat)
	}
	z, err := zip.NewReader(r, size)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFormat, err)
	}
	a := &archive{entries: map[string]*zip.File{}, left: 4 * size}
	for _, f := range z.File {
		_, name, _ := strings.Cut(path.Clean(f.Name), "/")
		if name == "constants.pkl" {
			return nil, fmt.Errorf("%w: it is a TorchScript archive; save the model's state_dict() with torch.save instead", ErrFormat)
		}
		if _, twice := a.entries[name]; twice {
			return nil, fmt.Errorf("%w: it has entry %q twice", ErrFormat, name)
		}
		a.entries[name] = f
	}
	return a, a.checkOrder()
}

// entry opens an entry of at most max bytes. torch.save compresses nothing.
func (a *archive) entry(name string, max int64) (io.ReadCloser, error) {
	f, ok := a.entries[name]
	if !ok {
		return nil, fmt.Errorf("%w: it has no %s", ErrFormat, name)
	}
	if f.Method != zip.Store || f.UncompressedSize64 != f.CompressedSize64 || f.UncompressedSize64 > uint64(max) {
		return nil, fmt.Errorf("%w: entry %s is compressed or has %d bytes, more than %d", ErrFormat, name, f.UncompressedSize64, max)
	}
	r, err := f.Open()
	if err != nil {
		return nil, fmt.Errorf("%w: entry %s: %w", ErrFormat, name, err)
	}
	return r, nil
}

// checkOrder wants numbers in little-endian order, where the file says.
func (a *archive) checkOrder() error {
	if a.entries["byteorder"] == nil {
		return nil
	}
	r, err := a.entry("byteorder", 16)
	if err != nil {
		return err
	}
	defer r.Close()
	order, err := io.ReadAll(r)
	if err != nil || string(order) != "little" {
		return fmt.Errorf("%w: its byte order is %q; only little is read", ErrFormat, order)
	}
	return nil
}

func (a *archive) pickle() (any, error) {
	r, err := a.entry("data.pkl", maxPickle)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return unpickle(r)
}

// stateDict finds the tensors by name: in root["state_dict"], or in root. What is no tensor of
// floating-point numbers there is left out.
func stateDict(root any) (names []string, tensors []*tensor, err error) {
	top, ok := root.(*dict)
	if !ok {
		return nil, nil, fmt.Errorf("%w: it holds a %T, no dictionary of tensors", ErrFormat, root)
	}
	for i, key := range top.keys {
		if inner, isDict := top.values[i].(*dict); isDict && key == "state_dict" {
			top = inner
			break
		}
	}
	for i, key := range top.keys {
		t, isTensor := top.values[i].(*tensor)
		name, isName := key.(string)
		if isTensor && isName && decoders[t.storage.class] != nil {
			names, tensors = append(names, name), append(tensors, t)
		}
	}
	if len(names) == 0 {
		return nil, nil, fmt.Errorf("%w: it holds no state_dict and no tensors by name", ErrFormat)
	}
	return names, tensors, nil
}

// decoders turn one number of a storage into a float32.
var decoders = map[string]func([]byte) float32{
	"FloatStorage":    func(b []byte) float32 { return math.Float32frombits(binary.LittleEndian.Uint32(b)) },
	"DoubleStorage":   func(b []byte) float32 { return float32(math.Float64frombits(binary.LittleEndian.Uint64(b))) },
	"HalfStorage":     func(b []byte) float32 { return safetensors.Half(binary.LittleEndian.Uint16(b)) },
	"BFloat16Storage": func(b []byte) float32 { return safetensors.BFloat16(binary.LittleEndian.Uint16(b)) },
}

// numbers reads a tensor in row-major order.
func (a *archive) numbers(t *tensor) ([]float32, error) {
	width := widths[t.storage.class]
	name := "data/" + t.storage.key
	f, ok := a.entries[name]
	if !ok || t.storage.count > math.MaxInt64/8 || f.UncompressedSize64 != uint64(t.storage.count*width) {
		return nil, fmt.Errorf("%w: storage %s is not there or has not %d numbers", ErrFormat, name, t.storage.count)
	}
	if a.left -= t.storage.count * width; a.left < 0 {
		return nil, fmt.Errorf("%w: too many tensors share storage %s", ErrFormat, name)
	}
	r, err := a.entry(name, t.storage.count*width)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	raw, err := io.ReadAll(r)
	if err != nil || int64(len(raw)) != t.storage.count*width {
		return nil, fmt.Errorf("%w: storage %s is damaged: %v", ErrFormat, name, err)
	}
	return t.gather(raw, width, decoders[t.storage.class]), nil
}

// gather walks a tensor's indices in row-major order.
func (t *tensor) gather(raw []byte, width int64, decode func([]byte) float32) []float32 {
	data := make([]float32, t.count)
	index := make([]int64, len(t.shape))
	at := t.offset
	for i := range data {
		data[i] = decode(raw[at*width:])
		for k := len(index) - 1; k >= 0; k-- {
			index[k]++
			at += t.strides[k]
			if index[k] < t.shape[k] {
				break
			}
			at -= t.strides[k] * t.shape[k]
			index[k] = 0
		}
	}
	return data
}
