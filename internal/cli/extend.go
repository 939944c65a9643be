package cli

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/scalelaw/scalelaw/sweep"
	"github.com/scalelaw/scalelaw/workflows"
)

func (a *app) setCommand() *cobra.Command {
	return &cobra.Command{
		Use: "set SWEEP NAME=VALUE", Short: "Change concurrency or gpu_hours of a running sweep",
		Example: "  scalelaw set icons-ladder concurrency=4\n  scalelaw set icons-ladder gpu_hours=20",
		Args:    exactly("a sweep", "NAME=VALUE"),
		RunE: func(c *cobra.Command, args []string) error {
			update, value, err := parseSetting(args[1])
			if err != nil {
				return err
			}
			return a.withTemporal(c.Context(), "set", func(s *session) error {
				return s.audited(c.Context(), "set", args[0], args[1], func() error { return s.update(c.Context(), args[0], update, value) })
			})
		},
	}
}

func parseSetting(text string) (update string, value any, err error) {
	name, number, ok := strings.Cut(text, "=")
	if !ok {
		return "", nil, usage("%q is not NAME=VALUE, as in concurrency=4", text)
	}
	switch name {
	case "concurrency":
		n, err := strconv.Atoi(number)
		if err != nil {
			return "", nil, usage("concurrency is %q; it is a whole number", number)
		}
		return workflows.UpdateSetConcurrency, n, nil
	case "gpu_hours":
		x, err := strconv.ParseFloat(number, 64)
		if err != nil {
			return "", nil, usage("gpu_hours is %q; it is a number", number)
		}
		return workflows.UpdateSetGPUHours, x, nil
	}
	return "", nil, usage("%q cannot be set; concurrency and gpu_hours can", name)
}

func (a *app) extendCommand() *cobra.Command {
	var yes bool
	c := &cobra.Command{
		Use: "extend SWEEP SPEC", Short: "Add the cells of a wider grid; none is repeated",
		Example: "  scalelaw extend icons-ladder wider.yaml --yes",
		Args:    exactly("a sweep", "a sweep file"),
		RunE: func(c *cobra.Command, args []string) error {
			spec, asJSON, err := a.readSpec(c.Context(), args[1])
			if err != nil {
				return err
			}
			if err := available(spec); err != nil {
				return err
			}
			if spec.Name != args[0] {
				return usage("%s is of the sweep %q, not %q", args[1], spec.Name, args[0])
			}
			return a.withTemporal(c.Context(), "extend", func(s *session) error { return s.extend(c.Context(), spec, asJSON, yes) })
		},
	}
	c.Flags().BoolVarP(&yes, "yes", "y", false, "do not ask")
	return c
}

// extend shows the plan of the wider grid, asks as submit does, and adds its cells.
func (s *session) extend(ctx context.Context, spec *sweep.Spec, asJSON []byte, yes bool) error {
	plan, err := s.planWith(ctx, spec)
	if err != nil {
		return err
	}
	s.app.sayTotals(plan)
	if ok, err := s.app.confirm("Extend the sweep "+spec.Name+" to this?", yes); err != nil || !ok {
		return err
	}
	return s.audited(ctx, "extend", spec.Name, fmt.Sprintf("to %d runs", plan.Totals.Runs), func() error {
		progress, err := s.askExtend(ctx, spec.Name, asJSON)
		if err != nil || progress == nil {
			return err
		}
		return s.printProgress(spec.Name, *progress)
	})
}

// askExtend adds cells to a sweep. Without a progress it was over and was started again for it.
func (s *session) askExtend(ctx context.Context, name string, asJSON []byte) (*workflows.Progress, error) {
	progress, err := s.ask(ctx, name, workflows.UpdateExtend, workflows.ExtendInput{Spec: asJSON})
	if !errors.Is(err, errOver) {
		return &progress, err
	}
	return nil, s.restart(ctx, workflows.SweepInput{Name: name, Spec: asJSON})
}
