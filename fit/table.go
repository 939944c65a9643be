package fit

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

// table is a CSV file under its header.
type table struct {
	reader *csv.Reader
	column map[string]int
}

func newTable(r io.Reader, o CSVOptions) (*table, error) {
	buffered := bufio.NewReader(r)
	if err := wantUTF8(buffered); err != nil {
		return nil, err
	}
	if mark, _, err := buffered.ReadRune(); err == nil && mark != '\uFEFF' {
		if err := buffered.UnreadRune(); err != nil {
			return nil, err
		}
	}
	t := &table{reader: csv.NewReader(buffered), column: map[string]int{}}
	t.reader.ReuseRecord = true
	t.reader.Comma = separator(buffered)
	header, err := t.reader.Read()
	if err != nil {
		return nil, fmt.Errorf("%w: read the header: %w", ErrInput, err)
	}
	names := slices.Clone(header)
	for i, name := range names {
		names[i] = strings.TrimSpace(name)
		if _, twice := t.column[names[i]]; twice && o.names(names[i]) {
			return nil, fmt.Errorf("%w: column %q stands twice in the header", ErrInput, names[i])
		}
		t.column[names[i]] = i
	}
	for _, name := range o.columns() {
		if _, ok := t.column[name]; !ok {
			return nil, fmt.Errorf("%w: there is no column %q; the columns are %s", ErrInput, name, strings.Join(names, ", "))
		}
	}
	return t, nil
}

// wantUTF8 refuses UTF-16, as spreadsheets save "Unicode text": by its mark, or by the zero bytes
// that it makes of letters.
func wantUTF8(r *bufio.Reader) error {
	start, _ := r.Peek(r.Size()) // shorter files give what they have
	if bytes.HasPrefix(start, []byte{0xFF, 0xFE}) || bytes.HasPrefix(start, []byte{0xFE, 0xFF}) || bytes.IndexByte(start, 0) >= 0 {
		return fmt.Errorf("%w: the file is UTF-16, or no text; save it as CSV in UTF-8", ErrInput)
	}
	return nil
}

// separator guesses it from the header: whichever of comma, semicolon and tab is most frequent.
func separator(r *bufio.Reader) rune {
	line, _ := r.Peek(r.Size()) // shorter files give what they have
	header, _, _ := strings.Cut(string(line), "\n")
	best := ','
	for _, c := range []rune{';', '\t'} {
		if strings.Count(header, string(c)) > strings.Count(header, string(best)) {
			best = c
		}
	}
	return best
}

func (t *table) cell(record []string, column string) string {
	if column == "" {
		return ""
	}
	return strings.TrimSpace(record[t.column[column]])
}

func (t *table) wanted(record []string, where map[string]string) bool {
	for column, value := range where {
		if t.cell(record, column) != value {
			return false
		}
	}
	return true
}

func (t *table) point(record []string, row int, o CSVOptions) (Point, error) {
	p := Point{ID: fmt.Sprintf("row %d", row), Cluster: t.cell(record, o.Cluster)}
	if o.ID != "" {
		p.ID = t.cell(record, o.ID)
	}
	for _, c := range []struct {
		name   string
		column string
		into   *float64
	}{{"compute", o.X, &p.C}, {"error", o.Y, &p.E}, {"N", o.N, &p.N}, {"D", o.D, &p.D}, {"U", o.U, &p.U}, {"samples", o.Samples, &p.Samples}} {
		if c.column == "" {
			continue
		}
		x, err := number(t.cell(record, c.column))
		if err != nil {
			return p, fmt.Errorf("%w: row %d, column %q: %w", ErrInput, row, c.column, err)
		}
		if c.into != &p.E && !(x > 0) {
			return p, fmt.Errorf("%w: row %d, column %q: %s is %g; it must be positive", ErrInput, row, c.column, c.name, x)
		}
		*c.into = x
	}
	if o.X == "" {
		p.C = p.N * p.D
	}
	if o.YIs == "accuracy" {
		if p.E > 1 {
			return p, fmt.Errorf("%w: row %d, column %q: accuracy is %g; give a fraction between 0 and 1, not percent", ErrInput, row, o.Y, p.E)
		}
		p.E = 1 - p.E
	}
	y := Options{}
	if o.YIs == "loss" {
		y.YIs = "loss"
	}
	if p.ID == "" {
		return p, fmt.Errorf("%w: row %d, column %q: the id is empty", ErrInput, row, o.ID)
	}
	if err := p.check(y); err != nil {
		what := strings.TrimPrefix(err.Error(), ErrInput.Error()+": ")
		if o.ID == "" {
			what = strings.TrimPrefix(what, p.ID+": ") // the row, which is named here
		}
		return p, fmt.Errorf("%w: row %d, column %q: %s", ErrInput, row, o.Y, what)
	}
	return p, nil
}

// number reads a finite number with a decimal point. What Go's source code may write, too (0x1p30,
// 1_000), is a slip in a table.
func number(text string) (float64, error) {
	x, err := strconv.ParseFloat(text, 64)
	switch {
	case text == "":
		return 0, errors.New("the value is missing; leave out runs that have none")
	case strings.ContainsAny(text, "xX_"):
		return 0, fmt.Errorf("%q is not a number; write it in decimal digits, as 1000000 or 1e6", text)
	case err == nil && finite(x):
		return x, nil
	case err == nil:
		return 0, fmt.Errorf("%s is no finite number; leave out runs that have none", text)
	case strings.HasSuffix(text, "%"):
		return 0, fmt.Errorf("%q is a percentage; give a fraction between 0 and 1, not percent", text)
	case strings.Contains(text, ","):
		return 0, fmt.Errorf("%q is not a number; write it with a decimal point", text)
	}
	return 0, fmt.Errorf("%q is not a number", text)
}
