package cli

import (
	"fmt"
	"math"
	"strings"
	"time"
	"unicode"

	"github.com/scalelaw/scalelaw/sweep"
)

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
		return sweep.WriteCount(int64(x))
	case memorySize:
		return mebibytes(int64(x))
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

// memorySize is a number of bytes.
type memorySize int64

// mebibytes writes bytes in MiB, or in GiB from one of them on.
func mebibytes(bytes int64) string {
	if bytes < 1<<30 {
		return fmt.Sprintf("%.1f MiB", float64(bytes)/(1<<20))
	}
	return fmt.Sprintf("%.1f GiB", float64(bytes)/(1<<30))
}

func shortID(id string) string { return id[:min(12, len(id))] }

func at(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.Local().Format(time.DateTime)
}
