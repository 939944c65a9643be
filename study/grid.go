package study

import (
	"context"

	"github.com/scalelaw/scalelaw/figure"
	"github.com/scalelaw/scalelaw/fit"
	"github.com/scalelaw/scalelaw/sweep"
)

// Grid is a sweep's runs with their score on a metric.
type Grid struct {
	Name, Metric string
	Runs         []sweep.ScoredRun
}

// ReadGrid reads it.
func ReadGrid(ctx context.Context, s Reader, name, metric string) (Grid, error) {
	g := Grid{Name: name, Metric: metric}
	var err error
	g.Runs, err = s.FitInputs(ctx, name, metric)
	return g, err
}

// Marked is a run without its error, as figures mark it.
func Marked(r sweep.Run) figure.Run {
	return figure.Run{Point: fit.Point{ID: r.ID, C: r.GMACsTotal, N: r.GMACsTotal / float64(r.ActualSamplesSeen), D: float64(r.ActualSamplesSeen)}, Model: r.Model.Name, Data: r.Data.Name, Samples: float64(r.SamplesSeen)}
}

// Scored are the runs that have a score.
func (g Grid) Scored() []figure.Run {
	var runs []figure.Run
	for _, r := range g.Runs {
		if r.Score != nil {
			run := Marked(r.Run)
			run.E = errorOf(g.Metric, r.Score.Value)
			runs = append(runs, run)
		}
	}
	return runs
}

// Points are those of the runs that have a score.
func (g Grid) Points() []fit.Point {
	var points []fit.Point
	for _, r := range g.Scored() {
		points = append(points, r.Point)
	}
	return points
}

// Isodata is error against compute by data scale.
func (g Grid) Isodata() figure.Figure {
	return figure.NewIsodata(figure.IsodataInput{Title: g.Name + ": iso-data curves", Metric: g.Metric, Unit: "GMACs, forward", Runs: g.Scored(), References: references(g.Metric), Loss: IsLoss(g.Metric)})
}

// Robustness pairs the scores of runs that have two; how many lack one is said.
func (g Grid) Robustness(shifted Grid) figure.RobustnessInput {
	in := figure.RobustnessInput{Title: g.Name + ": effective robustness", Metric: "accuracy, " + g.Metric, Shift: "accuracy, " + shifted.Metric}
	under := map[string]float64{}
	for _, r := range shifted.Scored() {
		under[r.ID] = r.E
	}
	for _, r := range g.Scored() {
		if e, ok := under[r.ID]; ok {
			in.Runs, in.Shifted = append(in.Runs, r), append(in.Shifted, e)
		}
	}
	in.Missing = len(g.Runs) - len(in.Runs)
	return in
}

// Heatmap is the metric by model, samples seen and data scale.
func (g Grid) Heatmap() figure.Figure {
	in := figure.HeatmapInput{Title: g.Name, Subtitle: g.Metric, Metric: "Error", Percent: !IsLoss(g.Metric)}
	for _, r := range g.Runs {
		cell := figure.Cell{Run: Marked(r.Run), Known: r.Score != nil, State: string(r.State)}
		if cell.Known {
			cell.E = errorOf(g.Metric, r.Score.Value)
		} else if r.State == sweep.Succeeded {
			cell.State = "not evaluated"
		}
		in.Cells = append(in.Cells, cell)
	}
	return figure.NewHeatmap(in)
}
