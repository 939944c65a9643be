package dataset

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/scalelaw/scalelaw/sweep"
)

// table is a CSV file with a header: of its rows only the offsets are kept in memory.
type table struct {
	name           string
	options        Options
	separator      rune
	image, caption int     // columns
	offsets        []int64 // of the rows, and of the end
	root           string
}

// errLongRow is what a quote that is never closed comes to.
var errLongRow = errors.New("a row is longer than 1 MiB: is a quote not closed?")

// budget is a reader that refuses to give more than a row may have.
type budget struct {
	r    io.Reader
	left int
}

func (b *budget) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, errLongRow
	}
	n, err := b.r.Read(p[:min(len(p), b.left)])
	b.left -= n
	return n, err
}

func openTable(name string, o Options) (*table, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", sweep.ErrDataMissing, err)
	}
	defer f.Close()
	t := &table{name: name, options: o}
	if err := t.header(f); err != nil {
		return nil, fmt.Errorf("table %s: %w", name, err)
	}
	if err := t.index(f); err != nil {
		return nil, fmt.Errorf("table %s: %w", name, err)
	}
	return t, t.findRoot(f)
}

func orDefault(s, d string) string {
	if s == "" {
		return d
	}
	return s
}

// reader reads rows as forgivingly as pandas, which open_clip uses: a quote within a field that
// does not begin with one is a character.
func (t *table) reader(r io.Reader) *csv.Reader {
	c := csv.NewReader(r)
	c.Comma, c.LazyQuotes, c.FieldsPerRecord, c.ReuseRecord = t.separator, true, -1, true
	return c
}

// header finds the separator and the two columns.
func (t *table) header(f *os.File) error {
	image, caption := orDefault(t.options.ImageKey, "filepath"), orDefault(t.options.CaptionKey, "title")
	separators := []rune{'\t', ','}
	if t.options.Separator != 0 {
		separators = []rune{t.options.Separator}
	}
	var seen []string
	for _, t.separator = range separators {
		row, err := t.reader(&budget{r: io.NewSectionReader(f, 0, maxText), left: maxText}).Read()
		if err == io.EOF {
			return fmt.Errorf("%w: it is empty: a header with %s and %s is needed", sweep.ErrBadInput, image, caption)
		}
		if err != nil {
			return fmt.Errorf("%w: its header: %w", sweep.ErrBadInput, err)
		}
		row[0] = strings.TrimPrefix(row[0], "\uFEFF")
		t.image, t.caption = slices.Index(row, image), slices.Index(row, caption)
		if t.image >= 0 && t.caption >= 0 {
			return nil
		}
		if len(row) >= len(seen) {
			seen = slices.Clone(row)
		}
	}
	return fmt.Errorf("%w: no columns %q and %q; it has %q: name them as image and caption key, or another separator", sweep.ErrBadInput, image, caption, seen)
}

// index finds where the rows begin.
func (t *table) index(f *os.File) error {
	in := &budget{r: bufio.NewReaderSize(f, 1<<18), left: maxText}
	r := t.reader(in)
	for line := 1; ; {
		_, err := r.Read()
		in.left = maxText
		if err == io.EOF {
			break
		}
		if err != nil {
			return fmt.Errorf("%w: the row of line %d: %w", sweep.ErrBadInput, line, err)
		}
		line, _ = r.FieldPos(0)
		line++
		t.offsets = append(t.offsets, r.InputOffset())
	}
	if len(t.offsets) < 2 {
		return fmt.Errorf("%w: it has no rows", sweep.ErrDataMissing)
	}
	if len(t.offsets) > 1<<32 {
		return fmt.Errorf("%w: it has more than 2^32 rows", sweep.ErrUnsupported)
	}
	return nil
}

func (t *table) rows() int { return len(t.offsets) - 1 }
