package icons32

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"maps"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/scalelaw/scalelaw/sweep"
)

func mustLoad(t testing.TB) *Set {
	t.Helper()
	s, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestFileIsTheOneThatWasPublished(t *testing.T) {
	sum := sha256.Sum256(embedded)
	if got := hex.EncodeToString(sum[:]); got != "81f80b4b7ab99c20be2bcf23f7a8da1d365bbeed3bf63aa468ca32b7dc17bb47" {
		t.Errorf("icons32.bin has sha256 %s", got)
	}
}

// The content before compression, which a rebuild (rebuild/README.md) gives whatever its zstd.
func TestContentIsWhatARebuildGives(t *testing.T) {
	content, err := decode(embedded)
	if err != nil {
		t.Fatal(err)
	}
	h := sha256.New()
	h.Write(content.grey)
	h.Write(content.colour)
	io.WriteString(h, strings.Join(content.lines, "\n"))
	if got := hex.EncodeToString(h.Sum(nil)); got != "d92392d2ca749917c23145ece0f2219f2dbb83c1a33ce02280350cd7ba06c4e6" {
		t.Errorf("the content of icons32.bin has sha256 %s", got)
	}
}

func TestCounts(t *testing.T) {
	s := mustLoad(t)
	packs := map[string]bool{}
	for i := range s.Len() {
		packs[s.Item(i).Pack] = true
	}
	if s.Len() != 234_457 || len(packs) != 132 || len(Classes()) != 175 {
		t.Errorf("%d icons of %d packs, %d classes", s.Len(), len(packs), len(Classes()))
	}
	for split, want := range map[string]int{"test-all": 3619, "emoji": 325, "pixel": 389, "colour": 664} {
		items, labels, err := s.Labelled(split)
		if err != nil || len(items) != want || len(labels) != want {
			t.Errorf("%s: %d icons, %d labels, want %d: %v", split, len(items), len(labels), want, err)
		}
	}
	if n := len(s.train); n != 189_854 {
		t.Errorf("%d icons to train on, want 189,854", n)
	}
}

func TestTwinFreeSubset(t *testing.T) {
	s := mustLoad(t)
	items, _, err := s.Labelled("test")
	if err != nil {
		t.Fatal(err)
	}
	if n := len(items) + len(twins()); n != 3619 {
		t.Errorf("%d twin-free and %d with twins are not the 3,619 test icons", len(items), len(twins()))
	}
	if share := float64(len(twins())) / 3619; share < 0.2 || share > 0.35 {
		t.Errorf("%.0f %% of the test icons have a twin", 100*share)
	}
}

func TestTestPacksAreNeverTrainedOn(t *testing.T) {
	s := mustLoad(t)
	held := map[string]bool{}
	for _, split := range []string{"test-all", "emoji", "pixel", "colour"} {
		items, _, err := s.Labelled(split)
		if err != nil {
			t.Fatal(err)
		}
		for _, i := range items {
			held[s.Item(i).Pack] = true
		}
	}
	for _, i := range s.train {
		if held[s.Item(i).Pack] {
			t.Fatalf("pack %s is held out and trained on", s.Item(i).Pack)
		}
	}
}

func TestDataScalesAreNested(t *testing.T) {
	s := mustLoad(t)
	small, err := s.Train(6_400)
	if err != nil {
		t.Fatal(err)
	}
	large, err := s.Train(160_000)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(small, large[:6_400]) {
		t.Error("the small set is no prefix of the large one")
	}
	if _, err := s.Train(200_000); !errors.Is(err, sweep.ErrDataMissing) {
		t.Errorf("200,000 pairs: %v", err)
	}
}

func TestWords(t *testing.T) {
	for name, want := range map[string]string{
		"arrow-left-2-fill": "arrow left 2 fill",
		"wifi3bar":          "wifi 3 bar",
		"A_b  C":            "a b c",
		"---":               "",
	} {
		if got := strings.Join(Words(name), " "); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if got := base(Words("folder-open-outline-24")); got != "folder open" {
		t.Errorf("base: %q", got)
	}
}

func TestTokens(t *testing.T) {
	s := mustLoad(t)
	if got := s.Tokens([]string{"arrow", "qqqzzz"}); got[0] < 1 || got[0] > 50 || got[1] != Vocabulary+1 {
		t.Errorf("tokens %v", got)
	}
	if got := s.Tokens(strings.Fields("a b c d e f g h i j")); len(got) != Context {
		t.Errorf("%d tokens of a long caption", len(got))
	}
	if len(s.ids) != Vocabulary {
		t.Errorf("%d words in the vocabulary", len(s.ids))
	}
}

func TestPixels(t *testing.T) {
	s := mustLoad(t)
	drawn := make([]float32, Side*Side)
	for _, i := range []int{0, 215_352, 215_353, s.Len() - 1} {
		s.Pixels(i, drawn)
		low, high := slices.Min(drawn), slices.Max(drawn)
		if low < -1e-6 || high > 1+1e-6 || high <= low {
			t.Errorf("icon %d: pixels from %g to %g", i, low, high)
		}
	}
}

func TestRetrievalPairsDiffer(t *testing.T) {
	s := mustLoad(t)
	captions := map[string]bool{}
	for _, i := range s.Retrieval() {
		words := s.Item(i).Words
		captions[strings.Join(words[:min(Context, len(words))], " ")] = true
		if len(words) < 2 || split(s.Item(i).Pack) != "test" {
			t.Errorf("retrieval icon %+v", s.Item(i))
		}
	}
	if len(captions) != 1000 {
		t.Errorf("%d different captions", len(captions))
	}
	if !reflect.DeepEqual(s.Retrieval(), s.Retrieval()) {
		t.Error("the retrieval set changes between calls")
	}
}

func TestBaseline(t *testing.T) {
	for _, split := range []string{"test", "test-all", "emoji", "pixel", "colour"} {
		e, err := Baseline(split)
		if err != nil || e < 0.2 || e > 0.99 {
			t.Errorf("%s: %g, %v", split, e, err)
		}
	}
	if _, err := Baseline("x"); !errors.Is(err, sweep.ErrNotFound) {
		t.Errorf("unknown split: %v", err)
	}
}

func TestDamagedFilesAreErrors(t *testing.T) {
	flipped := slices.Clone(embedded)
	flipped[20_000] ^= 255
	for name, file := range map[string][]byte{
		"empty": nil, "header only": embedded[:12], "cut": embedded[:len(embedded)/2],
		"flipped": flipped, "counts": append([]byte{1, 0, 0, 0}, embedded[4:]...),
	} {
		if _, err := newSet(file); !errors.Is(err, sweep.ErrDataMissing) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestNoticeNamesEveryPack(t *testing.T) {
	text, err := os.ReadFile("NOTICE")
	if err != nil {
		t.Fatal(err)
	}
	noticed := map[string]bool{}
	for line := range strings.Lines(string(text)) {
		fields := strings.Split(strings.TrimSpace(line), "\t")
		if len(fields) == 1 || fields[0] == "pack" {
			continue // the sentences at the top, the names of the columns
		}
		if len(fields) != 5 || slices.Contains(fields, "") || !strings.HasPrefix(fields[4], "https://") {
			t.Errorf("NOTICE lacks a name, author, licence or address in %q", line)
		}
		noticed[fields[0]] = true
	}
	s, used := mustLoad(t), map[string]bool{}
	for i := range s.Len() {
		used[s.Item(i).Pack] = true
	}
	if !maps.Equal(noticed, used) {
		t.Errorf("NOTICE names %d packs, which are not the %d of the file", len(noticed), len(used))
	}
}

func BenchmarkDecode(b *testing.B) {
	for b.Loop() {
		if _, err := decode(embedded); err != nil {
			b.Fatal(err)
		}
	}
}
