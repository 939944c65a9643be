package synthetic

import (
	"fmt"
	"slices"
	"strings"

	"github.com/scalelaw/scalelaw/fit"
)

// Markdown is the table as docs/coverage.md: what was measured and how, the scenarios, a table
// for each way of fitting.
func Markdown(t fit.CoverageTable) string {
	var b strings.Builder
	fmt.Fprintf(&b, `# Coverage

How often a nominal 95 %% interval holds the truth, in synthetic studies whose law is known. Written by
`+"`scalelaw fit coverage --write docs/coverage.md`"+`; the program carries the same numbers (`+"`fit coverage --stored`"+`, warning
`+"`coverage`"+` of every fit). The method is in [statistics.md](statistics.md).

Seed %d, %d resamples a bootstrap, commit %s, %s; %s, in %s. The numbers do not depend on the number of threads.

- **alpha** is the share of studies whose interval held the true exponent, **±** its Monte Carlo standard error, both in %%.
- **bias** is the mean of estimate less truth, **width** the median width of the interval.
- **law 10x** and **run 10x** are the shares, in %%, whose interval held the true law, and a new run on the frontier, at 10
  times the largest compute of the study; **bias 10x** is the mean of ln(predicted / true error) there.
- **warned** is the share, in %%, of fits with a warning that the law does not suit the runs (low_r2, curvature, near_chance).
- **refused** studies have no fit and count nowhere else.
- A scenario marked **–** breaks an assumption of the way of fitting: there its numbers say how badly it fails, and whether
  it says so.

## Scenarios

| scenario | runs | what |
|---|---|---|
`, t.Seed, t.Resamples, t.Commit, t.Date, t.Machine, t.Took)
	for _, s := range Scenarios() {
		fmt.Fprintf(&b, "| `%s` | %d | %s |\n", s.Name, s.Runs(), s.About)
	}
	for rows := t.Rows; len(rows) > 0; {
		n := 1
		for n < len(rows) && same(rows[0], rows[n]) {
			n++
		}
		writeWay(&b, rows[:n])
		rows = rows[n:]
	}
	return b.String()
}

func same(a, b fit.Coverage) bool {
	return a.Law == b.Law && a.Rule == b.Rule && a.Interval == b.Interval
}

func writeWay(b *strings.Builder, rows []fit.Coverage) {
	fmt.Fprintf(b, "\n## Law %s, rule %s, interval %s\n\n", rows[0].Law, rows[0].Rule, rows[0].Interval)
	if date := rows[0].Date; date != "" {
		fmt.Fprintf(b, "Measured anew on %s.\n\n", date)
	}
	fmt.Fprintf(b, "| scenario | studies | refused | %s | ± | bias | width | law 10x | run 10x | bias 10x | warned |\n|---|---|---|---|---|---|---|---|---|---|---|\n", rows[0].Coefficient)
	for _, c := range rows {
		mark := ""
		if !c.Holds {
			mark = " –"
		}
		if c.Fitted() == 0 {
			fmt.Fprintf(b, "| `%s`%s | %d | %d | | | | | | | | |\n", c.Scenario, mark, c.Studies, c.Refused)
			continue
		}
		fmt.Fprintf(b, "| `%s`%s | %d | %d | %.1f | %.1f | %+.4f | %.4f | %.1f | %.1f | %+.3f | %.0f |\n", c.Scenario, mark, c.Studies, c.Refused,
			100*c.Covered, 100*c.MonteCarlo(c.Covered), c.Bias, c.Width, 100*c.Law10, 100*c.Run10, c.Bias10, 100*c.Warned)
	}
}

// Names lists the scenarios.
func Names() []string {
	var names []string
	for _, s := range Scenarios() {
		names = append(names, s.Name)
	}
	return names
}

// Known wants the plan's law, rule and scenario to be among those measured.
func (p Plan) Known() error {
	if p.Scenario != "" && !slices.Contains(Names(), p.Scenario) {
		return fmt.Errorf("%w: there is no scenario %q; they are %s", fit.ErrInput, p.Scenario, strings.Join(Names(), ", "))
	}
	for _, w := range Ways() {
		if (p.Law == "" || p.Law == w.Law) && (p.Rule == "" || p.Rule == w.Rule) && (p.Scenario == "" || slices.Contains(w.Scenarios, p.Scenario)) {
			return nil
		}
	}
	return fmt.Errorf("%w: the law %q by the rule %q in the scenario %q is not among what is measured", fit.ErrInput, p.Law, p.Rule, p.Scenario)
}
