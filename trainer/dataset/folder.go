package dataset

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/scalelaw/scalelaw/sweep"
)

// listing is a set that is read row by row.
type listing interface {
	rows() int
	// row reads row i; f is the set's first file.
	row(f io.ReaderAt, i int) (pair, error)
	count(ctx context.Context, c *Count) error
}

// folder is a folder of classes: DIR/CLASS/IMAGE, as torchvision's ImageFolder and so open_clip's
// --imagenet-val read it. Classes are numbered by their folders' names in order; an image's
// caption is its class's folder with spaces for underscores.
type folder struct {
	classes []string
	images  []labelled
}

type labelled struct {
	path  string
	class int
}

// folderImages are the extensions of images in a folder of classes.
var folderImages = []string{".jpg", ".jpeg", ".png", ".webp"}

// openFolder finds the images of a folder; its revision is that of their paths and sizes.
// Folders that are links are followed, but not into a folder that they lie in.
func openFolder(dir string) (f *folder, bytes int64, revision string, err error) {
	w := &walk{folder: &folder{}, hash: sha256.New()}
	if err := w.enter(dir, "", nil); err != nil {
		return nil, 0, "", fmt.Errorf("%w: %w", sweep.ErrDataMissing, err)
	}
	if len(w.images) == 0 {
		return nil, 0, "", fmt.Errorf("%w: the folder %s has no image in a folder of a class (DIR/CLASS/IMAGE.jpg); shards in it are named as %s", sweep.ErrBadInput, dir, filepath.Join(dir, "*.tar"))
	}
	return w.folder, w.bytes, "folder-" + hex.EncodeToString(w.hash.Sum(nil)[:12]), nil
}

// walk gathers the images of a folder, in the order of their paths.
type walk struct {
	*folder
	bytes int64
	hash  hash.Hash
}

// enter takes a folder's images and enters its folders. within is its path with slashes below
// the first, above the folders around it.
func (w *walk) enter(dir, within string, above []fs.FileInfo) error {
	info, err := os.Stat(dir)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(above, func(a fs.FileInfo) bool { return os.SameFile(a, info) }) {
		return nil
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	above = append(above[:len(above):len(above)], info)
	for _, e := range entries {
		at, name := filepath.Join(dir, e.Name()), path.Join(within, e.Name())
		var size int64
		if info, err := os.Stat(at); err == nil { // a link to nothing is bad when it is read
			if info.IsDir() {
				if err := w.enter(at, name, above); err != nil {
					return err
				}
				continue
			}
			size = info.Size()
		}
		w.take(at, name, size)
	}
	return nil
}

// take keeps what is an image in a folder of a class.
func (w *walk) take(at, within string, size int64) {
	class, name, ok := strings.Cut(within, "/")
	if !ok || !slices.Contains(folderImages, strings.ToLower(filepath.Ext(name))) {
		return
	}
	if n := len(w.classes); n == 0 || w.classes[n-1] != class {
		w.classes = append(w.classes, class)
	}
	w.images = append(w.images, labelled{at, len(w.classes) - 1})
	w.bytes += size
	fmt.Fprintf(w.hash, "%s %d\n", within, size)
}

func (f *folder) rows() int { return len(f.images) }

func (f *folder) row(_ io.ReaderAt, i int) (pair, error) {
	image := f.images[i]
	class := f.classes[image.class]
	return pair{file: filepath.Dir(image.path), member: filepath.Base(image.path), path: image.path, caption: caption(class), label: image.class, complete: true}, nil
}

func (f *folder) count(_ context.Context, c *Count) error {
	c.Pairs, c.Labelled = int64(len(f.images)), int64(len(f.images))
	return nil
}

// caption is the name of a class's folder as words.
func caption(class string) string { return clean(strings.ReplaceAll(class, "_", " ")) }
