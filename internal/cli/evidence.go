package cli

import (
	"fmt"
	"io"
	"slices"

	"github.com/scalelaw/scalelaw/fit"
)

// writeEvidence shows what speaks for and against a law: the laws that were tried, the runs
// that were held out, the runs that look broken.
func writeEvidence(w io.Writer, r fit.Result) {
	if c := r.Choice; c != nil {
		fmt.Fprintf(w, "  chosen: %s\n", c.Why)
		for _, a := range c.Tried {
			fmt.Fprintf(w, "    %-12s %s\n", a.Law, attempt(a))
		}
	}
	if h := r.Holdout; h != nil && len(h.Points) > 0 {
		fmt.Fprintf(w, "  held out above C = %.4g: %d of %d on the frontier inside the interval of a new run\n", h.Above, h.Inside, h.Scored)
		t := &table{header: []string{"  held out", "C", "E", "predicted", "lower", "upper", "inside", "on the frontier"}}
		for _, p := range h.Points {
			t.add("  "+shorten(p.ID), p.C, p.E, p.Value, p.RunInterval[0], p.RunInterval[1], p.Inside, p.OnFrontier)
		}
		if err := t.write(w); err != nil {
			return
		}
	}
	for _, s := range r.Suspects {
		fmt.Fprintf(w, "  suspect: %s: %s\n", shorten(s.ID), s.Text)
	}
}

func attempt(a fit.Attempt) string {
	if a.Reason != nil {
		return fmt.Sprintf("refused: %s [%s]", a.Reason.Text, a.Reason.Code)
	}
	return fmt.Sprintf("%s   R2 %.3f, AICc %s, leave one compute out %s", a.Formula, a.R2, cell(a.AICc), cell(a.LeaveOneComputeOut))
}

// sensitivityTable has a row a rule, number of bins and coefficient.
func sensitivityTable(results []fit.Result) *table {
	t := &table{header: []string{"group", "law", "rule", "bins", "n_used", "coefficient", "value", "status"}}
	for _, r := range results {
		for _, s := range r.Sensitivity {
			if s.Reason != nil {
				t.add(r.Group, r.Law, s.Rule, s.Bins, s.NUsed, nil, nil, "refused: "+s.Reason.Code)
			}
			for _, c := range coefficientsOf(r, s) {
				t.add(r.Group, r.Law, s.Rule, s.Bins, s.NUsed, c, s.Coefficients[c], "ok")
			}
		}
	}
	return t
}

// coefficientsOf are the names in s, in the order of the law.
func coefficientsOf(r fit.Result, s fit.Sensitivity) []string {
	var names []string
	for _, c := range r.Coefficients {
		if _, ok := s.Coefficients[c.Name]; ok {
			names = append(names, c.Name)
		}
	}
	return names
}

// writeSensitivity shows the law under every rule and number of bins.
func writeSensitivity(w io.Writer, r fit.Result) {
	t := &table{header: []string{"  rule", "bins", "points"}}
	for _, c := range r.Coefficients {
		t.header = append(t.header, c.Name)
	}
	for _, s := range r.Sensitivity {
		row := []any{"  " + s.Rule, s.Bins, s.NUsed}
		if s.Bins == 0 {
			row[1] = nil
		}
		if s.Reason != nil {
			row = append(row, "refused: "+s.Reason.Code)
		}
		for _, c := range coefficientsOf(r, s) {
			row = append(row, s.Coefficients[c])
		}
		t.rows = append(t.rows, row)
	}
	if err := t.write(w); err != nil {
		return
	}
	if low, high, ok := alphaRange(r.Sensitivity); ok {
		fmt.Fprintf(w, "  the rule alone moves alpha from %.4f to %.4f\n", low, high)
	}
}

func alphaRange(table []fit.Sensitivity) (low, high float64, ok bool) {
	var alphas []float64
	for _, s := range table {
		if a, there := s.Coefficients["alpha"]; there {
			alphas = append(alphas, a)
		}
	}
	if len(alphas) < 2 {
		return 0, 0, false
	}
	return slices.Min(alphas), slices.Max(alphas), true
}

// writeIntervals says how the intervals were made, and what other methods give.
func writeIntervals(w io.Writer, r fit.Result) {
	if r.Surface != "" {
		fmt.Fprintf(w, "  surface: %s\n", r.Surface)
	}
	fmt.Fprintf(w, "  intervals: %s\n", r.IntervalMethod)
	for _, c := range r.Checks {
		fmt.Fprintf(w, "    %-10s", c.Interval)
		for _, x := range c.Coefficients {
			fmt.Fprintf(w, "  %s [%.5g, %.5g]", x.Name, x.Interval[0], x.Interval[1])
		}
		fmt.Fprintln(w)
	}
}
