package cli

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/scalelaw/scalelaw/fit"
	"github.com/scalelaw/scalelaw/study"
)

func (a *app) fitDiffCommand() *cobra.Command {
	return &cobra.Command{
		Use: "diff A B", Short: "What changed from one fit to another: question, runs, coefficients", Example: "  scalelaw fit diff 1c9e 77b0", Args: exactly("a fit's id", "another's"),
		RunE: func(c *cobra.Command, args []string) error {
			return a.withStore(c.Context(), "fit diff", func(s *session) error {
				first, err := s.store.Fit(c.Context(), args[0])
				if err != nil {
					return err
				}
				second, err := s.store.Fit(c.Context(), args[1])
				if err != nil {
					return err
				}
				d, err := fit.Diff(first, second)
				if err != nil {
					return err
				}
				return a.showDifference(d)
			})
		},
	}
}

// longestDifference is how many runs people are shown; -o json and -o csv have them all.
const longestDifference = 20

// showDifference shows people first how much changed, then what.
func (a *app) showDifference(d fit.Difference) error {
	if a.config.Output != "table" {
		return a.print(d, differenceTable(d))
	}
	fmt.Fprintln(a.stdout, sizeOf(d))
	more := len(d.Runs) - longestDifference
	d.Runs = d.Runs[:min(len(d.Runs), longestDifference)]
	if err := differenceTable(d).write(a.stdout); err != nil || more <= 0 {
		return err
	}
	a.say("%d more runs differ, which -o json and -o csv list", more)
	return nil
}

// sizeOf is a difference in a line.
func sizeOf(d fit.Difference) string {
	count := map[string]int{}
	for _, r := range d.Runs {
		count[r.Change]++
	}
	return fmt.Sprintf("question: %d fields differ; runs: %d added, %d withdrawn, %d rescored, %d moved", len(d.Question), count["added"], count["withdrawn"], count["rescored"], count["moved"])
}

// differenceTable has a row for each thing that changed.
func differenceTable(d fit.Difference) *table {
	t := &table{header: []string{"what", "name", shortID(d.A), shortID(d.B), "difference"}}
	for _, q := range d.Question {
		t.add("question", q.Field, written(q.A), written(q.B), nil)
	}
	for _, r := range d.Runs {
		t.add(r.Change, id(r.Run), runState(r.A), runState(r.B), nil)
	}
	if d.Status[0] != d.Status[1] {
		t.add("status", "", d.Status[0], d.Status[1], nil)
	}
	for _, c := range d.Coefficients {
		t.add("coefficient", c.Name, estimate(c.A), estimate(c.B), c.Difference)
	}
	return t
}

func written(v json.RawMessage) any {
	if v == nil {
		return nil
	}
	return string(v)
}

func runState(s fit.RunState) string {
	switch {
	case !s.Known:
		return "-"
	case s.E <= 0:
		return s.Reason
	case !s.Used:
		return fmt.Sprintf("E = %.4g, not used: %s", s.E, s.Reason)
	}
	return fmt.Sprintf("E = %.4g, used", s.E)
}

func estimate(c *fit.Coefficient) any {
	if c == nil {
		return nil
	}
	return fmt.Sprintf("%.5g [%.5g, %.5g]", c.Value, c.Interval[0], c.Interval[1])
}

func (a *app) fitReproduceCommand() *cobra.Command {
	return &cobra.Command{
		Use: "reproduce ID", Short: "Compute a fit again from its stored inputs and compare every byte", Example: "  scalelaw fit reproduce 1c9e", Args: exactly("a fit's id or its beginning"),
		RunE: func(c *cobra.Command, args []string) error {
			return a.withStore(c.Context(), "fit reproduce", func(s *session) error { return s.reproduce(c.Context(), args[0]) })
		},
	}
}

func (s *session) reproduce(ctx context.Context, prefix string) error {
	f, err := s.store.Fit(ctx, prefix)
	if err != nil {
		return err
	}
	r, err := study.Reproduce(ctx, f, Version())
	if err != nil {
		return err
	}
	t := &table{header: []string{"field", "stored", "computed now"}}
	for _, c := range r.Changes {
		t.add(c.Field, written(c.A), written(c.B))
	}
	if r.Reproduced && s.app.config.Output == "table" {
		_, err := fmt.Fprintf(s.app.stdout, "fit %s is reproduced: the same bytes from %d inputs (stored by %s, computed by %s)\n", shortID(f.ID), len(f.Inputs), r.StoredBy, r.ComputedBy)
		return err
	}
	if err := s.app.print(r, t); err != nil || r.Reproduced {
		return err
	}
	hint := ""
	if r.StoredBy != r.ComputedBy {
		hint = fmt.Sprintf("; it was stored by %s, this is %s", r.StoredBy, r.ComputedBy)
	}
	return fmt.Errorf("fit %s is not reproduced: %d fields differ%s", shortID(f.ID), len(r.Changes), hint)
}
