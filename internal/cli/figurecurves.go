package cli

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/scalelaw/scalelaw/figure"
	"github.com/scalelaw/scalelaw/sweep"
)

// curveFlags say what is drawn against what.
type curveFlags struct {
	figureFlags
	measure, against string
	logX, logY       bool
}

func (a *app) figureCurvesCommand() *cobra.Command {
	f := &curveFlags{}
	c := &cobra.Command{
		Use: "curves RUN...", Short: "Learning curves of runs", Example: "  scalelaw figure curves 3f9a12 77b0c4 --against compute --log-x --out curves.svg",
		Args: atLeast("a run's id or its beginning"),
		RunE: func(c *cobra.Command, args []string) error {
			if err := f.check(); err != nil {
				return err
			}
			return a.withStore(c.Context(), "figure curves", func(s *session) error { return s.figureCurves(c.Context(), args, f) })
		},
	}
	f.register(c)
	c.Flags().StringVar(&f.measure, "measure", "loss", "what is drawn, as metrics.jsonl names it: loss, learning_rate, grad_norm, ...")
	c.Flags().StringVar(&f.against, "against", "samples", "samples, steps or compute")
	c.Flags().BoolVar(&f.logX, "log-x", false, "logarithmic x axis")
	c.Flags().BoolVar(&f.logY, "log-y", false, "logarithmic y axis")
	return c
}

// axes of learning curves.
var curveAxes = []string{"samples", "steps", "compute"}

func (f *curveFlags) check() error {
	if !slices.Contains(curveAxes, f.against) {
		return usage("--against is %q; it is %s", f.against, strings.Join(curveAxes, ", "))
	}
	return f.figureFlags.check()
}

func (s *session) figureCurves(ctx context.Context, ids []string, f *curveFlags) error {
	in := figure.CurvesInput{Title: "Learning curves", Y: f.measure, LogX: f.logX, LogY: f.logY}
	in.X = map[string]string{"samples": "Samples seen", "steps": "Optimizer steps", "compute": "Compute (GMACs, forward)"}[f.against]
	names := map[string]bool{}
	for _, id := range ids {
		run, err := s.store.FindRun(ctx, id)
		if err != nil {
			return err
		}
		rows, err := s.store.Metrics(ctx, run.ID, nil, -1)
		if err != nil {
			return err
		}
		for _, m := range rows {
			names[m.Name] = true
		}
		in.Curves = append(in.Curves, curveOf(run.Run, rows, f))
	}
	if len(names) > 0 && !names[f.measure] {
		return usage("no run has logged %q; logged were %s", f.measure, strings.Join(slices.Sorted(maps.Keys(names)), ", "))
	}
	return s.app.draw(figure.NewCurves(in), &f.figureFlags)
}

func curveOf(run sweep.Run, rows []sweep.Metric, f *curveFlags) figure.Curve {
	c := figure.Curve{Run: run.ID, Name: fmt.Sprintf("%s · %s · %s · seed %d (%s)", run.Model.Name, run.Data.Name, sweep.WriteCount(run.SamplesSeen), run.Seed, shortID(run.ID))}
	for _, m := range rows {
		if m.Name != f.measure {
			continue
		}
		x := float64(m.SamplesSeen)
		switch f.against {
		case "steps":
			x = float64(m.Step)
		case "compute":
			x *= run.GMACsTotal / float64(run.ActualSamplesSeen)
		}
		c.X, c.Y = append(c.X, x), append(c.Y, m.Value)
	}
	return c
}
