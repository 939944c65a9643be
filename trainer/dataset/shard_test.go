package dataset

import (
	"archive/tar"
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// pass gives the captions of one sequential pass over one shard.
func pass(t *testing.T, data []byte, o Options) ([]string, Position, error) {
	t.Helper()
	set, err := Open(put(t, t.TempDir(), "s.tar", data), o)
	if err != nil {
		return nil, Position{}, err
	}
	f := start(t, set, FeedOptions{Batch: 2, Once: true, Order: Sequential})
	captions, err := drain(t, f)
	return captions, f.Position(), err
}

// The members as they come in the wild, and what becomes of them.
func TestGrouping(t *testing.T) {
	png, jpg := grey(t, "png", 1), grey(t, "jpg", 2)
	data := tarOf(t,
		member{"__meta__.json", []byte("{}")}, member{"README", []byte("x")}, member{".hidden.png", png},
		member{"a.txt", []byte(" caption first \n")}, member{"a.JPG", jpg},
		member{"b.json", []byte(`{"caption":"of json","text":"no"}`)}, member{"b.png", png},
		member{"c.png", png}, member{"c.json", []byte(`{"text":"second key"}`)},
		member{"d.png", png}, member{"d.txt", []byte("txt wins")}, member{"d.json", []byte(`{"caption":"no"}`)},
		member{"dir/e.seg.png", png}, member{"dir/e.png", jpg}, member{"dir/e.txt", []byte("dots")},
		member{"../../f.png", png}, member{"../../f.txt", []byte("names are labels")},
		member{"only-image.png", png}, member{"only-text.txt", []byte("x")}, member{"h.png", png}, member{"h.json", []byte(`{"caption":7}`)},
		member{"i.gif", png}, member{"i.txt", []byte("x")}, member{"j.png", png}, member{"j.json", []byte(`{`)},
		member{"k.png", png}, member{"k.txt", []byte("bad \xff utf-8")}, member{"l.png", png}, member{"l.txt", nil},
		member{"same.png", png}, member{"same.txt", []byte("one")}, member{"same.png", png}, member{"same.txt", []byte("two")},
		member{"m.png", png}, member{"m.txt", []byte("class")}, member{"m.cls", []byte("12\n")},
	)
	captions, at, err := pass(t, data, Options{})
	want := []string{"caption first", "of json", "second key", "txt wins", "dots", "names are labels", "bad \uFFFD utf-8", "", "one", "two", "class"}
	if err != nil || !slices.Equal(captions, want) {
		t.Errorf("%q, %v", captions, err)
	}
	if at.Total.Incomplete != 5 || at.Total.Bad != 0 {
		t.Errorf("%+v", at)
	}
	set := open(t, put(t, t.TempDir(), "s.tar", data), Options{})
	c, err := set.Count(t.Context(), 0)
	if err != nil || c.Pairs != 11 || c.Incomplete != 5 || c.Bytes != int64(len(data)) {
		t.Errorf("%+v, %v", c, err)
	}
	b, err := start(t, set, FeedOptions{Batch: 11, Order: Sequential}).Next(t.Context())
	if err != nil || b.Labels[10] != 12 || b.Labels[0] != -1 || b.Members[4] != "dir/e" {
		t.Errorf("%v %q %v", b.Labels, b.Members, err)
	}
}

func TestKeysCanBeChosen(t *testing.T) {
	data := tarOf(t,
		member{"a.png", grey(t, "png", 1)}, member{"a.alt.png", grey(t, "png", 2)}, member{"a.txt", []byte("txt")}, member{"a.json", []byte(`{"title":"a title"}`)},
		member{"b.png", grey(t, "png", 1)}, member{"b.json", []byte(`{"title":"another"}`)})
	captions, at, err := pass(t, data, Options{CaptionKey: "title"})
	if err != nil || !slices.Equal(captions, []string{"a title", "another"}) {
		t.Errorf("%q, %v", captions, err)
	}
	captions, at, err = pass(t, data, Options{ImageKey: "alt.png;webp"})
	if err != nil || !slices.Equal(captions, []string{"txt"}) || at.Total.Incomplete != 1 {
		t.Errorf("%q, %+v, %v", captions, at, err)
	}
}

// bomb is a png whose header states more pixels than the limit.
func bomb() []byte {
	chunk := append([]byte("IHDR"), 0, 0, 255, 255, 0, 0, 255, 255, 8, 2, 0, 0, 0)
	file := append([]byte("\x89PNG\r\n\x1a\n"), 0, 0, 0, 13)
	return binary.BigEndian.AppendUint32(append(file, chunk...), crc32.ChecksumIEEE(chunk))
}

func TestBadImagesAreSkippedUpToALimit(t *testing.T) {
	giant := make([]byte, 4096)
	members := append(pairs(t, 0, 4),
		member{"bomb.png", bomb()}, member{"bomb.txt", []byte("x")}, member{"text.jpg", []byte("<html>")}, member{"text.txt", []byte("x")},
		member{"giant.png", giant}, member{"giant.txt", []byte("x")}, member{"cut.jpg", grey(t, "jpg", 3)[:200]}, member{"cut.txt", []byte("x")})
	data := tarOf(t, append(members, pairs(t, 1, 3)...)...)
	captions, at, err := pass(t, data, Options{MaxMemberBytes: 4000})
	if err != nil || len(captions) != 7 || at.Total.Bad != 4 || at.Bad != 4 || at.Read != 11 {
		t.Errorf("%q, %+v, %v", captions, at, err)
	}
	_, _, err = pass(t, data, Options{MaxMemberBytes: 4000, MaxBadShare: 0.003})
	refused(t, "the fourth bad one", err, missing, "s.tar", "member cut", "4 of the first 8 images", "share of 0.003", "not a readable")
	_, _, err = pass(t, data, Options{MaxBadShare: -1})
	refused(t, "the first bad one", err, missing, "member bomb", "65535 x 65535 pixels, the limit is 89478485", "share of 0")
	_, _, err = pass(t, data, Options{MaxMemberBytes: 4000, MaxBadShare: 0.002})
	refused(t, "the third bad one", err, missing, "member giant", "4096 bytes, the limit is 4000")
}

func TestPassesWithoutAPairAreErrors(t *testing.T) {
	for what, c := range map[string]struct {
		members []member
		words   string
	}{
		"empty":      {nil, "no pair of image and caption"},
		"incomplete": {[]member{{"a.png", grey(t, "png", 1)}, {"b.png", grey(t, "png", 1)}}, "no pair of image and caption"},
		"all bad":    {[]member{{"a.png", []byte("x")}, {"a.txt", []byte("x")}}, "member a: not a readable"},
	} {
		data := tarOf(t, c.members...)
		_, _, err := pass(t, data, Options{MaxBadShare: 1})
		refused(t, what+" once", err, missing, c.words)
		f := start(t, open(t, put(t, t.TempDir(), "s.tar", data), Options{MaxBadShare: 1}), FeedOptions{Batch: 2})
		_, err = f.Next(t.Context())
		refused(t, what+" for ever", err, missing, c.words)
	}
}

func TestDamagedShards(t *testing.T) {
	whole := tarOf(t, append(pairs(t, 0, 6), member{"big.jpg", bytes.Repeat([]byte{1}, 3000)}, member{"big.txt", []byte("x")})...)
	flipped := slices.Clone(whole)
	flipped[512*6+100]++ // in a header's mode: its sum is wrong
	for what, c := range map[string]struct {
		data  []byte
		words string
	}{
		"no bytes":              {nil, "damaged"},
		"one byte":              {[]byte{0}, "damaged"},
		"cut within a member":   {whole[:512*5-200], "cut short"},
		"cut between members":   {whole[:512*4], "no end mark"},
		"header":                {flipped, "after member 0000001.png"},
		"garbage":               {bytes.Repeat([]byte("garbage "), 500), "cut short"},
		"garbage, then zeros":   {append(bytes.Repeat([]byte("garbage "), 128), make([]byte, 1024)...), "invalid tar header"},
		"gzip cut":              {zipped(t, whole)[:400], "unexpected EOF"},
		"gzip of garbage":       {zipped(t, bytes.Repeat([]byte("garbage "), 500)), "invalid tar header"},
		"gzip header":           {[]byte{0x1f, 0x8b, 0, 0}, "damaged"},
		"cut, then zeros again": {append(slices.Clone(whole[:512*25+700]), make([]byte, 512)...), "after member big.jpg"},
	} {
		_, _, err := pass(t, c.data, Options{})
		refused(t, what, err, missing, "s.tar", c.words)
	}
	set := open(t, put(t, t.TempDir(), "s.tar", whole), Options{})
	if err := os.WriteFile(set.Files[0], tarOf(t, pairs(t, 0, 2)...), 0o644); err != nil {
		t.Fatal(err)
	}
	at := Position{Of: set.identity(0, Shuffled), Window: cursor{Group: 4}, Taken: 1, Read: 5}
	f := start(t, set, FeedOptions{Batch: 1, Resume: &at})
	_, err := f.Next(t.Context())
	refused(t, "a shard that shrank", err, missing, "fewer pairs than when training began")
}

// Sizes that a header claims cost nothing: what is too large is not read.
func TestGiantMembersTakeNoMemory(t *testing.T) {
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	if err := w.WriteHeader(&tar.Header{Name: "a.png", Size: 1 << 40, Typeflag: tar.TypeReg}); err != nil {
		t.Fatal(err)
	}
	b.Write(make([]byte, 1024))
	_, _, err := pass(t, b.Bytes(), Options{})
	refused(t, "a terabyte", err, missing, "s.tar", "a.png")
}

func TestPairsAreCountedOrStated(t *testing.T) {
	dir := shardFolder(t, 3, 4)
	set := open(t, filepath.Join(dir, "*"), Options{})
	if n, err := set.Pairs(t.Context()); n != 7 || err != nil {
		t.Errorf("counted %d, %v", n, err)
	}
	put(t, dir, sizesFile, []byte(`{"00000.tar": 3000}`))
	if n, err := set.Pairs(t.Context()); n != 7 || err != nil {
		t.Errorf("sizes.json names one of two shards: %d, %v", n, err)
	}
	put(t, dir, sizesFile, []byte(`{"00000.tar": 3000, "00001.tar.gz": 4000}`))
	if n, err := set.Pairs(t.Context()); n != 7000 || err != nil {
		t.Errorf("stated %d, %v", n, err)
	}
}

// Whatever the bytes: an error that names the shard, or pairs; never a panic, a hang or memory
// beyond the limits.
func FuzzShard(f *testing.F) {
	good := tarOf(f, append(pairs(f, 0, 2), member{"x.json", []byte(`{"caption":"y"}`)}, member{"x.jpg", grey(f, "jpg", 1)}, member{"x.cls", []byte("3")})...)
	for _, data := range [][]byte{good, zipped(f, good), good[:700], good[:1536], nil, {0x1f, 0x8b}, make([]byte, 1024)} {
		f.Add(data)
	}
	for _, h := range []tar.Header{
		{Name: "a.png", Size: 1 << 40}, {Name: strings.Repeat("d/", 120) + "a.png"}, {Name: "a.png", Typeflag: tar.TypeLink, Linkname: "/etc/passwd"},
		{Name: "a.txt", PAXRecords: map[string]string{"SCALELAW.x": "y"}}, {Name: "a.png", Typeflag: tar.TypeFifo}, {Name: "dir.png/", Typeflag: tar.TypeDir},
	} {
		var b bytes.Buffer
		if err := tar.NewWriter(&b).WriteHeader(&h); err != nil {
			f.Fatal(err)
		}
		f.Add(append(b.Bytes(), make([]byte, 1024)...))
	}
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, data []byte) {
		path := put(t, dir, "s.tar", data)
		set, err := Open(path, Options{MaxMemberBytes: 1 << 16})
		if err != nil {
			t.Fatal(err)
		}
		complete := int64(0)
		r, err := openShard(path, set.options)
		for err == nil {
			var p pair
			if p, err = r.next(); err == nil && p.complete {
				complete++
				if len(p.image) > 1<<16 || len(p.caption) > 3*maxText || p.member == "" || p.image == nil && p.bad == nil {
					t.Errorf("%d bytes of image, %d of caption, member %q, %v", len(p.image), len(p.caption), p.member, p.bad)
				}
			}
		}
		if r != nil {
			r.Close()
		}
		if err != io.EOF {
			refused(t, "shard", err, missing, path)
		} else if c, err := set.Count(t.Context(), 0); err != nil || c.Pairs != complete {
			t.Errorf("%d pairs, counted %+v: %v", complete, c, err)
		}
	})
}
