package web

import (
	"fmt"
	"html/template"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/scalelaw/scalelaw/figure"
	"github.com/scalelaw/scalelaw/sweep"
)

// functions are what templates call to write numbers as the field does.
func functions(a assets) template.FuncMap {
	return template.FuncMap{
		"asset": a.url, "samples": samples, "sig": significant, "percent": percent, "short": short, "ago": ago, "duration": duration, "count": count,
		"parts": parts, "greek": figure.Greek, "formula": formula, "level": level, "ends": ends, "fitAddress": fitAddress, "deref": func(b *bool) bool { return b != nil && *b }, "fitLinks": func(sweep string) lawPage { return lawPage{Name: sweep, choices: usualChoices()} }, "hours": hours, "bytes": inMemory, "clock": clock, "machine": machine, "sweepAddress": sweepAddress, "runAddress": runAddress,
		"speed": speed, "signed": signed,
		"drawing": newPicture, "inc": func(i int) int { return i + 1 },
		"measures": func() []string { return measures }, "against": func() []string { return []string{"samples", "steps", "compute"} }, "columns": runColumns, "inForm": inForm, "sortLink": sortLink, "sortedBy": sortedBy, "list": func(all ...string) []string { return all }, "pair": func(a, b any) pair { return pair{a, b} },
	}
}

// samples are K, M, B of 1000: 12.8B.
func samples(n int64) string {
	for _, unit := range []struct {
		size float64
		name string
	}{{1e9, "B"}, {1e6, "M"}, {1e3, "K"}} {
		if float64(n) >= unit.size {
			return strconv.FormatFloat(float64(n)/unit.size, 'g', 4, 64) + unit.name
		}
	}
	return strconv.FormatInt(n, 10)
}

// speed is a number a second, with K, M and B.
func speed(v float64) string {
	if v < 1000 {
		return significant(v)
	}
	return samples(int64(v))
}

// significant has four significant digits.
func significant(v float64) string { return strconv.FormatFloat(v, 'g', 4, 64) }

// signed is a coefficient with a minus that reads as one.
func signed(v float64) string { return strings.Replace(significant(v), "-", "−", 1) }

// percent of a fraction, with one decimal.
func percent(v float64) string { return strconv.FormatFloat(100*v, 'f', 1, 64) + " %" }

// short is the beginning of an id, as people are shown it.
func short(id string) string { return id[:min(len(id), 12)] }

// duration of seconds, in its two largest units.
func duration(seconds float64) string {
	if math.IsNaN(seconds) || seconds < 0 || seconds > 1e11 {
		return "unknown"
	}
	d := time.Duration(math.Round(seconds)) * time.Second
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%d s", d/time.Second)
	case d < time.Hour:
		return fmt.Sprintf("%d min %02d s", d/time.Minute, d%time.Minute/time.Second)
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h %02d min", d/time.Hour, d%time.Hour/time.Minute)
	}
	return fmt.Sprintf("%d d %d h", d/(24*time.Hour), d%(24*time.Hour)/time.Hour)
}

// ago is how long before now t was.
func ago(t time.Time) string {
	if t.IsZero() {
		return "never"
	}
	return duration(time.Since(t).Seconds()) + " ago"
}

// inMemory is a number of bytes in MiB or GiB.
func inMemory(n int64) string {
	if n < 1<<30 {
		return strconv.FormatFloat(float64(n)/(1<<20), 'f', 1, 64) + " MiB"
	}
	return strconv.FormatFloat(float64(n)/(1<<30), 'f', 1, 64) + " GiB"
}

// hours of seconds.
func hours(seconds float64) string { return strconv.FormatFloat(seconds/3600, 'g', 3, 64) }

// clock is a time as pages write it; the script makes it that of the reader's own clock.
func clock(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 UTC") }

// machine is a time as programs read it.
func machine(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// count is how many cells are in a state.
func count(counts map[sweep.State]int, state string) int { return counts[sweep.State(state)] }

// pair is two values for a template that takes one.
type pair struct{ A, B any }

// level is a confidence level.
func level(v float64) string { return strconv.FormatFloat(100*v, 'g', 4, 64) + " %" }

// ends are those of an interval; one that lies further away than was looked is an ellipsis.
func ends(interval [2]*float64) string {
	text := [2]string{"…", "…"}
	for i, end := range interval {
		if end != nil {
			text[i] = significant(*end)
		}
	}
	return "[" + text[0] + ", " + text[1] + "]"
}

// formula sets the exponents of a law as superscripts.
func formula(text string) template.HTML {
	var b strings.Builder
	for i, part := range strings.Split(figure.Formula(text), "^{") {
		raised, rest, found := strings.Cut(part, "}")
		if i == 0 || !found {
			b.WriteString(template.HTMLEscapeString(part))
			continue
		}
		b.WriteString("<sup>" + template.HTMLEscapeString(raised) + "</sup>" + template.HTMLEscapeString(rest))
	}
	return template.HTML(b.String())
}
