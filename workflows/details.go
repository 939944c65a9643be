package workflows

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/scalelaw/scalelaw/activities"
	"github.com/scalelaw/scalelaw/sweep"
)

// What Temporal's own UI shows of a workflow, as Markdown. None of it is in a history, so it may
// change freely.

// sweepDetails are the cells by state, the laws so far and what failed last.
func sweepDetails(name, pages string, p Progress, laws []activities.FitOutcome, failing []string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "**%s** is %s: %d cells, %d in flight, %d at once", escape(name), p.State, p.Total, len(p.InFlight), p.Concurrency)
	fmt.Fprintf(&b, ", %.3g device hours", p.GPUHours)
	if p.GPULimit > 0 {
		fmt.Fprintf(&b, " of %.3g", p.GPULimit)
	}
	b.WriteString("\n\n| state | cells | share |\n|---|---:|---:|\n")
	left := p.Total - len(p.InFlight)
	for _, state := range []sweep.State{sweep.Succeeded, sweep.Failed, sweep.Diverged, sweep.Cancelled} {
		if n := p.Counts[state]; n > 0 {
			row(&b, string(state), n, p.Total)
			left -= n
		}
	}
	if n := len(p.InFlight); n > 0 {
		row(&b, "in flight", n, p.Total)
	}
	if left > 0 {
		row(&b, "to do", left, p.Total)
	}
	if len(laws) > 0 {
		b.WriteString("\n| metric | group | rule | law | points |\n|---|---|---|---|---:|\n")
		for _, l := range laws {
			fmt.Fprintf(&b, "| %s | %s | %s | %s | %d of %d |\n", escape(l.Metric), escape(cmp.Or(l.Group, "all")), l.Rule, escape(l.Formula), l.Used, l.Points)
		}
	}
	if len(failing) > 0 {
		b.WriteString("\nWhat went wrong last:\n")
	}
	for _, f := range slices.Backward(failing) {
		fmt.Fprintf(&b, "\n- %s", escape(f))
	}
	b.WriteString(linkTo(pages, "Its grid", "/sweeps/"+url.PathEscape(name)))
	b.WriteString(linkTo(pages, "Its law", "/sweeps/"+url.PathEscape(name)+"/law"))
	return b.String()
}

func row(b *strings.Builder, state string, n, total int) {
	fmt.Fprintf(b, "| %s | %d | %.0f %% |\n", state, n, 100*float64(n)/float64(max(total, 1)))
}

// runDetails say where a run stands, its tries so far, and what failed last.
func runDetails(id, pages string, state sweep.State, tries, most int, failed string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "| run | state | failed tries |\n|---|---|---|\n| %s | %s | %d of %d |\n", id, state, tries, most)
	if failed != "" {
		fmt.Fprintf(&b, "\nLast failure: %s\n", escape(failed))
	}
	b.WriteString(linkTo(pages, "Its page", "/runs/"+url.PathEscape(id)))
	return b.String()
}

// linkTo is a link to a page of ours; without pages there is none.
func linkTo(pages, text, path string) string {
	if pages == "" {
		return ""
	}
	return fmt.Sprintf("\n\n[%s](%s%s)", text, strings.TrimSuffix(pages, "/"), path)
}

// escape keeps text from being read as Markdown, on one line: reasons of failures have any text.
func escape(text string) string {
	var b strings.Builder
	for _, r := range text {
		switch {
		case r == '\n' || r == '\r' || r == '\t':
			b.WriteRune(' ')
		case strings.ContainsRune("\\`*_{}[]<>#|!~", r):
			b.WriteRune('\\')
			b.WriteRune(r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}
