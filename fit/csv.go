package fit

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

// CSVOptions says which columns of a table are what.
type CSVOptions struct {
	X, Y    string            // compute, error (or accuracy, see YIs)
	YIs     string            // error (default) or accuracy: E = 1 - y
	ID      string            // column of ids; empty: "row 2" for the first row under the header
	GroupBy string            // one group a value; empty: one group
	N, D    string            // optional columns of Point.N and Point.D
	Where   map[string]string // only rows with these values
}

// Group is the points of one value of the GroupBy column.
type Group struct {
	Name   *string
	Points []Point
}

// ReadCSV reads points from a table with a header. Errors name row and column, wrap ErrInput.
// Groups come in the order of their first row.
func ReadCSV(r io.Reader, o CSVOptions) ([]Group, error) {
	t, err := newTable(r, o)
	if err != nil {
		return nil, err
	}
	var groups []Group
	place := map[string]int{}
	for row := 2; ; row++ {
		record, err := t.reader.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("%w: row %d: %w", ErrInput, row, err)
		}
		if !t.wanted(record, o.Where) {
			continue
		}
		point, err := t.point(record, row, o)
		if err != nil {
			return nil, err
		}
		name := t.cell(record, o.GroupBy)
		i, ok := place[name]
		if !ok {
			i = len(groups)
			place[name] = i
			groups = append(groups, Group{})
			if o.GroupBy != "" {
				groups[i].Name = &name
			}
		}
		groups[i].Points = append(groups[i].Points, point)
	}
	if len(groups) == 0 {
		return nil, fmt.Errorf("%w: no row is left to fit; check the file and --where", ErrInput)
	}
	return groups, nil
}

// table is a CSV file under its header.
type table struct {
	reader *csv.Reader
	column map[string]int
}

func newTable(r io.Reader, o CSVOptions) (*table, error) {
	buffered := bufio.NewReader(r)
	if mark, _, err := buffered.ReadRune(); err == nil && mark != '\uFEFF' {
		if err := buffered.UnreadRune(); err != nil {
			return nil, err
		}
	}
	t := &table{reader: csv.NewReader(buffered), column: map[string]int{}}
	t.reader.ReuseRecord = true
	header, err := t.reader.Read()
	if err != nil {
		return nil, fmt.Errorf("%w: read the header: %w", ErrInput, err)
	}
	names := slices.Clone(header)
	for i, name := range names {
		t.column[strings.TrimSpace(name)] = i
	}
	needed := []string{o.X, o.Y, o.ID, o.GroupBy, o.N, o.D}
	for name := range o.Where {
		needed = append(needed, name)
	}
	for _, name := range needed {
		if _, ok := t.column[name]; !ok && name != "" {
			return nil, fmt.Errorf("%w: there is no column %q; the columns are %s", ErrInput, name, strings.Join(names, ", "))
		}
	}
	return t, nil
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
	p := Point{ID: fmt.Sprintf("row %d", row)}
	if o.ID != "" {
		p.ID = t.cell(record, o.ID)
	}
	for _, c := range []struct {
		column string
		into   *float64
	}{{o.X, &p.C}, {o.Y, &p.E}, {o.N, &p.N}, {o.D, &p.D}} {
		if c.column == "" {
			continue
		}
		x, err := strconv.ParseFloat(t.cell(record, c.column), 64)
		if err != nil {
			return p, fmt.Errorf("%w: row %d, column %q: %q is not a number", ErrInput, row, c.column, t.cell(record, c.column))
		}
		*c.into = x
	}
	if o.YIs == "accuracy" {
		if p.E > 1 {
			return p, fmt.Errorf("%w: row %d, column %q: accuracy is %g; give a fraction between 0 and 1, not percent", ErrInput, row, o.Y, p.E)
		}
		p.E = 1 - p.E
	}
	if err := checkPoints([]Point{p}); err != nil {
		return p, fmt.Errorf("row %d, column %q or %q: %w", row, o.X, o.Y, err)
	}
	return p, nil
}
