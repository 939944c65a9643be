package cli

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/scalelaw/scalelaw/fit"
)

// tables are the values of --csv and --where in the order of the command line.
type tables struct {
	inputs []tableInput
	where  []string // before the first --csv: for all
}

type tableInput struct {
	path  string
	where []string
}

// tableFlag is --csv.
type tableFlag struct{ t *tables }

func (f tableFlag) Set(path string) error {
	f.t.inputs = append(f.t.inputs, tableInput{path: path})
	return nil
}
func (tableFlag) String() string { return "" }
func (tableFlag) Type() string   { return "file" }

// whereFlag is --where, which belongs to the --csv before it.
type whereFlag struct{ t *tables }

func (f whereFlag) Set(condition string) error {
	if n := len(f.t.inputs); n > 0 {
		f.t.inputs[n-1].where = append(f.t.inputs[n-1].where, condition)
	} else {
		f.t.where = append(f.t.where, condition)
	}
	return nil
}
func (whereFlag) String() string { return "" }
func (whereFlag) Type() string   { return "column=value" }

func (a *app) compareTables(ctx context.Context, args []string, f *compareFlags) error {
	if len(args) > 0 || len(f.tables.inputs) != 2 {
		return usage("compare takes two --csv, one a side (the file may be the same), and then no fits")
	}
	f.Bootstrap, f.Level, f.Seed = f.o.Bootstrap, f.o.Level, f.o.Seed
	if err := f.check(); err != nil {
		return err
	}
	f.Cluster = f.pair
	var sides []fit.Side
	for _, in := range f.tables.inputs {
		o := f.CSVOptions
		var err error
		if o.Where, err = conditions(append(append([]string{}, f.tables.where...), in.where...)); err != nil {
			return err
		}
		groups, err := a.readTable(in.path, o)
		if err != nil {
			return err
		}
		side := fit.Side{Name: in.path, Metric: f.Y, Points: groups[0].Points, Options: f.Options}
		if len(in.where) > 0 {
			side.Name = strings.Join(in.where, ", ")
		}
		side.Options.Version, side.Options.Convention = f.o.Version, groups[0].Convention
		sides = append(sides, side)
	}
	return a.showComparison(ctx, sides, f.o)
}

// contrastTable has a row a contrast.
func contrastTable(c fit.Comparison) *table {
	t := &table{header: []string{"what", "at C", "at E", "A", "B", "B vs A", "lower", "upper", "distinguishable"}}
	add := func(what string, compute, e any, x fit.Contrast) {
		t.add(what, compute, e, x.A, x.B, x.Value, x.Interval[0], x.Interval[1], x.Distinguishable)
	}
	for _, x := range c.Coefficients {
		add(x.Name+", B - A", nil, nil, x)
	}
	for _, x := range c.ErrorRatios {
		add("E, B / A", x.At, nil, x)
	}
	for _, x := range c.ComputeRatios {
		add("C, B / A", nil, x.At, x)
	}
	return t
}

// writeComparison shows a comparison for people.
func writeComparison(w io.Writer, c fit.Comparison) error {
	for _, s := range []struct {
		name string
		side fit.CompareSide
	}{{"A", c.A}, {"B", c.B}} {
		fmt.Fprintf(w, "%s  %s, law %s, rule %s: %s   %d of %d points\n", s.name, s.side.Name, s.side.Law, s.side.Rule, s.side.Formula, s.side.NUsed, s.side.NPoints)
	}
	if c.Status != "ok" {
		_, err := fmt.Fprintf(w, "refused: %s [%s]\n", c.Reason.Text, c.Reason.Code)
		return err
	}
	v := c.Verdict
	tests := fmt.Sprintf("bootstrap p = %.2g", v.P)
	if v.StudentP != nil {
		tests += fmt.Sprintf(", F-test p = %.2g", *v.StudentP)
	}
	fmt.Fprintf(w, "%s at level %g (%s, over C from %.4g to %.4g); %d resamples, %d clusters in both\n\n", v.Text, c.Level, tests, v.Over[0], v.Over[1], c.Options.Bootstrap, c.Paired)
	if err := contrastTable(c).write(w); err != nil {
		return err
	}
	fmt.Fprintf(w, "\n%s\n", crossingLine(c))
	for _, n := range c.Warnings {
		fmt.Fprintf(w, "warning: %s [%s]\n", n.Text, n.Code)
	}
	return nil
}

func crossingLine(c fit.Comparison) string {
	x := c.Crossing
	if x == nil {
		return "the laws do not cross within a factor of 1000 of the fitted compute"
	}
	line := fmt.Sprintf("the laws cross at C = %.4g, E = %.4g", x.C, x.E)
	if x.Interval[0] != nil && x.Interval[1] != nil {
		line += fmt.Sprintf(", %.0f %% interval of C [%.4g, %.4g]", 100*c.Level, *x.Interval[0], *x.Interval[1])
	} else {
		line += fmt.Sprintf("; that is not determined: %.0f %% of the resamples cross within a factor of 1000", 100*x.Share)
	}
	return line + fmt.Sprintf("; above it %s has the lower error", strings.ToUpper(x.Better))
}
