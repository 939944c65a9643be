package cli

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"strings"
	"text/tabwriter"
	"time"
)

// table is a result as rows of text, for people and for CSV.
type table struct {
	header []string
	rows   [][]string
}

func (t *table) add(cells ...any) {
	row := make([]string, len(cells))
	for i, c := range cells {
		row[i] = cell(c)
	}
	t.rows = append(t.rows, row)
}

func cell(v any) string {
	switch x := v.(type) {
	case float64:
		return fmt.Sprintf("%.4g", x)
	case *float64:
		if x == nil {
			return "-"
		}
		return fmt.Sprintf("%.4g", *x)
	case *bool:
		if x == nil {
			return "unknown"
		}
		return map[bool]string{true: "yes", false: "no"}[*x]
	case *string:
		if x == nil {
			return "-"
		}
		return *x
	}
	return fmt.Sprint(v)
}

// print gives a result in the form that --output asks for. as is what JSON shows.
func (a *app) print(as any, t *table) error {
	switch a.config.Output {
	case "json":
		return writeJSON(a.stdout, as)
	case "csv":
		w := csv.NewWriter(a.stdout)
		if err := w.Write(t.header); err != nil {
			return err
		}
		return w.WriteAll(t.rows)
	}
	return t.write(a.stdout)
}

func writeJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(v)
}

func (t *table) write(w io.Writer) error {
	tw := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	fmt.Fprintln(tw, strings.ToUpper(strings.Join(t.header, "\t")))
	for _, row := range t.rows {
		fmt.Fprintln(tw, strings.Join(row, "\t"))
	}
	return tw.Flush()
}

// count writes a number of samples as sweep files have it.
func count(n int64) string {
	for _, u := range []struct {
		size int64
		name string
	}{{1_000_000_000, "B"}, {1_000_000, "M"}, {1_000, "K"}} {
		if n >= u.size && n%(u.size/1000) == 0 {
			return strings.TrimSuffix(strings.TrimRight(fmt.Sprintf("%.3f", float64(n)/float64(u.size)), "0"), ".") + u.name
		}
	}
	return fmt.Sprint(n)
}

// duration writes seconds as people say them.
func duration(seconds float64) string {
	if math.IsNaN(seconds) || math.IsInf(seconds, 0) || seconds < 0 {
		return "?"
	}
	d := time.Duration(seconds * float64(time.Second))
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
