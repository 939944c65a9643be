package cli

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"github.com/scalelaw/scalelaw/activities"
	"github.com/scalelaw/scalelaw/figure"
	"github.com/scalelaw/scalelaw/fit"
	"github.com/scalelaw/scalelaw/sweep"
)

func metricFlag(c *cobra.Command) *string {
	return c.Flags().String("metric", "icons-test/top1_error", "TASK/METRIC")
}

// grid is a sweep's runs with their score on a metric.
type grid struct {
	name, metric string
	runs         []sweep.ScoredRun
}

func (s *session) grid(ctx context.Context, args []string, metric string) (grid, error) {
	g := grid{name: args[0], metric: metric}
	var err error
	g.runs, err = s.store.FitInputs(ctx, g.name, metric)
	return g, err
}

// errorOf is a score as an error: shares of successes are 1 minus it.
func errorOf(metric string, value float64) float64 {
	if activities.Converted(metric) {
		return 1 - value
	}
	return value
}

func marked(r sweep.Run) figure.Run {
	return figure.Run{Point: fit.Point{ID: r.ID, C: r.GMACsTotal, N: r.GMACsTotal / float64(r.ActualSamplesSeen), D: float64(r.ActualSamplesSeen)}, Model: r.Model.Name, Data: r.Data.Name, Samples: float64(r.SamplesSeen)}
}

// scored are the runs that have a score.
func (g grid) scored() []figure.Run {
	var runs []figure.Run
	for _, r := range g.runs {
		if r.Score != nil {
			run := marked(r.Run)
			run.E = errorOf(g.metric, r.Score.Value)
			runs = append(runs, run)
		}
	}
	return runs
}

func (g grid) points() []fit.Point {
	var points []fit.Point
	for _, r := range g.scored() {
		points = append(points, r.Point)
	}
	return points
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
		g, err := s.grid(ctx, []string{name}, *metric)
		if err != nil {
			return figure.Figure{}, err
		}
		in := figure.IsodataInput{Title: name + ": iso-data curves", Metric: *metric, Unit: "GMACs, forward", Runs: g.scored(), References: references(*metric), Loss: isLoss(*metric)}
		return figure.NewIsodata(in), nil
	})
}

func isLoss(metric string) bool { return strings.HasSuffix(metric, "/loss") }

// references are the errors to compare an icons metric with.
func references(metric string) []figure.Reference {
	chance, nearest, ok := baselines(metric)
	if !ok {
		return nil
	}
	return []figure.Reference{{Name: "chance", Error: chance}, {Name: "1-NN on pixels", Error: nearest}}
}

func (a *app) figureRobustnessCommand() *cobra.Command {
	c := &cobra.Command{Use: "robustness SWEEP", Short: "Accuracy under shift against accuracy in distribution", Example: "  scalelaw figure robustness quickstart --metric icons-test/top1_error --shift icons-shift/top1_error --out robustness.svg"}
	metric := metricFlag(c)
	shift := c.Flags().String("shift", "icons-shift/top1_error", "TASK/METRIC under shift")
	return a.figureOf(c, &figureFlags{}, func(ctx context.Context, s *session, name string) (figure.Figure, error) {
		g, err := s.grid(ctx, []string{name}, *metric)
		if err != nil {
			return figure.Figure{}, err
		}
		other, err := s.grid(ctx, []string{name}, *shift)
		if err != nil {
			return figure.Figure{}, err
		}
		return figure.NewRobustness(both(g, other)), nil
	})
}

// both pairs the scores of runs that have two; how many lack one is said.
func both(g, shifted grid) figure.RobustnessInput {
	in := figure.RobustnessInput{Title: g.name + ": effective robustness", Metric: "accuracy, " + g.metric, Shift: "accuracy, " + shifted.metric}
	under := map[string]float64{}
	for _, r := range shifted.scored() {
		under[r.ID] = r.E
	}
	for _, r := range g.scored() {
		if e, ok := under[r.ID]; ok {
			in.Runs, in.Shifted = append(in.Runs, r), append(in.Shifted, e)
		}
	}
	in.Missing = len(g.runs) - len(in.Runs)
	return in
}

func (a *app) figureHeatmapCommand() *cobra.Command {
	c := &cobra.Command{Use: "heatmap SWEEP", Short: "The grid: a metric by model, samples seen and data scale", Example: "  scalelaw figure heatmap quickstart --metric icons-test/top1_error --out grid.svg"}
	metric := metricFlag(c)
	return a.figureOf(c, &figureFlags{}, func(ctx context.Context, s *session, name string) (figure.Figure, error) {
		g, err := s.grid(ctx, []string{name}, *metric)
		if err != nil {
			return figure.Figure{}, err
		}
		in := figure.HeatmapInput{Title: name, Subtitle: *metric, Metric: "Error", Percent: !isLoss(*metric)}
		for _, r := range g.runs {
			cell := figure.Cell{Run: marked(r.Run), Known: r.Score != nil, State: string(r.State)}
			if cell.Known {
				cell.E = errorOf(*metric, r.Score.Value)
			} else if r.State == sweep.Succeeded {
				cell.State = "not evaluated"
			}
			in.Cells = append(in.Cells, cell)
		}
		return figure.NewHeatmap(in), nil
	})
}
