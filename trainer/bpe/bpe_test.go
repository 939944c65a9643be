package bpe

import (
	"compress/gzip"
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"
)

// golden is what open_clip_torch 3.3.0 gives for a text; trainer/clip/openclip/testdata/make_goldens.py.
type golden struct {
	Text string  `json:"text"`
	IDs  []int32 `json:"ids"` // without the zeros at the end
}

func goldens(t *testing.T) (all []golden) {
	t.Helper()
	file, err := os.Open("testdata/tokens.json.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	unpacked, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.NewDecoder(unpacked).Decode(&all); err != nil {
		t.Fatal(err)
	}
	return all
}

func TestSameIDsAsOpenCLIP(t *testing.T) {
	tokenizer, err := New()
	if err != nil {
		t.Fatal(err)
	}
	compared := 0
	for _, want := range goldens(t) {
		row := make([]int32, 77)
		tokenizer.Tokens(row, want.Text)
		if padded := append(want.IDs, make([]int32, 77-len(want.IDs))...); !slices.Equal(row, padded) {
			t.Errorf("%q:\n got %v\nwant %v\nclean %q", want.Text, row[:len(want.IDs)+1], want.IDs, clean(want.Text))
		}
		compared++
	}
	if compared != 1000 {
		t.Errorf("compared %d texts, want 1000", compared)
	}
}

func TestRowsOfAnyLength(t *testing.T) {
	tokenizer, err := New()
	if err != nil {
		t.Fatal(err)
	}
	for n, want := range map[int][]int32{0: {}, 1: {End}, 2: {Start, End}, 3: {Start, 320, End}, 5: {Start, 320, 2368, End, 0}} {
		row := make([]int32, n)
		tokenizer.Tokens(row, "a cat")
		if !slices.Equal(row, want) {
			t.Errorf("%d ids: %v, want %v", n, row, want)
		}
	}
}

func TestDamagedMergesAreRefused(t *testing.T) {
	for _, text := range []string{"", "header\nx y\n", "header\n" + strings.Repeat("nothing known\n", merges)} {
		if _, err := parse(text); err == nil {
			t.Errorf("%.20q was taken", text)
		}
	}
}

// Any text gives ids in range, the same after it was cleaned.
func FuzzTokens(f *testing.F) {
	for _, seed := range []string{"a cat", "&amp;&#1;<b>\xff", "\x1b[1m 'ſ ½日本", strings.Repeat("a", 400)} {
		f.Add(seed)
	}
	tokenizer, err := New()
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text string) {
		row := make([]int32, 77)
		tokenizer.Tokens(row, text)
		if row[0] != Start || !slices.Contains(row, End) {
			t.Fatalf("%q: no marks in %v", text, row)
		}
		for _, id := range row {
			if id < 0 || id >= VocabSize {
				t.Fatalf("%q: id %d", text, id)
			}
		}
	})
}

func BenchmarkTokens(b *testing.B) {
	tokenizer, err := New()
	if err != nil {
		b.Fatal(err)
	}
	row := make([]int32, 77)
	for b.Loop() {
		tokenizer.Tokens(row, "a bad photo of a golden retriever in the snow, it's “happy”")
	}
}
