package dataset

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/scalelaw/scalelaw/sweep"
	"github.com/scalelaw/scalelaw/trainer/dataset/picture"
)

// member is a file in a test's tar.
type member struct {
	name string
	data []byte
}

// grey is a png or jpg of one level, larger than what is trained on.
func grey(t testing.TB, extension string, level uint8) []byte {
	t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, 11, 9))
	for y := range 9 {
		for x := range 11 {
			img.Set(x, y, color.RGBA{level, level + uint8(8*x), level, 255})
		}
	}
	var b bytes.Buffer
	var err error
	if extension == "jpg" {
		err = jpeg.Encode(&b, img, nil)
	} else {
		err = png.Encode(&b, img)
	}
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func tarOf(t testing.TB, members ...member) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, m := range members {
		if err := w.WriteHeader(&tar.Header{Name: m.name, Mode: 0o600, Size: int64(len(m.data)), Typeflag: tar.TypeReg}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(m.data); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func zipped(t testing.TB, data []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// put writes a file of a test's folder and gives its path.
func put(t testing.TB, dir, name string, data []byte) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, data, 0o644)); err != nil {
		t.Fatal(err)
	}
	return path
}

// pairs are the members of n good pairs, whose captions say which they are.
func pairs(t testing.TB, shard, n int) []member {
	t.Helper()
	var all []member
	for i := range n {
		key := fmt.Sprintf("%03d%04d", shard, i)
		all = append(all, member{key + ".png", grey(t, "png", uint8(16*shard+i))}, member{key + ".txt", []byte("pair " + key + "\n")})
	}
	return all
}

// shardFolder makes shards of the given numbers of pairs; the odd ones are compressed.
func shardFolder(t testing.TB, sizes ...int) string {
	t.Helper()
	dir := t.TempDir()
	for i, n := range sizes {
		data := tarOf(t, pairs(t, i, n)...)
		name := fmt.Sprintf("%05d.tar", i)
		if i%2 == 1 {
			data, name = zipped(t, data), name+".gz"
		}
		put(t, dir, name, data)
	}
	return dir
}

func open(t testing.TB, pattern string, o Options) *Set {
	t.Helper()
	s, err := Open(pattern, o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func start(t testing.TB, s *Set, o FeedOptions) *Feed {
	t.Helper()
	if o.Transform.Size == 0 {
		o.Transform = picture.Training(4)
	}
	f, err := s.Feed(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.Close)
	return f
}

// text is a batch as one comparable value.
func text(b *Batch) string {
	return fmt.Sprint(b.N, b.Captions[:b.N], b.Labels[:b.N], b.Members[:b.N], b.Images[:b.N*3*4*4])
}

// take gives the next n batches.
func take(t testing.TB, f *Feed, n int) []string {
	t.Helper()
	var all []string
	for range n {
		b, err := f.Next(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, text(b))
	}
	return all
}

// drain gives the captions of one pass.
func drain(t testing.TB, f *Feed) (captions []string, err error) {
	t.Helper()
	for {
		b, err := f.Next(context.Background())
		if err == io.EOF {
			return captions, nil
		}
		if err != nil {
			return captions, err
		}
		captions = append(captions, b.Captions[:b.N]...)
	}
}

// refused wants an error of a kind that says every one of words.
func refused(t testing.TB, what string, err, kind error, words ...string) {
	t.Helper()
	if !errors.Is(err, kind) {
		t.Errorf("%s: %v, want %v", what, err, kind)
		return
	}
	for _, w := range words {
		if !strings.Contains(err.Error(), w) {
			t.Errorf("%s: %v does not say %q", what, err, w)
		}
	}
}

var missing, badInput = sweep.ErrDataMissing, sweep.ErrBadInput
