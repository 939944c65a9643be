package dataset

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/scalelaw/scalelaw/sweep"
)

func TestPatterns(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"00000.tar", "00001.tar", "00002.tar", "9.tar", "10.tar", "a/x.tar", "b/x.tar", "odd [1].tar"} {
		put(t, dir, name, nil)
	}
	for pattern, want := range map[string]string{
		"{00000..00002}.tar":            "00000.tar 00001.tar 00002.tar",
		"{9..10}.tar":                   "9.tar 10.tar",
		"0000{2,0}.tar":                 "00002.tar 00000.tar",
		"0000?.tar":                     "00000.tar 00001.tar 00002.tar",
		"9.tar::00000.tar":              "9.tar 00000.tar",
		"{a,b}/x.tar":                   "a/x.tar b/x.tar",
		"{a,b}/*.tar::0000{1..1}.tar":   "a/x.tar b/x.tar 00001.tar",
		"{0,1}{0,0}{0,0}{0,0}{0,1}.tar": "",
	} {
		parts := strings.Split(pattern, "::")
		for i, p := range parts {
			parts[i] = filepath.Join(dir, p)
		}
		files, err := Files(strings.Join(parts, "::"))
		for i := range files {
			files[i], _ = filepath.Rel(dir, files[i])
		}
		if want == "" {
			refused(t, pattern, err, missing, "10000.tar")
		} else if err != nil || !slices.Equal(files, strings.Fields(want)) {
			t.Errorf("%s: %q, %v", pattern, files, err)
		}
	}
}

func TestRefusedPatterns(t *testing.T) {
	dir := t.TempDir()
	for pattern, c := range map[string]struct {
		kind error
		word string
	}{
		"":                                   {badInput, "empty path"},
		"x.tar::":                            {missing, "x.tar"},
		"{0..3.tar":                          {badInput, "without }"},
		"{5..3}.tar":                         {badInput, "{5..3} is no range"},
		"{a..c}.tar":                         {badInput, "whole numbers"},
		"{..}.tar":                           {badInput, "is no range"},
		"{{0,1},2}.tar":                      {badInput, "within braces"},
		"{0..99999999}.tar":                  {badInput, "more than 1000000 files"},
		"{0..9999}{0..9999}.tar":             {badInput, "more than 1000000 files"},
		"none-*.tar":                         {missing, "none-*.tar"},
		"[.tar":                              {badInput, "syntax error"},
		"https://host/{0..3}.tar":            {sweep.ErrUnsupported, "only files of this machine"},
		"pipe:aws s3 cp s3://x/{0..3}.tar -": {sweep.ErrUnsupported, "mount the store"},
		dir:                                  {badInput, filepath.Join(dir, "*.tar")},
	} {
		_, err := Files(pattern)
		refused(t, pattern, err, c.kind, c.word)
	}
}

func TestOneFormatAtATime(t *testing.T) {
	dir := t.TempDir()
	shard, table := put(t, dir, "a.tar", tarOf(t)), put(t, dir, "a.csv", []byte("filepath,title\nx,y\n"))
	other := put(t, dir, "a.zip", nil)
	for pattern, word := range map[string]string{
		shard + "::" + table: "1 tables and 1 shards", table + "::" + table: "2 tables", other: "a.zip is no .tar",
	} {
		_, err := Open(pattern, Options{})
		refused(t, pattern, err, badInput, word)
	}
}

// The revision is that of the content: it follows the files to another folder, and changes with
// names, sizes, bytes and order.
func TestRevision(t *testing.T) {
	dir := shardFolder(t, 2, 3)
	one, two := filepath.Join(dir, "00000.tar"), filepath.Join(dir, "00001.tar.gz")
	was := open(t, one+"::"+two, Options{}).Revision
	data, err := os.ReadFile(one)
	if err != nil {
		t.Fatal(err)
	}
	moved := put(t, t.TempDir(), "00000.tar", data)
	if got := open(t, moved+"::"+two, Options{}).Revision; got != was {
		t.Errorf("moved: %s, was %s", got, was)
	}
	if got := open(t, two+"::"+one, Options{}).Revision; got == was {
		t.Error("another order has the same revision")
	}
	if got := open(t, one+"::"+two, Options{CaptionKey: "text"}).Revision; got == was {
		t.Error("another caption key has the same revision")
	}
	data[600]++
	changed := put(t, t.TempDir(), "00000.tar", data)
	if got := open(t, changed+"::"+two, Options{}).Revision; got == was {
		t.Error("another byte has the same revision")
	}
}
