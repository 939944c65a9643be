package torchfile

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/scalelaw/scalelaw/trainer/clip/safetensors"
)

func file(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func read(b []byte) ([]safetensors.Tensor, error) { return Read(bytes.NewReader(b), int64(len(b))) }

func TestTensorsOfEveryKind(t *testing.T) {
	var want map[string]struct {
		Shape []int     `json:"shape"`
		Data  []float32 `json:"data"`
	}
	if err := json.Unmarshal(file(t, "state.json"), &want); err != nil {
		t.Fatal(err)
	}
	got, err := read(file(t, "state.pt"))
	if err != nil || len(got) != len(want) || len(got) != 10 {
		t.Fatalf("%d tensors of %d, %v", len(got), len(want), err)
	}
	for _, x := range got {
		if w := want[x.Name]; !slices.Equal(x.Shape, w.Shape) || !slices.Equal(x.Data, w.Data) {
			t.Errorf("%s: %v %v, want %v %v", x.Name, x.Shape, x.Data, w.Shape, w.Data)
		}
	}
}

func TestCheckpointOfATrainingProgram(t *testing.T) {
	got, err := read(file(t, "checkpoint.pt"))
	if err != nil || len(got) != 2 {
		t.Fatalf("%v, %v", got, err)
	}
	if got[0].Name != "module.weight" || !slices.Equal(got[0].Data, []float32{-1, -0.875, -0.75, -0.625, -0.5, -0.375}) || got[1].Name != "module.bias" {
		t.Errorf("%+v", got)
	}
}

func TestRefusals(t *testing.T) {
	for name, want := range map[string]string{
		"legacy.pt": "legacy format", "script.pt": "TorchScript archive", "evil.pt": `"posix.system"`, "module.pt": `"torch.nn.modules.linear.Linear"`,
	} {
		if _, err := read(file(t, name)); !errors.Is(err, ErrFormat) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	whole := file(t, "state.pt")
	for _, n := range []int{0, 1, 100, len(whole) / 2, len(whole) - 1} {
		if _, err := read(whole[:n]); !errors.Is(err, ErrFormat) {
			t.Errorf("the first %d bytes: %v", n, err)
		}
	}
}

// archiveOf is a zip of a pickle and one storage of four float32.
func archiveOf(t testing.TB, method uint16, pickle string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, e := range []struct{ name, text string }{{"a/data.pkl", pickle}, {"a/data/0", strings.Repeat("\x00\x00\x80\x3f", 4)}, {"a/byteorder", "little"}} {
		w, err := z.CreateHeader(&zip.FileHeader{Name: e.name, Method: method})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(e.text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// pickleOf is {"w": a tensor} with the given offset, size and stride opcodes over storage 0.
func pickleOf(offset, size, stride string) string {
	return "\x80\x02}(X\x01\x00\x00\x00wctorch._utils\n_rebuild_tensor_v2\n((X\x07\x00\x00\x00storagectorch\nFloatStorage\nX\x01\x00\x00\x000X\x03\x00\x00\x00cpuK\x04tQ" +
		offset + size + stride + "\x89ccollections\nOrderedDict\n)RtRu."
}

func TestTensorsThatDoNotFit(t *testing.T) {
	if got, err := read(archiveOf(t, zip.Store, pickleOf("K\x01", "K\x03\x85", "K\x01\x85"))); err != nil || !slices.Equal(got[0].Data, []float32{1, 1, 1}) {
		t.Fatalf("%v, %v", got, err)
	}
	huge := "\x8a\x08\xff\xff\xff\xff\xff\xff\xff\x7f"
	for name, p := range map[string]string{
		"too long": pickleOf("K\x02", "K\x03\x85", "K\x01\x85"), "stride": pickleOf("K\x00", "K\x03\x85", "K\x02\x85"),
		"offset": pickleOf("K\x04", "K\x01\x85", "K\x01\x85"), "negative": pickleOf("J\xff\xff\xff\xff", "K\x01\x85", "K\x01\x85"),
		"huge offset": pickleOf(huge, "K\x01\x85", "K\x01\x85"), "huge size": pickleOf("K\x00", huge+huge+"\x86", "K\x00K\x00\x86"),
		"huge stride": pickleOf("K\x01", "K\x02K\x02\x86", huge+huge+"\x86"), "repeated": pickleOf("K\x00", huge+"\x85", "K\x00\x85"),
		"ranks": pickleOf("K\x00", "K\x01\x85", "K\x01K\x01\x86"), "no size": pickleOf("K\x00", "N", "N"),
	} {
		if _, err := read(archiveOf(t, zip.Store, p)); !errors.Is(err, ErrFormat) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := read(archiveOf(t, zip.Deflate, pickleOf("K\x00", "K\x01\x85", "K\x01\x85"))); !errors.Is(err, ErrFormat) {
		t.Errorf("compressed: %v", err)
	}
}

func TestPicklesThatAreNone(t *testing.T) {
	for name, p := range map[string]string{
		"empty": "", "nothing on the stack": "\x80\x02.", "protocol 4": "\x80\x04}.", "no mark": "\x80\x02t.", "recall": "\x80\x02h\x05.",
		"list for dict": "\x80\x02].", "append to a number": "\x80\x02K\x01K\x02a.", "odd items": "\x80\x02}(K\x01u.", "call a number": "\x80\x02K\x01)R.",
		"persistent id": "\x80\x02K\x01Q.", "build": "\x80\x02b.", "long string": "\x80\x02X\xff\xff\xff\xff", "class without end": "\x80\x02c" + strings.Repeat("a", 9999),
		"execution": "\x80\x02cos\nsystem\n(X\x04\x00\x00\x00truetR.", "big integer": "\x80\x02\x8a\x09123456789.", "tuple of nothing": "\x80\x02\x87.",
	} {
		if _, err := read(archiveOf(t, zip.Store, p)); !errors.Is(err, ErrFormat) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Files with a few bytes changed are read or refused.
func TestDamagedFiles(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for _, name := range []string{"state.pt", "checkpoint.pt", "script.pt"} {
		whole := file(t, name)
		for range 3000 {
			damaged := slices.Clone(whole)
			for range 1 + random.IntN(4) {
				damaged[random.IntN(len(damaged))] = byte(random.IntN(256))
			}
			check(t, damaged)
		}
	}
}

// No file makes it panic, and what it takes has as many numbers as its shapes say.
func FuzzRead(f *testing.F) {
	for _, name := range []string{"state.pt", "checkpoint.pt", "legacy.pt", "script.pt", "evil.pt"} {
		f.Add(file(f, name))
	}
	f.Fuzz(func(t *testing.T, b []byte) { check(t, b) })
}

// The pickle alone, which a mutated zip rarely reaches.
func FuzzPickle(f *testing.F) {
	f.Add(pickleOf("K\x00", "K\x04\x85", "K\x01\x85"))
	f.Add(pickleOf("K\x01", "K\x01K\x02\x86", "K\x02K\x01\x86"))
	f.Add("\x80\x02}q\x00h\x00X\x01\x00\x00\x00aK\x01s.")
	f.Fuzz(func(t *testing.T, pickle string) { check(t, archiveOf(t, zip.Store, pickle)) })
}

func check(t *testing.T, b []byte) {
	got, err := read(b)
	if err != nil && !errors.Is(err, ErrFormat) {
		t.Fatal(err)
	}
	for _, x := range got {
		n := 1
		for _, d := range x.Shape {
			n *= d
		}
		if n != len(x.Data) {
			t.Fatalf("%s: shape %v and %d numbers", x.Name, x.Shape, len(x.Data))
		}
	}
}
