package cli

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
)

// table is a result as rows, for people and for CSV. Cells keep their values, so that people
// read rounded numbers and CSV has every digit.
type table struct {
	header []string // none: rows of a name and a value
	rows   [][]any
}

// Cells that people and programs want to read differently.
type (
	id      string  // people see its beginning
	seconds float64 // people see hours and minutes
	samples int64   // people see 128K
)

func (t *table) add(cells ...any) { t.rows = append(t.rows, cells) }

// print gives a result in the form that --output asks for. as is what JSON shows.
func (a *app) print(as any, t *table) error {
	switch a.config.Output {
	case "json":
		return writeJSON(a.stdout, as)
	case "csv":
		return t.csv(a.stdout)
	}
	return t.write(a.stdout)
}

func writeJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(v)
}

func (t *table) csv(w io.Writer) error {
	out := csv.NewWriter(w)
	if t.header != nil {
		if err := out.Write(t.header); err != nil {
			return err
		}
	}
	for _, row := range t.rows {
		if err := out.Write(texts(row, exact)); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

func (t *table) write(w io.Writer) error {
	tw := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	if t.header != nil {
		fmt.Fprintln(tw, strings.Join(titles(t.header), "\t"))
	}
	for _, row := range t.rows {
		fmt.Fprintln(tw, strings.Join(texts(row, cell), "\t"))
	}
	return tw.Flush()
}

// titles are in capitals, but for names of metrics, which people copy.
func titles(header []string) []string {
	all := make([]string, len(header))
	for i, h := range header {
		if all[i] = h; !strings.Contains(h, "/") || h != strings.ToLower(h) {
			all[i] = strings.ToUpper(h)
		}
	}
	return all
}

func texts(row []any, text func(any) string) []string {
	all := make([]string, len(row))
	for i, v := range row {
		all[i] = text(v)
	}
	return all
}
