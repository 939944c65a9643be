package dataset

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// tableOf writes a table beside images 0.jpg to 2.jpg.
func tableOf(t testing.TB, name, text string) string {
	t.Helper()
	dir := t.TempDir()
	for i := range 3 {
		put(t, dir, fmt.Sprintf("%d.jpg", i), grey(t, "jpg", uint8(i)))
	}
	return put(t, dir, name, []byte(text))
}

func captionsOf(t *testing.T, path string, o Options) ([]string, Position, error) {
	t.Helper()
	set, err := Open(path, o)
	if err != nil {
		return nil, Position{}, err
	}
	f := start(t, set, FeedOptions{Batch: 2, Once: true, Order: Sequential})
	captions, err := drain(t, f)
	return captions, f.Position(), err
}

func TestTables(t *testing.T) {
	for what, c := range map[string]struct {
		text string
		o    Options
		want string
	}{
		"commas":           {"filepath,title\n0.jpg,a\n1.jpg,b\n", Options{}, "a|b"},
		"tabs":             {"title\tid\tfilepath\na, b\t1\t0.jpg\n", Options{}, "a, b"},
		"no last newline":  {"filepath,title\n0.jpg,a", Options{}, "a"},
		"crlf and a mark":  {"\uFEFFfilepath,title\r\n0.jpg,a\r\n\r\n1.jpg,b\r\n", Options{}, "a|b"},
		"quotes":           {"filepath,title\n0.jpg,\"two\nlines, \"\"quoted\"\"\"\n1.jpg,12\" pizza\n", Options{}, "two\nlines, \"quoted\"|12\" pizza"},
		"other names":      {"url;alt\n0.jpg;x\n", Options{ImageKey: "url", CaptionKey: "alt", Separator: ';'}, "x"},
		"empty captions":   {"filepath,title\n0.jpg,\n1.jpg,  \n", Options{}, "|"},
		"incomplete":       {"filepath,title\n,x\n0.jpg\n1.jpg,b,more\n", Options{}, "b"},
		"missing files":    {"filepath,title\n0.jpg,a\nnone.jpg,x\n../../none.jpg,x\n/none/at/all.jpg,y\n2.jpg,c\n", Options{}, "a|c"},
		"a folder as file": {"filepath,title\n.,x\n0.jpg,a\n", Options{}, "a"},
	} {
		captions, at, err := captionsOf(t, tableOf(t, "t.csv", c.text), c.o)
		if err != nil || strings.Join(captions, "|") != c.want {
			t.Errorf("%s: %q, %v", what, captions, err)
		}
		if what == "missing files" && (at.Total.Bad != 3 || at.Total.Incomplete != 0) || what == "incomplete" && at.Total.Incomplete != 2 {
			t.Errorf("%s: %+v", what, at)
		}
	}
}

func TestMissingFilesHaveALimit(t *testing.T) {
	_, _, err := captionsOf(t, tableOf(t, "t.tsv", "filepath\ttitle\n0.jpg\ta\nnone.jpg\tx\n"), Options{MaxBadShare: -1})
	refused(t, "a missing file", err, missing, "t.tsv, member row 2", "none.jpg", "no such file", "1 of the first 2 images")
	big := tableOf(t, "t.csv", "filepath,title\n0.jpg,a\n")
	_, _, err = captionsOf(t, big, Options{MaxBadShare: -1, MaxMemberBytes: 10})
	refused(t, "a large file", err, missing, "more than 10 bytes")
}

func TestRefusedTables(t *testing.T) {
	for what, c := range map[string]struct {
		text string
		o    Options
		kind error
		word string
	}{
		"nothing":         {"", Options{}, badInput, "it is empty: a header with filepath and title"},
		"other columns":   {"url,text\nx,y\n", Options{}, badInput, `it has ["url" "text"]`},
		"other separator": {"filepath,title\nx,y\n", Options{Separator: ';'}, badInput, `no columns "filepath" and "title"`},
		"no rows":         {"filepath,title\n", Options{}, missing, "no rows"},
		"an open quote":   {"filepath,title\na,b\nx,\"" + strings.Repeat("y", maxText+9000), Options{}, badInput, "the row of line 3: a row is longer than 1 MiB"},
		"a long header":   {strings.Repeat("x,", maxText), Options{}, badInput, "its header"},
	} {
		_, err := Open(tableOf(t, "t.csv", c.text), c.o)
		refused(t, what, err, c.kind, "t.csv", c.word)
	}
}

func rootOf(t *testing.T, path string, o Options) string {
	t.Helper()
	return open(t, path, o).listing.(*table).root
}

// As open_clip from the working folder; else beside the table; else where Root says.
func TestWhereRelativePathsAre(t *testing.T) {
	here, there := t.TempDir(), t.TempDir()
	t.Chdir(here)
	path := put(t, there, "t.csv", []byte("filepath,title\nnone.jpg,x\nimg/a.jpg,a\n"))
	wants := func(what, root string) {
		t.Helper()
		if got := rootOf(t, path, Options{}); got != root {
			t.Errorf("%s: root %q", what, got)
		}
	}
	wants("found nowhere", "")
	put(t, there, "img/a.jpg", grey(t, "jpg", 1))
	wants("beside the table", there)
	put(t, here, "img/a.jpg", grey(t, "jpg", 1))
	wants("in both", "")
	if got := rootOf(t, path, Options{Root: "/elsewhere"}); got != "/elsewhere" {
		t.Errorf("stated: %q", got)
	}
}

// A pipe where an image should be would block a worker for ever.
func TestPipesAreNoImages(t *testing.T) {
	table := tableOf(t, "t.csv", "filepath,title\npipe.jpg,x\n0.jpg,a\n")
	if err := syscall.Mkfifo(filepath.Join(filepath.Dir(table), "pipe.jpg"), 0o600); err != nil {
		t.Skip("no named pipes here:", err)
	}
	captions, at, err := captionsOf(t, table, Options{})
	if err != nil || len(captions) != 1 || at.Total.Bad != 1 {
		t.Errorf("%q, %+v, %v", captions, at, err)
	}
}

func TestTablesThatChangeAreErrors(t *testing.T) {
	path := tableOf(t, "t.csv", "filepath,title\n0.jpg,a\n1.jpg,b\n")
	set := open(t, path, Options{})
	if err := os.WriteFile(path, []byte("filepath,title\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	_, err := drain(t, start(t, set, FeedOptions{Batch: 1, Once: true}))
	refused(t, "a table that shrank", err, missing, "was the file changed?")
	_, err = set.Count(t.Context(), 0)
	refused(t, "its count", err, missing, "row 1")
}

// Whatever the bytes: an error that names the table, or rows that read the same one by one as
// all at once; memory is bounded by the longest row.
func FuzzTable(f *testing.F) {
	for _, text := range []string{
		"filepath,title\na.jpg,b\n", "filepath\ttitle\na\tb\n\n\"c\nd\"\te\n", "\uFEFFfilepath,title\r\n\"a\"\"b\",c\r\n", "title,filepath\nx\n,\n\"", "filepath,title\n\"x\" y,z\n",
	} {
		f.Add([]byte(text))
	}
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, text []byte) {
		path := put(t, dir, "t.csv", text)
		set, err := Open(path, Options{Root: dir})
		if err != nil {
			if !errors.Is(err, missing) {
				refused(t, "table", err, badInput, path)
			}
			return
		}
		rows := set.listing.(*table)
		want, err := rows.reader(bytes.NewReader(text)).ReadAll()
		if err != nil || len(want) != rows.rows()+1 {
			t.Fatalf("%d rows, read at once %d: %v", rows.rows(), len(want), err)
		}
		for i := range rows.rows() {
			p, err := rows.row(bytes.NewReader(text), i)
			if err != nil {
				t.Fatal(err)
			}
			row := want[i+1]
			complete := max(rows.image, rows.caption) < len(row) && row[rows.image] != ""
			if p.complete != complete || complete && p.caption != clean(row[rows.caption]) {
				t.Errorf("row %d: %+v, at once %q", i, p, row)
			}
		}
		if _, err := set.Count(t.Context(), 0); err != nil {
			t.Error(err)
		}
	})
}
