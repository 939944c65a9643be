package cli

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"
	"unicode"
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

// cell is a value as people read it, on one line.
func cell(v any) string {
	switch x := v.(type) {
	case nil:
		return "-"
	case float64:
		return fmt.Sprintf("%.4g", x)
	case id:
		return shortID(string(x))
	case seconds:
		return duration(float64(x))
	case samples:
		return count(int64(x))
	case time.Time:
		return at(x)
	case *float64:
		return orElse(x, "-")
	case *string:
		return orElse(x, "-")
	case *bool:
		return orElse(x, "unknown")
	case bool:
		return map[bool]string{true: "yes", false: "no"}[x]
	}
	return strings.Map(oneLine, fmt.Sprint(v))
}

// oneLine keeps errors of workers, which may have any text, from breaking a table.
func oneLine(r rune) rune {
	if unicode.IsControl(r) {
		return ' '
	}
	return r
}

func orElse[T any](v *T, none string) string {
	if v == nil {
		return none
	}
	return cell(*v)
}

// exact is a value as programs read it; what is not known is empty.
func exact(v any) string {
	switch x := v.(type) {
	case nil:
		return ""
	case seconds:
		return fmt.Sprint(float64(x))
	case time.Time:
		if x.IsZero() {
			return ""
		}
		return x.UTC().Format(time.RFC3339)
	case *float64:
		return known(x)
	case *string:
		return known(x)
	case *bool:
		return known(x)
	}
	return fmt.Sprint(v)
}

func known[T any](v *T) string {
	if v == nil {
		return ""
	}
	return fmt.Sprint(*v)
}

// count writes a number of samples as sweep files have it: with the largest unit that fits, or
// in full where that would take more than three decimals.
func count(n int64) string {
	for _, u := range []struct {
		size int64
		name string
	}{{1_000_000_000, "B"}, {1_000_000, "M"}, {1_000, "K"}} {
		if n < u.size {
			continue
		}
		if n%(u.size/1000) != 0 {
			break
		}
		return strconv.FormatFloat(float64(n)/float64(u.size), 'f', -1, 64) + u.name
	}
	return fmt.Sprint(n)
}

// duration writes seconds as people say them.
func duration(seconds float64) string {
	if math.IsNaN(seconds) || math.IsInf(seconds, 0) || seconds < 0 {
		return "?"
	}
	d := time.Duration(math.Round(seconds)) * time.Second // first rounded: 59.7 s are a minute
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%.0f s", d.Seconds())
	case d < time.Hour:
		return fmt.Sprintf("%d min %02d s", int(d.Minutes()), int(d.Seconds())%60)
	case d < 100*time.Hour:
		return fmt.Sprintf("%d h %02d min", int(d.Hours()), int(d.Minutes())%60)
	}
	return fmt.Sprintf("%.0f days", d.Hours()/24)
}

func shortID(id string) string { return id[:min(12, len(id))] }

func at(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.Local().Format(time.DateTime)
}
