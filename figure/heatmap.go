package figure

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
)

// Cell is a run of a grid, with its value or with what became of it.
type Cell struct {
	Run
	Known bool   // E is its value
	State string // where it is not known
}

// HeatmapInput is what a figure of a grid shows.
type HeatmapInput struct {
	Title, Subtitle, Metric string
	Percent                 bool
	Cells                   []Cell
}

// NewHeatmap shows models from top to bottom and, from left to right, samples seen within data
// scales. Seeds and recipes of one cell are averaged; cells without a value show their state.
func NewHeatmap(in HeatmapInput) Figure {
	f := Figure{Kind: "heatmap", Title: in.Title, Subtitle: in.Subtitle}
	runs := make([]Run, len(in.Cells))
	for i, c := range in.Cells {
		runs[i] = c.Run
	}
	models := namesOr(inOrder(runs, func(r Run) string { return r.Model }, perSample))
	slices.Reverse(models) // the axis counts upwards; the smallest model stands on top
	e := newEncoder(Encoding{}, runs)
	columns := namesOr(e.columns(runs))
	f.Y, f.X = Axis{Categories: models}, Axis{Label: "Samples seen · data scale", Categories: columns}
	low, high := math.Inf(1), math.Inf(-1)
	layer := Layer{Kind: Cells, Name: in.Metric}
	for y, model := range models {
		for x, column := range columns {
			m, value := e.cell(in, model, column)
			if m.ID == "" {
				continue
			}
			m.X, m.Y, m.Low = float64(x), float64(y), value
			if !m.Hollow {
				low, high = min(low, value), max(high, value)
			}
			layer.Marks = append(layer.Marks, m)
		}
	}
	for i, m := range layer.Marks {
		if !m.Hollow {
			layer.Marks[i].Low = shade(m.Low, low, high)
		}
	}
	f.Layers = []Layer{layer}
	f.Legend = []Block{rampLegend(in, low, high)}
	return f
}

// shade is how light a value is: the lowest is the lightest, for an error is better low.
func shade(v, low, high float64) float64 {
	if high <= low {
		return 0.5
	}
	return (high - v) / (high - low)
}

func (c *encoder) column(r Run) string {
	samples := ""
	if i := c.sizeOf(r.Samples); i >= 0 {
		samples = c.sizes[i].String()
	}
	return strings.Trim(samples+" · "+Amount(r.Data), " ·")
}

// columns are by data scale, then samples seen.
func (c *encoder) columns(runs []Run) []string {
	runs = slices.Clone(runs)
	slices.SortStableFunc(runs, func(a, b Run) int {
		return cmp.Or(cmp.Compare(slices.Index(c.data, a.Data), slices.Index(c.data, b.Data)), cmp.Compare(a.Samples, b.Samples))
	})
	var names []string
	for _, r := range runs {
		if name := c.column(r); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// cell is the mean of the runs of a cell, or the states of those that have no value.
func (e *encoder) cell(in HeatmapInput, model, column string) (m Mark, value float64) {
	var ids, states []string
	n := 0
	for _, c := range in.Cells {
		if c.Model != model || e.column(c.Run) != column {
			continue
		}
		ids = append(ids, c.ID)
		if !c.Known || !finite(c.E) {
			states = append(states, c.State)
			continue
		}
		n++
		value += c.E
	}
	m.ID = strings.Join(ids, " ")
	if n == 0 {
		slices.Sort(states)
		m.Hollow, m.Label = true, strings.Join(slices.Compact(states), ", ")
		m.Hint = model + " · " + column + "\n" + m.Label
		return m, math.NaN()
	}
	value /= float64(n)
	m.Label = shownValue(value, in.Percent)
	m.Data = []Datum{{"value", full(value)}, {"runs", fmt.Sprint(n)}}
	m.Hint = fmt.Sprintf("%s · %s\n%s, %d of %d runs", model, column, m.Label, n, len(ids))
	return m, value
}

func shownValue(v float64, percent bool) string {
	if percent {
		return fmt.Sprintf("%.1f%%", 100*v)
	}
	return digits(v)
}

func rampLegend(in HeatmapInput, low, high float64) Block {
	b := Block{Title: in.Metric}
	if low > high {
		b.Lines = []string{"no run has been scored yet"}
		return b
	}
	for i := range 5 {
		v := low + (high-low)*float64(i)/4
		b.Keys = append(b.Keys, Key{Kind: Cells, Size: shade(v, low, high), Text: shownValue(v, in.Percent)})
		if low == high {
			break
		}
	}
	return b
}
