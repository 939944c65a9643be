package safetensors

import (
	"bytes"
	"encoding/binary"
	"errors"
	"reflect"
	"testing"
)

func sample() File {
	return File{
		Metadata: map[string]string{"step": "7"},
		Tensors:  []Tensor{{"b", []int{2, 3}, []float32{1, 2, 3, 4, 5, -6}}, {"a", []int{}, []float32{0.5}}, {"none", []int{0, 4}, []float32{}}},
	}
}

func written(t testing.TB, f File) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := Write(&b, f); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestRoundTrip(t *testing.T) {
	got, err := Read(bytes.NewReader(written(t, sample())))
	if err != nil || !reflect.DeepEqual(got, sample()) {
		t.Errorf("%+v, %v", got, err)
	}
	if n := binary.LittleEndian.Uint64(written(t, sample())); n%8 != 0 {
		t.Errorf("the numbers begin at %d, unaligned", n+8)
	}
}

func TestBadFiles(t *testing.T) {
	whole := written(t, sample())
	header := func(text string) []byte {
		return append(binary.LittleEndian.AppendUint64(nil, uint64(len(text))), text...)
	}
	for name, file := range map[string][]byte{
		"empty": {}, "cut header": whole[:20], "cut numbers": whole[:len(whole)-1], "more": append(bytes.Clone(whole), 0),
		"huge header": {255, 255, 255, 255, 255, 255, 255, 255}, "no JSON": header("nonsense"),
		"other type":  header(`{"a":{"dtype":"BF16","shape":[],"data_offsets":[0,2]}}`),
		"overflow":    header(`{"a":{"dtype":"F32","shape":[2147483648,2147483648,4],"data_offsets":[0,0]}}`),
		"negative":    header(`{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,-4]}}`),
		"out of file": header(`{"a":{"dtype":"F32","shape":[4],"data_offsets":[0,16]}}`),
	} {
		if _, err := Read(bytes.NewReader(file)); !errors.Is(err, ErrFormat) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := Write(&bytes.Buffer{}, File{Tensors: []Tensor{{"a", []int{2}, nil}}}); err == nil {
		t.Error("a shape without its numbers was written")
	}
}

func FuzzRead(f *testing.F) {
	f.Add(written(f, sample()))
	f.Fuzz(func(t *testing.T, file []byte) {
		if _, err := Read(bytes.NewReader(file)); err != nil && !errors.Is(err, ErrFormat) {
			t.Fatal(err)
		}
	})
}
