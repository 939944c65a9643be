package dataset

import (
	"archive/tar"
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"github.com/scalelaw/scalelaw/sweep"
)

// shardWriter writes one shard after another.
type shardWriter struct {
	dir    string
	size   int
	n      int // samples written, in all
	sizes  map[string]int
	file   *os.File
	buffer *bufio.Writer
	tar    *tar.Writer
}

func (w *shardWriter) all(ctx context.Context, samples iter.Seq2[Sample, error]) error {
	for s, err := range samples {
		if err = errors.Join(err, context.Cause(ctx)); err != nil {
			return err
		}
		if err := w.sample(s); err != nil {
			return err
		}
	}
	if w.n == 0 {
		return fmt.Errorf("%w: no samples", sweep.ErrBadInput)
	}
	return nil
}

func (w *shardWriter) sample(s Sample) error {
	name := fmt.Sprintf("%05d.tar", w.n/w.size)
	if w.n%w.size == 0 {
		if err := errors.Join(w.finish(), w.begin(name)); err != nil {
			return err
		}
	}
	key := fmt.Sprintf("%09d", w.n)
	meta := map[string]any{"key": key, "caption": s.Caption}
	maps.Copy(meta, s.Meta)
	text, err := json.Marshal(meta)
	if err != nil {
		return err
	}
	members := []struct {
		extension string
		data      []byte
	}{{s.Extension, s.Image}, {"txt", []byte(s.Caption)}, {"json", text}}
	if s.Label >= 0 {
		members = append(members, struct {
			extension string
			data      []byte
		}{"cls", []byte(strconv.Itoa(s.Label))})
	}
	for _, m := range members {
		if err := w.member(key+"."+m.extension, m.data); err != nil {
			return err
		}
	}
	w.n++
	w.sizes[name]++
	return nil
}

func (w *shardWriter) begin(name string) (err error) {
	if w.file, err = os.Create(filepath.Join(w.dir, name)); err != nil {
		return err
	}
	w.buffer = bufio.NewWriterSize(w.file, 1<<18)
	w.tar = tar.NewWriter(w.buffer)
	return nil
}

// member writes a member whose bytes depend on nothing but name and data.
func (w *shardWriter) member(name string, data []byte) error {
	h := &tar.Header{Name: name, Mode: 0o644, Size: int64(len(data)), ModTime: time.Unix(0, 0), Typeflag: tar.TypeReg, Format: tar.FormatUSTAR}
	if err := w.tar.WriteHeader(h); err != nil {
		return err
	}
	_, err := w.tar.Write(data)
	return err
}

func (w *shardWriter) finish() error {
	if w.file == nil {
		return nil
	}
	err := errors.Join(w.tar.Close(), w.buffer.Flush(), w.file.Sync(), w.file.Close())
	w.file = nil
	return err
}

func (w *shardWriter) beside(files map[string][]byte) error {
	text, err := json.MarshalIndent(w.sizes, "", " ")
	if err != nil {
		return err
	}
	all := map[string][]byte{sizesFile: append(text, '\n')}
	maps.Copy(all, files)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		if err := writeFile(filepath.Join(w.dir, name), all[name]); err != nil {
			return err
		}
	}
	return nil
}

func writeFile(name string, data []byte) error {
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}
