package cli

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/scalelaw/scalelaw/fit"
)

// csvFlags are those of fit csv alone.
type csvFlags struct {
	fitFlags
	fit.CSVOptions
	where       []string
	sensitivity bool
}

func (a *app) fitCSVCommand() *cobra.Command {
	f := &csvFlags{}
	c := &cobra.Command{
		Use: "csv FILE", Short: "Fit a table; needs no server", Args: exactly("a CSV file"),
		Example: "  scalelaw fit csv runs.csv --x gmacs_total --y imagenet1k_acc1 --y-is accuracy --id run_id --where family=OpenCLIP --rule binned-minima",
		RunE:    func(c *cobra.Command, args []string) error { return a.fitCSV(c.Context(), args[0], f) },
	}
	f.register(c)
	f.columns(c)
	f.rows(c)
	c.Flags().BoolVar(&f.sensitivity, "sensitivity", false, "show the law under every rule and number of bins")
	return c
}

// rows are the flags that say which rows of a table are fitted, and which of them together.
func (f *csvFlags) rows(c *cobra.Command) {
	o := c.Flags()
	o.StringArrayVar(&f.where, "where", nil, "COLUMN=VALUE: only these rows")
	o.StringVar(&f.GroupBy, "group-by", "", "column: one law a value")
	o.StringVar(&f.Cluster, "cluster", "", "column: rows of one value are no independent runs (checkpoints of a run, seeds of a cell)")
}

// columns are the flags that say which columns of a table are what.
func (f *csvFlags) columns(c *cobra.Command) {
	o := c.Flags()
	o.StringVar(&f.X, "x", "", "column of compute (default where N and D are given: their product)")
	o.StringVar(&f.Y, "y", "", "column of the error")
	o.StringVar(&f.CSVOptions.YIs, "y-is", "", "error, accuracy or loss (default: error; loss for chinchilla, data-limited, isoflop)")
	o.StringVar(&f.ID, "id", "", "column of ids (default: row numbers)")
	o.StringVar(&f.N, "n", "", "column of parameters or MACs a sample, for laws that use them and the rule envelope")
	o.StringVar(&f.D, "d", "", "column of tokens or samples seen, for laws that use them and the rule envelope")
	o.StringVar(&f.U, "u", "", "column of unique tokens or pairs, for data-limited and, where samples repeat, the rule envelope")
	o.StringVar(&f.CSVOptions.Convention, "convention-column", "", "column that says how compute is counted; more than one value is an error")
}

func (f *csvFlags) check() (err error) {
	columns := fit.ColumnsOf(f.Law)
	for _, c := range []struct{ letter, flag, column string }{{"N", "--n", f.N}, {"D", "--d", f.D}, {"U", "--u", f.U}} {
		if strings.Contains(columns, c.letter) && c.column == "" {
			return usage("--law %s needs %s, the column of %s", f.Law, c.flag, c.letter)
		}
	}
	if f.Rule == "envelope" && (f.N == "" || f.D == "") {
		return usage("--rule envelope needs --n and --d, the columns of model size and samples seen")
	}
	if _, err := strconv.ParseFloat(f.samples, 64); f.samples != "" && err != nil {
		f.CSVOptions.Samples, f.samples = f.samples, ""
	}
	if f.Y == "" || f.X == "" && columns == "" && (f.N == "" || f.D == "") {
		return usage("--x and --y are needed: the columns of compute and of the error")
	}
	if f.CSVOptions.YIs == "" && columns != "" {
		f.CSVOptions.YIs = "loss"
	}
	switch f.CSVOptions.YIs {
	case "", "error", "accuracy":
	case "loss":
		f.Options.YIs = "loss"
	default:
		return usage("--y-is is %q; it is error, accuracy or loss", f.CSVOptions.YIs)
	}
	if f.Where, err = conditions(f.where); err != nil {
		return err
	}
	return f.fitFlags.check()
}

// conditions are values of --where, by column.
func conditions(where []string) (map[string]string, error) {
	wanted := map[string]string{}
	for _, w := range where {
		column, value, ok := strings.Cut(w, "=")
		if !ok {
			return nil, usage("--where is %q; it is COLUMN=VALUE", w)
		}
		if was, twice := wanted[column]; twice && was != value {
			return nil, usage("--where wants %s to be %q and %q: no row is both", column, was, value)
		}
		wanted[column] = value
	}
	return wanted, nil
}

func (a *app) fitCSV(ctx context.Context, path string, f *csvFlags) error {
	groups, err := a.readGroups(path, f)
	if err != nil {
		return err
	}
	if note := f.halfSizes(); note != "" {
		a.say("note: %s", note)
	}
	var results []fit.Result
	for _, g := range groups {
		r, err := fit.Fit(ctx, g.Points, f.optionsFor(g))
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		results = append(results, r)
	}
	return a.showResults(results, f)
}

// halfSizes says what is missed where one of --n and --d stands alone and the rule is left open.
func (f *csvFlags) halfSizes() string {
	if f.Rule != "" || f.Law != "power" || (f.N == "") == (f.D == "") {
		return ""
	}
	given, lacks := "--n", "--d"
	if f.N == "" {
		given, lacks = lacks, given
	}
	return fmt.Sprintf("%s without %s tells which runs are neighbours and no more: the rule is pareto; the rule envelope needs both", given, lacks)
}

// readGroups checks the flags and reads the table's points.
func (a *app) readGroups(path string, f *csvFlags) ([]fit.Group, error) {
	if err := f.check(); err != nil {
		return nil, err
	}
	return a.readTable(path, f.CSVOptions)
}

// readTable reads the points of a CSV file, "-" for stdin.
func (a *app) readTable(path string, o fit.CSVOptions) ([]fit.Group, error) {
	text, err := a.readFile(path)
	if err != nil {
		return nil, usage("read the table: %v", err)
	}
	groups, err := fit.ReadCSV(strings.NewReader(string(text)), o)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return groups, nil
}

// optionsFor are the options of a group's fit.
func (f *csvFlags) optionsFor(g fit.Group) fit.Options {
	o := f.Options
	o.Group, o.Version, o.Convention = g.Name, Version(), g.Convention
	return o
}

// showResults prints results by hand: one, or a list when they are groups.
func (a *app) showResults(results []fit.Result, f *csvFlags) error {
	list := f.GroupBy != ""
	refused := 0
	for _, r := range results {
		if r.Status != "ok" {
			refused++
			a.say("refused%s: %s [%s]", onGroup(r.Group), r.Reason.Text, r.Reason.Code)
		}
		if a.config.Output == "csv" {
			a.sayWarnings(r)
		}
	}
	var err error
	switch {
	case a.config.Output == "json" && !list:
		err = writeJSON(a.stdout, results[0])
	case a.config.Output == "json":
		err = writeJSON(a.stdout, results)
	case a.config.Output == "csv" && f.sensitivity:
		if len(f.Predict) > 0 {
			a.say("the table of --sensitivity has no predictions; -o json has them")
		}
		err = a.print(nil, sensitivityTable(results))
	case a.config.Output == "csv":
		err = a.print(nil, resultTable(results))
	default:
		for _, r := range results {
			fmt.Fprintf(a.stdout, "rule %s%s\n", r.Rule, onGroup(r.Group))
			writeResult(a.stdout, r)
			if f.sensitivity {
				writeSensitivity(a.stdout, r)
			}
		}
	}
	if err == nil && refused == len(results) {
		err = silently(errRefused)
	}
	return err
}
