package cli

import (
	"strconv"

	"github.com/spf13/cobra"
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
