package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/scalelaw/scalelaw/fit"
	"github.com/scalelaw/scalelaw/fit/synthetic"
)

// quickStudies and quickResamples are what --quick measures with: about a minute on 2 cores.
const quickStudies, quickResamples = 40, 200

// coverageFlags are those of fit coverage.
type coverageFlags struct {
	synthetic.Plan
	quick  bool
	stored bool
	write  string
}

func (a *app) fitCoverageCommand() *cobra.Command {
	f := &coverageFlags{}
	c := &cobra.Command{
		Use: "coverage", Short: "How often intervals hold the truth, in synthetic studies whose law is known", Args: exactly(),
		Long: "Fits synthetic studies shaped like real ones by every law and rule that has an interval, and counts how often a nominal 95 % interval of alpha, of the law at 10 times the largest compute, and of a new run there holds the truth. " +
			"The numbers depend on --seed, --studies and --resamples only, not on the number of cores. --write DIR/coverage.md also writes the table that the program carries, fit/coverage.json beside the folder of DIR.",
		Example: "  scalelaw fit coverage --quick\n  scalelaw fit coverage --stored\n  scalelaw fit coverage --rule envelope --scenario seed-study --studies 2000 -o json\n  scalelaw fit coverage --write docs/coverage.md",
		RunE:    func(c *cobra.Command, _ []string) error { return a.fitCoverage(c.Context(), f) },
	}
	o := c.Flags()
	o.IntVar(&f.Studies, "studies", 1000, "studies of each scenario; a fifth of it for laws of many starts and for bootstraps of the envelope")
	o.IntVar(&f.Resamples, "resamples", 500, "resamples of each bootstrap")
	o.Uint64Var(&f.Seed, "seed", 1, "seed of the studies")
	o.StringVar(&f.Law, "law", "", "only this law")
	o.StringVar(&f.Rule, "rule", "", "only this rule")
	o.StringVar(&f.Scenario, "scenario", "", "only this scenario: "+strings.Join(synthetic.Names(), ", "))
	o.BoolVar(&f.quick, "quick", false, fmt.Sprintf("%d studies, %d resamples: about a minute", quickStudies, quickResamples))
	o.BoolVar(&f.stored, "stored", false, "show what was measured for this version, measuring nothing")
	o.StringVar(&f.write, "write", "", "write the table as Markdown to this file, and as data for the program")
	return c
}

func (f *coverageFlags) check() error {
	if f.quick {
		f.Studies, f.Resamples = quickStudies, quickResamples
	}
	if f.Studies < 1 || f.Resamples < 100 {
		return usage("--studies is %d and --resamples %d; at least 1 and 100", f.Studies, f.Resamples)
	}
	if f.write != "" && (f.stored || f.Law != "" || f.Rule != "" || f.Scenario != "") {
		return usage("--write wants the whole table measured: leave out --stored, --law, --rule and --scenario")
	}
	return f.Known()
}

func (a *app) fitCoverage(ctx context.Context, f *coverageFlags) error {
	if err := f.check(); err != nil {
		return err
	}
	table, err := fit.MeasuredCoverage()
	if err != nil {
		return err
	}
	if !f.stored {
		if table, err = a.measureCoverage(ctx, f.Plan); err != nil {
			return err
		}
	}
	if f.write != "" {
		if err := writeCoverage(f.write, table); err != nil {
			return err
		}
	}
	return a.print(table, coverageRows(table))
}

// measureCoverage measures a plan, telling on stderr of each row.
func (a *app) measureCoverage(ctx context.Context, p synthetic.Plan) (fit.CoverageTable, error) {
	began := time.Now()
	table := fit.CoverageTable{Seed: p.Seed, Resamples: p.Resamples, Commit: Version(), Machine: machine(), Date: began.UTC().Format(time.DateOnly), Rows: []fit.Coverage{}}
	err := p.Measure(ctx, func(c fit.Coverage) error {
		table.Rows = append(table.Rows, c)
		a.say("%7s  %s %s %s on %s: %.1f %% of %d", time.Since(began).Round(time.Second), c.Law, c.Rule, c.Interval, c.Scenario, 100*c.Covered, c.Fitted())
		return nil
	})
	table.Took = time.Since(began).Round(time.Second).String()
	return table, err
}

// machine names the processor and how many threads measured.
func machine() string {
	name := runtime.GOARCH
	if text, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		for line := range strings.Lines(string(text)) {
			if key, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(key) == "model name" {
				name = strings.TrimSpace(value)
				break
			}
		}
	}
	return fmt.Sprintf("%s, %d threads, %s", name, runtime.GOMAXPROCS(0), runtime.Version())
}

// writeCoverage writes the Markdown, and the data beside package fit when that is there.
func writeCoverage(path string, table fit.CoverageTable) error {
	if err := os.WriteFile(path, []byte(synthetic.Markdown(table)), 0o644); err != nil {
		return fmt.Errorf("write the coverage: %w", err)
	}
	data, err := json.MarshalIndent(table, "", " ")
	if err != nil {
		return err
	}
	to := filepath.Join(filepath.Dir(filepath.Dir(path)), "fit", "coverage.json")
	if err := os.WriteFile(to, append(data, '\n'), 0o644); err != nil {
		return fmt.Errorf("write the coverage that the program carries: %w", err)
	}
	return nil
}

func coverageRows(measured fit.CoverageTable) *table {
	t := &table{header: []string{"law", "rule", "interval", "scenario", "holds", "studies", "refused", "covered", "mc_error", "bias", "width", "law_10x", "run_10x", "bias_10x", "warned"}}
	for _, c := range measured.Rows {
		t.add(c.Law, c.Rule, c.Interval, c.Scenario, c.Holds, c.Studies, c.Refused, c.Covered, c.MonteCarlo(c.Covered), c.Bias, c.Width, c.Law10, c.Run10, c.Bias10, c.Warned)
	}
	return t
}
