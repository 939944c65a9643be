package dataset

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"os"
	"path/filepath"

	"github.com/scalelaw/scalelaw/sweep"
)

// Sample is a pair to be written.
type Sample struct {
	Image     []byte // encoded
	Extension string // of the image: png, jpg, webp
	Caption   string
	Label     int            // of a class, in a cls member; below 0: none
	Meta      map[string]any // goes into the json member beside the caption
}

// Write writes samples as webdataset shards of shardSize samples, 00000.tar and on, into a
// folder that is not there yet (or is empty): members KEY.png (or as the extension says),
// KEY.txt with the caption, KEY.json, and KEY.cls with the class; sizes.json with the number of
// samples of each shard, from which open_clip knows how many there are; and the files of
// beside. The same samples give the same bytes. The folder appears whole or not at all.
func Write(ctx context.Context, dir string, shardSize int, samples iter.Seq2[Sample, error], beside map[string][]byte) (sizes map[string]int, err error) {
	if shardSize < 1 {
		return nil, fmt.Errorf("%w: shards of %d samples", sweep.ErrBadInput, shardSize)
	}
	if err := mustBeFree(dir); err != nil {
		return nil, err
	}
	parent := filepath.Dir(filepath.Clean(dir))
	if err := os.MkdirAll(parent, 0o755); err != nil {
		return nil, fmt.Errorf("write shards: %w", err)
	}
	partial, err := os.MkdirTemp(parent, "."+filepath.Base(filepath.Clean(dir))+".partial-")
	if err != nil {
		return nil, fmt.Errorf("write shards: %w", err)
	}
	defer os.RemoveAll(partial) // nothing is there any more after the renaming
	w := &shardWriter{dir: partial, size: shardSize, sizes: map[string]int{}}
	if err := errors.Join(w.all(ctx, samples), w.finish()); err != nil {
		return nil, fmt.Errorf("write shards: %w", err)
	}
	if err := w.beside(beside); err != nil {
		return nil, fmt.Errorf("write shards: %w", err)
	}
	return w.sizes, publish(partial, dir)
}

func mustBeFree(dir string) error {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("%w: write shards: %w", sweep.ErrBadInput, err)
	}
	if len(entries) > 0 {
		return fmt.Errorf("%w: write shards: %s is not empty: choose another folder", sweep.ErrExists, dir)
	}
	return nil
}

// publish gives the folder its name, durably.
func publish(partial, dir string) error {
	if err := os.Chmod(partial, 0o755); err != nil {
		return err
	}
	if err := syncFolder(partial); err != nil {
		return err
	}
	if err := os.Remove(dir); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("%w: write shards: %w", sweep.ErrExists, err) // it is not empty any more
	}
	if err := os.Rename(partial, dir); err != nil {
		return fmt.Errorf("write shards: %w", err)
	}
	return syncFolder(filepath.Dir(filepath.Clean(dir)))
}

func syncFolder(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
