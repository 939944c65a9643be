package dataset

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"os"
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
func openFolder(dir string) (f *folder, bytes int64, revision string, err error) {
	f = &folder{}
	h := sha256.New()
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		within, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		class, name, ok := strings.Cut(filepath.ToSlash(within), "/")
		if !ok || d.IsDir() || !slices.Contains(folderImages, strings.ToLower(filepath.Ext(name))) {
			return nil
		}
		var size int64
		if info, err := os.Stat(path); err == nil { // a link to nothing is bad when it is read
			size = info.Size()
		}
		if len(f.classes) == 0 || f.classes[len(f.classes)-1] != class {
			f.classes = append(f.classes, class)
		}
		f.images = append(f.images, labelled{path, len(f.classes) - 1})
		bytes += size
		fmt.Fprintf(h, "%s %d\n", filepath.ToSlash(within), size)
		return nil
	})
	if err != nil {
		return nil, 0, "", fmt.Errorf("%w: %w", sweep.ErrDataMissing, err)
	}
	if len(f.images) == 0 {
		return nil, 0, "", fmt.Errorf("%w: the folder %s has no image in a folder of a class (DIR/CLASS/IMAGE.jpg); shards in it are named as %s", sweep.ErrBadInput, dir, filepath.Join(dir, "*.tar"))
	}
	return f, bytes, "folder-" + hex.EncodeToString(h.Sum(nil)[:12]), nil
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
