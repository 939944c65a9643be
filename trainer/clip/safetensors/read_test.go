package safetensors

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
)

func fileOf(header string, body []byte) []byte {
	return slices.Concat(binary.LittleEndian.AppendUint64(nil, uint64(len(header))), []byte(header), body)
}

func TestOffsetsAreHeldToTheFile(t *testing.T) {
	one := `"%s":{"dtype":"F32","shape":[%s],"data_offsets":[%d,%d]}`
	both := func(a, b string) string { return "{" + a + "," + b + "}" }
	at := func(name, shape string, begin, end int) string { return fmt.Sprintf(one, name, shape, begin, end) }
	for name, header := range map[string]string{
		"overlap":         both(at("a", "2", 0, 8), at("b", "2", 4, 12)),
		"the same place":  both(at("a", "2", 0, 8), at("b", "2", 0, 8)),
		"a gap":           both(at("a", "1", 0, 4), at("b", "1", 8, 12)),
		"not from 0":      "{" + at("a", "2", 4, 12) + "}",
		"backwards":       "{" + at("a", "", 4, 0) + "}",
		"more than holds": "{" + at("a", "1000000000000", 0, 4000000000000) + "}",
		"less than holds": "{" + at("a", "2", 0, 8) + "}",
		"other size":      "{" + at("a", "2", 0, 12) + "}",
		"product of 2^64": "{" + at("a", "4294967296,1073741824", 0, 0) + "}",
		"product past it": "{" + at("a", "2147483648,2147483648", 0, 0) + "}",
		"zero of much":    "{" + at("a", "0,9223372036854775807,2", 0, 12) + "}",
		"past int64":      "{" + at("a", "9999999999999999999999", 0, 12) + "}",
		"unknown type":    strings.Replace("{"+at("a", "3", 0, 12)+"}", "F32", "F8_E4M3", 1),
		"no object":       "[1, 2, 3, 4]",
	} {
		if got, err := Read(bytes.NewReader(fileOf(header, make([]byte, 12)))); !errors.Is(err, ErrFormat) {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
	if _, err := Read(bytes.NewReader(fileOf("{"+at("a", "3", 0, 12)+"}", make([]byte, 12)))); err != nil {
		t.Error(err)
	}
}

func TestHalfPrecision(t *testing.T) {
	inf := float32(math.Inf(1))
	for bits, want := range map[uint16]float32{0: 0, 0x3c00: 1, 0xc100: -2.5, 1: 1.0 / (1 << 24), 0x83ff: -1023.0 / (1 << 24), 0x0400: 1.0 / (1 << 14), 0x7bff: 65504, 0x7c00: inf, 0xfc00: -inf} {
		if got := Half(bits); got != want {
			t.Errorf("half %04x is %g, want %g", bits, got, want)
		}
	}
	if v := Half(0x7e00); v == v {
		t.Errorf("NaN is %g", v)
	}
	body := []byte{0x00, 0x3c, 0x50, 0xc0}
	got, err := Read(bytes.NewReader(fileOf(`{"h":{"dtype":"F16","shape":[1],"data_offsets":[0,2]},"b":{"dtype":"BF16","shape":[1,1],"data_offsets":[2,4]}}`, body)))
	if err != nil || got.Tensors[0].Data[0] != 1 || got.Tensors[1].Data[0] != -3.25 {
		t.Errorf("%+v, %v", got, err)
	}
}
