package study

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// Gain is what doubling one axis of a grid took off the error, the others held, as natural
// logarithms: 0.05 is about 5 %. It is read between neighbours: cells that differ in that axis
// alone, next to each other along it, the larger of which is among the third of most compute.
type Gain struct {
	Axis   string  `json:"axis"` // model, data or samples_seen
	Pairs  int     `json:"pairs"`
	Median float64 `json:"median"`
	Low    float64 `json:"low"`  // the least of the pairs
	High   float64 `json:"high"` // the most
}

// cell is runs of one model, data scale and samples seen, with the mean of their errors.
type cell struct {
	model, data string
	size, pairs float64
	samples     float64
	alike       float64 // the least samples seen that count as these
	compute     float64
	sum         float64
	n           int
}

func (c cell) e() float64 { return c.sum / float64(c.n) }

// axes of a grid: how large a cell is along each, and which cells are on one line of it.
var axes = []struct {
	name string
	size func(cell) float64
	line func(cell) string
}{
	{"model", func(c cell) float64 { return c.size }, func(c cell) string { return fmt.Sprint(c.data, "|", c.alike) }},
	{"data", func(c cell) float64 { return c.pairs }, func(c cell) string { return fmt.Sprint(c.model, "|", c.alike) }},
	{"samples_seen", func(c cell) float64 { return c.samples }, func(c cell) string { return fmt.Sprint(c.model, "|", c.data) }},
}

// Gains are what each axis brought where the grid is large; an axis without neighbours there has
// no pairs. from is the least compute of the larger cell of a pair.
func (g Grid) Gains() (gains []Gain, from float64) {
	cells := g.cells()
	if len(cells) == 0 {
		return nil, 0
	}
	compute := make([]float64, len(cells))
	for i, c := range cells {
		compute[i] = c.compute
	}
	slices.Sort(compute)
	from = compute[len(compute)*2/3]
	for _, a := range axes {
		lines := map[string][]cell{}
		for _, c := range cells {
			lines[a.line(c)] = append(lines[a.line(c)], c)
		}
		var found []float64
		for _, line := range lines {
			slices.SortFunc(line, func(x, y cell) int { return cmp.Compare(a.size(x), a.size(y)) })
			for i := 1; i < len(line); i++ {
				if doublings := math.Log2(a.size(line[i]) / a.size(line[i-1])); doublings > 0.1 && line[i].compute >= from {
					found = append(found, math.Log(line[i-1].e()/line[i].e())/doublings)
				}
			}
		}
		gains = append(gains, gainOf(a.name, found))
	}
	return gains, from
}

func gainOf(axis string, found []float64) Gain {
	g := Gain{Axis: axis, Pairs: len(found)}
	if len(found) > 0 {
		slices.Sort(found)
		g.Low, g.High = found[0], found[len(found)-1]
		g.Median = (found[(len(found)-1)/2] + found[len(found)/2]) / 2
	}
	return g
}

// cells are the scored runs by model, data scale and samples seen. Several recipes of a cell
// count with their mean.
func (g Grid) cells() []cell {
	byName := map[string]*cell{}
	for _, r := range g.Runs {
		if r.Score == nil {
			continue
		}
		e := errorOf(g.Metric, r.Score.Value)
		if !(e > 0) || math.IsInf(e, 0) {
			continue
		}
		name := fmt.Sprint(r.Model.Name, "|", r.Data.Name, "|", r.SamplesSeen)
		c, ok := byName[name]
		if !ok {
			c = &cell{model: r.Model.Name, data: r.Data.Name, size: r.GMACsPerSample, pairs: float64(r.Data.Pairs), samples: float64(r.SamplesSeen), compute: r.GMACsTotal}
			byName[name] = c
		}
		c.sum, c.n = c.sum+e, c.n+1
	}
	var cells []cell
	for _, c := range byName {
		cells = append(cells, *c)
	}
	slices.SortFunc(cells, func(a, b cell) int { return cmp.Compare(a.samples, b.samples) })
	for i := range cells {
		cells[i].alike = cells[i].samples
		if i > 0 && cells[i].samples <= oneSize*cells[i-1].alike {
			cells[i].alike = cells[i-1].alike
		}
	}
	return cells
}

// oneSize is how far apart samples seen may lie and still count as the same: whole epochs of
// data sets of other sizes differ a little.
const oneSize = 1.25

// axisWords are the axes in a sentence.
var axisWords = map[string]string{"model": "the model", "data": "the data", "samples_seen": "the samples seen"}

// Advice says which axis to scale next, and what that rests on.
func Advice(gains []Gain, from float64) []string {
	known := slices.DeleteFunc(slices.Clone(gains), func(g Gain) bool { return g.Pairs == 0 })
	if len(known) == 0 {
		return []string{"No two scored cells differ in one axis alone among the third of most compute: the grid does not tell yet which axis to scale."}
	}
	slices.SortFunc(known, func(a, b Gain) int { return cmp.Compare(b.Median, a.Median) })
	best := known[0]
	var says []string
	switch {
	case best.Median <= 0:
		says = append(says, "At the largest runs no axis lowers the error any more: doubling any of them alone takes nothing off.")
	case best.Axis == "data":
		says = append(says, fmt.Sprintf("Data is the bottleneck: scale %s next. Doubling them alone takes %s off the error, and more data costs no training compute.", axisWords[best.Axis], share(best.Median)))
	default:
		says = append(says, fmt.Sprintf("Scale %s next: doubling them alone takes %s off the error, at twice the compute.", axisWords[best.Axis], share(best.Median)))
		if best.Axis == "model" {
			says[0] = fmt.Sprintf("The model is the bottleneck: scale it next. Doubling it alone takes %s off the error, at twice the compute.", share(best.Median))
		}
	}
	if len(known) > 1 && known[1].High >= best.Low {
		says = append(says, fmt.Sprintf("That is not sure: single pairs of %s (%s to %s) and of %s (%s to %s) overlap.", axisWords[best.Axis], share(best.Low), share(best.High), axisWords[known[1].Axis], share(known[1].Low), share(known[1].High)))
	}
	for _, g := range gains {
		if g.Pairs == 0 {
			says = append(says, fmt.Sprintf("Of %s nothing is known there: no two cells differ in it alone.", axisWords[g.Axis]))
		}
	}
	return append(says, fmt.Sprintf("It rests on neighbours in the grid: pairs of cells that differ in one axis alone, the larger with at least %.4g GMACs; seeds are averaged, and no interval is claimed.", from))
}

// share is a gain as a share of the error.
func share(gain float64) string { return fmt.Sprintf("%.1f %%", 100*(1-math.Exp(-gain))) }

// Off is the median as a share of the error.
func (g Gain) Off() string { return share(g.Median) }

// Range is the least and the most of single pairs.
func (g Gain) Range() string { return share(g.Low) + " to " + share(g.High) }
