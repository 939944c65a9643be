package fit

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// CSVOptions says which columns of a table are what.
type CSVOptions struct {
	X, Y       string            // compute, error (or accuracy or loss, see YIs); X empty: C = N D
	YIs        string            // error (default), accuracy: E = 1 - y, or loss: E may be above 1
	ID         string            // column of ids; empty: "row 2" for the first row under the header
	GroupBy    string            // one group a value; empty: one group
	N, D, U    string            // optional columns of Point.N, Point.D and Point.U
	Samples    string            // optional column of Point.Samples
	Cluster    string            // optional column of Point.Cluster: the run of a checkpoint, the cell of a seed
	Convention string            // optional column that says how compute is counted, the same in every row
	Labels     []string          // columns to carry along as Group.Labels
	Where      map[string]string // only rows with these values
}

// columns are the names that the options mention.
func (o CSVOptions) columns() []string {
	all := []string{o.X, o.Y, o.ID, o.GroupBy, o.N, o.D, o.U, o.Samples, o.Cluster, o.Convention}
	all = append(all, o.Labels...)
	for name := range o.Where {
		all = append(all, name)
	}
	return slices.DeleteFunc(all, func(name string) bool { return name == "" })
}

func (o CSVOptions) names(column string) bool { return slices.Contains(o.columns(), column) }

// Group is the points of one value of the GroupBy column.
type Group struct {
	Name       *string
	Convention string // of the column; empty without one
	Points     []Point
	Labels     []map[string]string // of each point: column to cell, for CSVOptions.Labels
}

// ReadCSV reads points from a table with a header, with commas, semicolons or tabs between
// cells. Errors name row and column, wrap ErrInput. Groups come in the order of their first
// row.
func ReadCSV(r io.Reader, o CSVOptions) ([]Group, error) {
	t, err := newTable(r, o)
	if err != nil {
		return nil, err
	}
	g := grouping{o: o, place: map[string]int{}, rows: map[string]int{}}
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
		if err := g.add(t, record, row); err != nil {
			return nil, err
		}
	}
	if len(g.groups) == 0 {
		return nil, fmt.Errorf("%w: no row is left to fit; check the file and --where", ErrInput)
	}
	return g.groups, nil
}

// grouping collects the rows of a table.
type grouping struct {
	o      CSVOptions
	groups []Group
	place  map[string]int // of a group
	rows   map[string]int // in which row a group's id, or a whole row, stood
}

func (g *grouping) add(t *table, record []string, row int) error {
	point, err := t.point(record, row, g.o)
	if err != nil {
		return err
	}
	name, convention := t.cell(record, g.o.GroupBy), t.cell(record, g.o.Convention)
	i, ok := g.place[name]
	if !ok {
		i = len(g.groups)
		g.place[name] = i
		g.groups = append(g.groups, Group{Convention: convention})
		if g.o.GroupBy != "" {
			g.groups[i].Name = &name
		}
	}
	if was := g.groups[i].Convention; convention != was {
		return fmt.Errorf("%w: row %d, column %q: compute is counted as %q here and as %q above; convert one, or pick rows with --where", ErrInput, row, g.o.Convention, convention, was)
	}
	if err := g.once(t, record, row, name); err != nil {
		return err
	}
	g.groups[i].Points = append(g.groups[i].Points, point)
	labels := map[string]string{}
	for _, column := range g.o.Labels {
		labels[column] = t.cell(record, column)
	}
	g.groups[i].Labels = append(g.groups[i].Labels, labels)
	return nil
}

// once refuses an id that stood in its group before and, without ids, a row that did.
func (g *grouping) once(t *table, record []string, row int, group string) error {
	key := group + "\x00" + t.cell(record, g.o.ID)
	if g.o.ID == "" {
		key = strings.Join(record, "\x00")
	}
	before, twice := g.rows[key]
	g.rows[key] = row
	switch {
	case twice && g.o.ID == "":
		return fmt.Errorf("%w: row %d repeats row %d in every column; drop the copy, or name a column of ids with --id", ErrInput, row, before)
	case twice:
		return fmt.Errorf("%w: row %d, column %q: %s stands twice, first in row %d; give each run its own id, or drop the copy", ErrInput, row, g.o.ID, t.cell(record, g.o.ID), before)
	}
	return nil
}
