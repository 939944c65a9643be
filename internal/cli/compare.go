package cli

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/scalelaw/scalelaw/fit"
	"github.com/scalelaw/scalelaw/study"
)

// compareFlags ask for two laws to be compared: stored fits, or the rows of tables.
type compareFlags struct {
	csvFlags
	tables tables
	pair   string
	o      fit.CompareOptions
}

func (a *app) compareCommand() *cobra.Command {
	f := &compareFlags{}
	c := &cobra.Command{
		Use: "compare [A B]", Short: "Whether two laws differ, and by how much: stored fits, or two tables",
		Example: "  scalelaw compare 1c9e 77b0 --pair model,samples_seen\n" +
			"  scalelaw compare --csv runs.csv --where family=OpenCLIP --csv runs.csv --where family=OpenAI-CLIP --x gmacs_total --y imagenet1k_acc1 --y-is accuracy --id run_id",
		Args: cobra.ArbitraryArgs, // what is wrong with them depends on --csv
		RunE: func(c *cobra.Command, args []string) error { return a.compare(c, args, f) },
	}
	f.frontierFlags(c)
	f.columns(c)
	o := c.Flags()
	o.Var(tableFlag{&f.tables}, "csv", "a table, twice: one a side; instead of fits")
	o.Var(whereFlag{&f.tables}, "where", "COLUMN=VALUE: only these rows of the --csv before it; before the first --csv: of both")
	o.StringVar(&f.pair, "pair", "", "what ties a point of A to one of B: a column, or of fits a list of model, data, samples_seen, seed (default: the same id)")
	o.Float64SliceVar(&f.o.Compute, "compute", nil, "compare errors at these amounts of compute (default: over the common range)")
	o.Float64SliceVar(&f.o.Errors, "error", nil, "compare compute at these errors (default: over the common range)")
	o.IntVar(&f.o.Bootstrap, "bootstrap", 4000, "joint resamples")
	o.Uint64Var(&f.o.Seed, "seed", 0, "seed of the resamples")
	o.Float64Var(&f.o.Level, "level", 0.95, "confidence level of intervals")
	return c
}

func (a *app) compare(c *cobra.Command, args []string, f *compareFlags) error {
	if f.o.Bootstrap == 0 || f.o.Level == 0 {
		return usage("--bootstrap and --level are above 0")
	}
	f.o.Version = Version()
	if len(f.tables.inputs) > 0 {
		return a.compareTables(c.Context(), args, f)
	}
	if err := wantArguments(c, []string{"two fits' ids (or two --csv)"}, len(args) == 2); err != nil {
		return err
	}
	if len(f.tables.where) > 0 {
		return usage("--where is about tables: there is no --csv")
	}
	return a.withStore(c.Context(), "compare", func(s *session) error { return s.compareFits(c.Context(), args, f) })
}

func (s *session) compareFits(ctx context.Context, ids []string, f *compareFlags) error {
	var sides []fit.Side
	for _, prefix := range ids {
		record, err := s.store.Fit(ctx, prefix)
		if err != nil {
			return err
		}
		stale, err := s.store.Stale(ctx, record.ID)
		if err != nil {
			return err
		}
		if reason, is := stale[record.ID]; is {
			s.app.say("warning: %s [stale]", staleNote(reason).Text)
		}
		side, err := study.Side(ctx, s.store, record, f.pair)
		if err != nil {
			return err
		}
		sides = append(sides, side)
	}
	return s.app.showComparison(ctx, sides, f.o)
}

func (a *app) showComparison(ctx context.Context, sides []fit.Side, o fit.CompareOptions) error {
	c, err := fit.Compare(ctx, sides[0], sides[1], o)
	if err != nil {
		return err
	}
	if a.config.Output == "table" {
		err = writeComparison(a.stdout, c)
	} else {
		err = a.print(c, contrastTable(c))
	}
	if err == nil && c.Status != "ok" {
		a.say("refused: %s [%s]", c.Reason.Text, c.Reason.Code)
		err = silently(errRefused)
	}
	return err
}
