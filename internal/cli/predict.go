package cli

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/scalelaw/scalelaw/fit"
)

func (a *app) predictCommand() *cobra.Command {
	var compute, errs []float64
	var keep registration
	c := &cobra.Command{
		Use: "predict FIT --compute C... | --error E...", Short: "The error that a law expects at more compute, or what it takes to reach an error", Args: atLeast("a fit's id or its beginning"),
		Example: "  scalelaw predict 1c9e --compute 1e6,1e7\n  scalelaw predict 1c9e --compute 1e6 1e7\n  scalelaw predict 1c9e --compute 1e7 --register\n  scalelaw predict 1c9e --error 0.2",
		RunE: func(c *cobra.Command, args []string) error {
			if len(errs) > 0 {
				if len(compute) > 0 || len(args) > 1 || keep.wanted {
					return usage("--error is asked for alone: without --compute, --register and further arguments")
				}
				return a.withStore(c.Context(), "predict", func(s *session) error { return s.reach(c.Context(), args[0], errs) })
			}
			if len(compute) == 0 {
				return usage("--compute is needed (amounts in forward GMACs), or --error")
			}
			for _, more := range args[1:] {
				x, err := strconv.ParseFloat(more, 64)
				if err != nil {
					return usage("%q is no amount of compute", more)
				}
				compute = append(compute, x)
			}
			if err := keep.check(a); err != nil {
				return err
			}
			return a.withStore(c.Context(), "predict", func(s *session) error { return s.predict(c.Context(), args[0], compute, keep) })
		},
	}
	c.Flags().Float64SliceVar(&compute, "compute", nil, "amounts of compute, in forward GMACs")
	c.Flags().Float64SliceVar(&errs, "error", nil, "errors to reach, as fractions")
	keep.flags(c)
	return c
}

// predict shows what a law expects at amounts of compute, and registers it if wanted.
func (s *session) predict(ctx context.Context, fitID string, compute []float64, keep registration) error {
	f, err := s.store.Fit(ctx, fitID)
	if err != nil {
		return err
	}
	views, err := s.views(ctx, []fit.Record{f})
	if err != nil {
		return err
	}
	if f.Result, err = f.Predict(ctx, compute); err != nil {
		return err
	}
	if keep.wanted {
		err := s.audited(ctx, "predict", f.ID, fmt.Sprintf("register %v", compute), func() error { return s.register(ctx, f, keep) })
		if err != nil {
			return err
		}
	}
	views[0].Result = f.Result
	t := &table{header: []string{"C", "E", "law lower", "law upper", "run lower", "run upper"}}
	for _, p := range f.Result.Predictions {
		t.add(p.C, p.Value, p.LawInterval[0], p.LawInterval[1], p.RunInterval[0], p.RunInterval[1])
	}
	s.app.warn(f.Result.Warnings)
	if views[0].Stale != nil {
		s.app.warn([]fit.Note{staleNote(*views[0].Stale)})
	}
	return errors.Join(s.app.printFound(views[0], t), s.app.refusals([]fit.Record{f}))
}

// printFound is print, but shows people no header where every row was refused.
func (a *app) printFound(as any, t *table) error {
	if a.config.Output == "table" && len(t.rows) == 0 {
		return nil
	}
	return a.print(as, t)
}

func staleNote(reason string) fit.Note {
	return fit.Note{Code: "stale", Text: fmt.Sprintf("this fit is stale (%s); `scalelaw fit new` fits anew", reason)}
}

func (a *app) warn(notes []fit.Note) {
	for _, n := range notes {
		a.say("warning: %s [%s]", n.Text, n.Code)
	}
}
