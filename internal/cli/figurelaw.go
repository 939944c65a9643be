package cli

import (
	"context"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/scalelaw/scalelaw/figure"
	"github.com/scalelaw/scalelaw/study"
)

// lawFlags are those of figures of fits: stored ones, or of a table as for fit csv.
type lawFlags struct {
	figureFlags
	csvFlags
	csv                   string
	model, scale, samples string // columns
	colour, yLabel, unit  string
	references            []string
	further               float64
}

func (f *lawFlags) register(c *cobra.Command) {
	f.figureFlags.register(c)
	f.fitFlags.register(c)
	f.columns(c)
	f.rows(c)
	o := c.Flags()
	o.StringVar(&f.csv, "csv", "", "fit this table, with the flags of `fit csv`, in place of a stored fit")
	o.StringVar(&f.model, "model-column", "", "column of models")
	o.StringVar(&f.scale, "data-column", "", "column of data scales")
	o.StringVar(&f.samples, "samples-column", "", "column of samples seen, a number")
	o.StringVar(&f.colour, "colour", "model", "what colours tell apart, model or data; shapes tell the other")
	o.StringVar(&f.yLabel, "y-label", "", "label of the error (default: metric or column)")
	o.StringVar(&f.unit, "unit", "", "unit of compute (default: the fit's convention, or the column)")
	o.StringArrayVar(&f.references, "reference", nil, "NAME=ERROR: a line to compare with (default for icons: chance and 1-NN on pixels)")
	o.Float64Var(&f.further, "extrapolate", 4, "draw the law to this many times the largest compute")
}

// check of flags that stored fits and tables share; args are the fits.
func (f *lawFlags) check(args []string) error {
	if (f.csv == "") == (len(args) == 0) {
		return usage("name a stored fit, or a table with --csv: one of them")
	}
	if f.colour != "model" && f.colour != "data" {
		return usage("--colour is %q; it is model or data", f.colour)
	}
	if !(f.further >= 1 && f.further <= 1e6) {
		return usage("--extrapolate is %g; it is from 1 to 1000000", f.further)
	}
	for _, r := range f.references {
		name, value, ok := strings.Cut(r, "=")
		if e, err := strconv.ParseFloat(value, 64); !ok || name == "" || err != nil || !(e > 0) {
			return usage("--reference is %q; it is NAME=ERROR, the error as a fraction above 0", r)
		}
	}
	for _, column := range []string{f.model, f.scale, f.samples} {
		if column != "" {
			f.Labels = append(f.Labels, column)
		}
	}
	return f.figureFlags.check()
}

func (a *app) figureLawCommand() *cobra.Command {
	f := &lawFlags{}
	c := &cobra.Command{
		Use: "law [FIT...]", Short: "Error against compute, with the law, its bands and its frontier",
		Example: "  scalelaw figure law 1c9e --out law.svg --out law.pdf\n  scalelaw figure law --csv runs.csv --x gmacs_total --y imagenet1k_acc1 --y-is accuracy --id run_id --model-column arch --out law.png",
		Args:    atLeast(),
		RunE: func(c *cobra.Command, args []string) error {
			return a.readStudy(c.Context(), args, f, func(s study.Laws) error { return a.figureLaw(c.Context(), s, f) })
		},
	}
	f.register(c)
	return c
}

func (a *app) figureLaw(ctx context.Context, s study.Laws, f *lawFlags) error {
	in, _, err := s.Drawn(ctx, f.colour == "data", f.further)
	if err != nil {
		return err
	}
	if err := a.draw(figure.NewLaw(in), &f.figureFlags); err != nil {
		return err
	}
	return a.refusedStudy(s)
}

// refusedStudy says which fits were refused; when all were, that is an error, though the figure
// was drawn.
func (a *app) refusedStudy(s study.Laws) error {
	refused := 0
	for _, one := range s.Fits {
		if r := one.Result; r.Status != "ok" {
			refused++
			a.say("refused%s: %s [%s]", onGroup(r.Group), r.Reason.Text, r.Reason.Code)
		}
	}
	if refused > 0 && refused == len(s.Fits) {
		return silently(errRefused)
	}
	return nil
}
