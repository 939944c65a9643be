package dataset

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/scalelaw/scalelaw/sweep"
)

// row reads row i (from 0) from f. A row that lacks a column or its image's path is incomplete.
func (t *table) row(f io.ReaderAt, i int) (pair, error) {
	p := pair{file: t.name, member: fmt.Sprintf("row %d", i+1), label: -1}
	begin := t.offsets[i]
	fields, err := t.reader(io.NewSectionReader(f, begin, t.offsets[i+1]-begin)).Read()
	if err != nil {
		return p, fmt.Errorf("%w: table %s, %s: %w; was the file changed?", sweep.ErrDataMissing, t.name, p.member, err)
	}
	if t.image >= len(fields) || t.caption >= len(fields) || fields[t.image] == "" {
		return p, nil
	}
	p.path, p.caption, p.complete = fields[t.image], clean(fields[t.caption]), true
	if !filepath.IsAbs(p.path) {
		p.path = filepath.Join(t.root, p.path)
	}
	return p, nil
}

// findRoot decides, by the first relative path of the first hundred rows that is found, whether
// paths are relative to the working folder, as for open_clip, or to the table's own.
func (t *table) findRoot(f *os.File) error {
	t.root = t.options.Root
	if t.root != "" {
		return nil
	}
	beside := filepath.Dir(t.name)
	for i := range min(t.rows(), 100) {
		p, err := t.row(f, i)
		if err != nil {
			return err
		}
		if !p.complete || filepath.IsAbs(p.path) {
			continue
		}
		if isFile(p.path) {
			return nil
		}
		if isFile(filepath.Join(beside, p.path)) {
			t.root = beside
			return nil
		}
	}
	return nil
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}

func (t *table) count(ctx context.Context, c *Count) error {
	f, err := os.Open(t.name)
	if err != nil {
		return fmt.Errorf("%w: %w", sweep.ErrDataMissing, err)
	}
	defer f.Close()
	for i := range t.rows() {
		p, err := t.row(f, i)
		if err = errors.Join(err, context.Cause(ctx)); err != nil {
			return err
		}
		if p.complete {
			c.Pairs++
		} else {
			c.Incomplete++
		}
	}
	return nil
}
