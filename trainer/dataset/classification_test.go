package dataset

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/scalelaw/scalelaw/sweep"
	"github.com/scalelaw/scalelaw/trainer/dataset/picture"
)

// classFolder is a folder as ImageFolder reads it.
func classFolder(t *testing.T) string {
	dir := t.TempDir()
	for i, name := range []string{"zebra/1.jpg", "great_white_shark/b.PNG", "great_white_shark/a.jpeg", "great_white_shark/deep/er.webp", "zebra/notes.txt", "top.jpg"} {
		extension := "jpg"
		if strings.HasSuffix(name, "PNG") {
			extension = "png"
		}
		put(t, dir, name, grey(t, extension, uint8(i)))
	}
	return dir
}

func TestFolderOfClasses(t *testing.T) {
	dir := classFolder(t)
	set := open(t, dir, Options{})
	captions, err := drain(t, start(t, set, FeedOptions{Batch: 3, Once: true, Order: Sequential}))
	if err != nil || strings.Join(captions, ",") != "great white shark,great white shark,great white shark,zebra" {
		t.Errorf("%q, %v", captions, err)
	}
	b, err := start(t, set, FeedOptions{Batch: 4, Once: true, Order: Sequential}).Next(t.Context())
	if err != nil || !slices.Equal(b.Labels, []int{0, 0, 0, 1}) || b.Members[1] != "b.PNG" {
		t.Errorf("%v %q, %v", b.Labels, b.Members, err)
	}
	if c, err := set.Count(t.Context(), 0); err != nil || c.Pairs != 4 || c.Labelled != 4 {
		t.Errorf("%+v, %v", c, err)
	}
	c, err := set.Classification("", "")
	if err != nil || !slices.Equal(c.Classes, []string{"great white shark", "zebra"}) || !slices.Equal(c.Prompts(1), []string{"zebra"}) {
		t.Errorf("%+v, %v", c, err)
	}
	was := set.Revision
	put(t, dir, "zebra/2.jpg", grey(t, "jpg", 7))
	if set = open(t, dir, Options{}); set.Revision == was {
		t.Error("one image more has the same revision")
	}
	_, err = set.Classification(put(t, t.TempDir(), "names", []byte("one\n")), "")
	refused(t, "names", err, badInput, "1 names for the 2 classes")
	_, err = Open(t.TempDir(), Options{})
	refused(t, "an empty folder", err, badInput, "DIR/CLASS/IMAGE.jpg", "*.tar")
}

func TestClassificationOfShards(t *testing.T) {
	dir := t.TempDir()
	set := func() *Set {
		put(t, dir, "0.tar", tarOf(t, member{"a.png", grey(t, "png", 1)}, member{"a.txt", nil}, member{"a.cls", []byte("1")}, member{"b.png", grey(t, "png", 1)}, member{"b.txt", nil}, member{"c.png", grey(t, "png", 1)}, member{"c.cls", []byte("0")}))
		return open(t, filepath.Join(dir, "*.tar"), Options{})
	}
	_, err := set().Classification("", "")
	refused(t, "no names", err, sweep.ErrNotFound, ClassesFile)
	put(t, dir, ClassesFile, []byte("cat\n\ndog \n"))
	put(t, dir, TemplatesFile, []byte("a photo of a {c}.\n{c}\n"))
	c, err := set().Classification("", "")
	if err != nil || !slices.Equal(c.Prompts(1), []string{"a photo of a dog.", "dog"}) {
		t.Fatalf("%+v, %v", c, err)
	}
	f := start(t, c.Set, FeedOptions{Batch: 2, Order: Sequential, Once: true})
	b, err := f.Next(t.Context())
	if err != nil || b.N != 2 || !slices.Equal(b.Labels, []int{1, 0}) || c.CheckLabel(1, "a") != nil || f.Position().Total.Incomplete != 1 {
		t.Errorf("%v, %v, %+v", b.Labels, err, f.Position())
	}
	refused(t, "no class", c.CheckLabel(-1, "b"), missing, "member b", "class -1", "there are 2")
	refused(t, "a class too many", c.CheckLabel(2, "x"), missing, "class 2")
	_, err = set().Classification("", put(t, dir, "t", []byte("a photo\n")))
	refused(t, "template", err, badInput, `"a photo" has no {c}`)
	_, err = set().Classification(put(t, dir, "empty", []byte("\n")), "")
	refused(t, "no lines", err, badInput, "no lines")
	_, err = set().Classification(filepath.Join(dir, "none"), "")
	refused(t, "a stated file", err, missing, "none")
	if n, err := set().Count(t.Context(), 0); err != nil || n.Labelled != 1 {
		t.Errorf("%+v, %v", n, err)
	}
}

// What data export writes for a test split is a classification set.
func TestWrittenClassificationIsRead(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "x")
	if _, err := Write(t.Context(), dir, 10, samplesOf(t, 3, nil), map[string][]byte{ClassesFile: []byte("a\nb\n")}); err != nil {
		t.Fatal(err)
	}
	c, err := open(t, dir+"/*.tar", Options{}).Classification("", "")
	if err != nil || len(c.Classes) != 2 {
		t.Errorf("%+v, %v", c, err)
	}
}

// Links to nothing are bad images of a feed, not the end of the folder.
func TestFolderWithADeadLink(t *testing.T) {
	dir := classFolder(t)
	if err := os.Symlink("nowhere.jpg", filepath.Join(dir, "zebra/0.jpg")); err != nil {
		t.Skip("no links here:", err)
	}
	set := open(t, dir, Options{})
	f, err := set.Feed(t.Context(), FeedOptions{Batch: 9, Once: true, Transform: picture.Evaluation(4)})
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := drain(t, f); err != nil && !errors.Is(err, missing) {
		t.Error(err)
	}
	if p := f.Position().Total; p.Pairs != 4 || p.Bad != 1 {
		t.Errorf("%+v", p)
	}
}

// A class that is a link to a folder elsewhere counts, as in torchvision; a link to a folder
// around it is not entered again.
func TestFolderWithLinks(t *testing.T) {
	dir, elsewhere := classFolder(t), t.TempDir()
	put(t, elsewhere, "hen.jpg", grey(t, "jpg", 3))
	for link, to := range map[string]string{"hen": elsewhere, "zebra/again": dir, "zebra/self": ".", "zebra/far": elsewhere} {
		if err := os.Symlink(to, filepath.Join(dir, link)); err != nil {
			t.Skip("no links here:", err)
		}
	}
	captions, err := drain(t, start(t, open(t, dir, Options{}), FeedOptions{Batch: 3, Once: true, Order: Sequential}))
	if err != nil || strings.Join(captions, ",") != "great white shark,great white shark,great white shark,hen,zebra,zebra" {
		t.Errorf("%q, %v", captions, err)
	}
}
