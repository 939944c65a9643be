package cli

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/scalelaw/scalelaw/figure"
	"github.com/scalelaw/scalelaw/study"
)

func metricFlag(c *cobra.Command) *string {
	return c.Flags().String("metric", "icons-test/top1_error", "TASK/METRIC")
}

// figureOf is a verb that draws one sweep's grid.
func (a *app) figureOf(c *cobra.Command, f *figureFlags, do func(ctx context.Context, s *session, name string) (figure.Figure, error)) *cobra.Command {
	f.register(c)
	c.Args = exactly("a sweep")
	c.RunE = func(c *cobra.Command, args []string) error {
		if err := f.check(); err != nil {
			return err
		}
		return a.withStore(c.Context(), "figure "+c.Name(), func(s *session) error {
			drawn, err := do(c.Context(), s, args[0])
			if err != nil {
				return err
			}
			return a.draw(drawn, f)
		})
	}
	return c
}

func (a *app) figureIsodataCommand() *cobra.Command {
	c := &cobra.Command{Use: "isodata SWEEP", Short: "Error against compute by data scale: is data the bottleneck?", Example: "  scalelaw figure isodata quickstart --out isodata.svg"}
	metric := metricFlag(c)
	return a.figureOf(c, &figureFlags{}, func(ctx context.Context, s *session, name string) (figure.Figure, error) {
		g, err := study.ReadGrid(ctx, s.store, name, *metric)
		if err != nil {
			return figure.Figure{}, err
		}
		return g.Isodata(), nil
	})
}

func (a *app) figureRobustnessCommand() *cobra.Command {
	c := &cobra.Command{Use: "robustness SWEEP", Short: "Accuracy under shift against accuracy in distribution", Example: "  scalelaw figure robustness quickstart --metric icons-test/top1_error --shift icons-shift/top1_error --out robustness.svg"}
	metric := metricFlag(c)
	shift := c.Flags().String("shift", "icons-shift/top1_error", "TASK/METRIC under shift")
	return a.figureOf(c, &figureFlags{}, func(ctx context.Context, s *session, name string) (figure.Figure, error) {
		g, err := study.ReadGrid(ctx, s.store, name, *metric)
		if err != nil {
			return figure.Figure{}, err
		}
		other, err := study.ReadGrid(ctx, s.store, name, *shift)
		if err != nil {
			return figure.Figure{}, err
		}
		return figure.NewRobustness(g.Robustness(other)), nil
	})
}

func (a *app) figureHeatmapCommand() *cobra.Command {
	c := &cobra.Command{Use: "heatmap SWEEP", Short: "The grid: a metric by model, samples seen and data scale", Example: "  scalelaw figure heatmap quickstart --metric icons-test/top1_error --out grid.svg"}
	metric := metricFlag(c)
	return a.figureOf(c, &figureFlags{}, func(ctx context.Context, s *session, name string) (figure.Figure, error) {
		g, err := study.ReadGrid(ctx, s.store, name, *metric)
		if err != nil {
			return figure.Figure{}, err
		}
		return g.Heatmap(), nil
	})
}
