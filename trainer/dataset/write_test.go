package dataset

import (
	"context"
	"errors"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/scalelaw/scalelaw/sweep"
)

func samplesOf(t testing.TB, n int, end error) iter.Seq2[Sample, error] {
	return func(yield func(Sample, error) bool) {
		for i := range n {
			s := Sample{Image: grey(t, "png", uint8(i)), Extension: "png", Caption: "pair " + string(rune('a'+i)), Label: i - 1, Meta: map[string]any{"pack": "p", "z": i}}
			if !yield(s, nil) {
				return
			}
		}
		if end != nil {
			yield(Sample{}, end)
		}
	}
}

// What is written is read back, and the same samples give the same bytes.
func TestWrittenShardsAreRead(t *testing.T) {
	var contents []string
	for _, dir := range []string{filepath.Join(t.TempDir(), "a/b"), t.TempDir()} {
		sizes, err := Write(t.Context(), dir, 2, samplesOf(t, 5, nil), map[string][]byte{"NOTICE": []byte("mine")})
		if err != nil || len(sizes) != 3 || sizes["00002.tar"] != 1 {
			t.Fatalf("%v, %v", sizes, err)
		}
		names, err := filepath.Glob(dir + "/*")
		if err != nil || len(names) != 5 {
			t.Fatalf("%q, %v", names, err)
		}
		all := ""
		for _, name := range names {
			data, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			all += filepath.Base(name) + string(data)
		}
		contents = append(contents, all)
		set := open(t, dir+"/{00000..00002}.tar", Options{CaptionKey: "caption"})
		if n, err := set.Pairs(t.Context()); n != 5 || err != nil {
			t.Errorf("%d pairs, %v", n, err)
		}
		b, err := start(t, set, FeedOptions{Batch: 5, Order: Sequential}).Next(t.Context())
		if err != nil || b.Captions[4] != "pair e" || !slices.Equal(b.Labels, []int{-1, 0, 1, 2, 3}) || b.Members[3] != "000000003" {
			t.Errorf("%q %v %q, %v", b.Captions, b.Labels, b.Members, err)
		}
	}
	if contents[0] != contents[1] {
		t.Error("the same samples give other bytes")
	}
}

// A failure, a cancellation or a folder that is in use leaves nothing behind.
func TestShardsAreWrittenWholeOrNotAtAll(t *testing.T) {
	parent := t.TempDir()
	dir := filepath.Join(parent, "out")
	broken := errors.New("broken")
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	full := put(t, parent, "full/x", nil)
	for what, c := range map[string]struct {
		ctx     context.Context
		dir     string
		size    int
		samples iter.Seq2[Sample, error]
		want    error
	}{
		"a sample":  {t.Context(), dir, 2, samplesOf(t, 3, broken), broken},
		"cancelled": {ended, dir, 2, samplesOf(t, 3, nil), context.Canceled},
		"none":      {t.Context(), dir, 2, samplesOf(t, 0, nil), sweep.ErrBadInput},
		"no size":   {t.Context(), dir, 0, samplesOf(t, 3, nil), sweep.ErrBadInput},
		"in use":    {t.Context(), filepath.Dir(full), 2, samplesOf(t, 3, nil), sweep.ErrExists},
		"a file":    {t.Context(), full, 2, samplesOf(t, 3, nil), sweep.ErrBadInput},
	} {
		if _, err := Write(c.ctx, c.dir, c.size, c.samples, nil); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", what, err)
		}
	}
	left, err := os.ReadDir(parent)
	if err != nil || len(left) != 1 || left[0].Name() != "full" {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestRunsFindTheirData(t *testing.T) {
	dir := shardFolder(t, 3, 4)
	d, err := Describe(t.Context(), "{00000.tar,00001.tar.gz}", dir, Options{ImageKey: "png", Separator: ';'})
	if err != nil || d.Pairs != 7 || d.Source != sweep.SourceFiles || d.Files.Pattern != filepath.Join(dir, "{00000.tar,00001.tar.gz}") || d.Files.Separator != ";" {
		t.Fatalf("%+v %+v, %v", d, d.Files, err)
	}
	set, err := OpenRun(d)
	if err != nil || set.Revision != d.Revision || set.options.ImageKey != "png" {
		t.Errorf("%+v, %v", set, err)
	}
	put(t, dir, "00000.tar", tarOf(t, pairs(t, 5, 3)...))
	_, err = OpenRun(d)
	refused(t, "a changed shard", err, missing, "was changed", d.Revision)
	_, err = OpenRun(sweep.Dataset{Name: "icons-6k", Source: "icons-32"})
	refused(t, "icons", err, badInput, "icons-6k")
	put(t, dir, "00000.tar", tarOf(t))
	_, err = Describe(t.Context(), "00000.tar", dir, Options{})
	refused(t, "an empty shard", err, missing, "no pair")
	_, err = Describe(t.Context(), "s3://bucket/{0..3}.tar", dir, Options{})
	refused(t, "a bucket", err, sweep.ErrUnsupported, "s3://bucket/0.tar")
	_, err = Describe(t.Context(), "00000.tar::", dir, Options{})
	refused(t, "an empty part", err, badInput, "empty path")
}
