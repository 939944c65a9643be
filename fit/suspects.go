package fit

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// Suspect is a point that looks under-tuned or broken: much worse than its neighbours let
// expect. It is proposed to whoever ran it, and takes part in the fit all the same.
type Suspect struct {
	ID    string  `json:"id"`
	Score float64 `json:"score"` // robust z of its excess error
	Text  string  `json:"text"`
}

// suspicious is the robust z above which a point is a suspect (Iglewicz and Hoaglin 1993).
const suspicious = 3.5

// suspectRule names the rule in the text of each suspect.
const suspectRule = "neighbour excess"

// suspects compares each point with its neighbours in compute among the points of the same N
// (its model), and among those of the same U or D (its data): its excess is log10 E above the
// straight line between them, or, at the end of a series, above its cheaper neighbour, than
// which it should be no worse. Of several series the least excess counts; points without N, U
// and D have no neighbours and are never suspects. A suspect has an excess more than 3.5 robust standard
// deviations (1.4826 times the median absolute deviation) above the median of all.
func (e *estimate) suspects() []Suspect {
	excess := make([]float64, len(e.points))
	for i := range excess {
		excess[i] = math.NaN()
	}
	for _, of := range []func(node) float64{func(n node) float64 { return n.n }, func(n node) float64 { return n.u }, func(n node) float64 { return n.d }} {
		for _, series := range e.series(of) {
			compare(series, excess)
		}
	}
	return e.outstanding(excess)
}

// series groups the nodes that have a value, by it; groups of one say nothing.
func (e *estimate) series(of func(node) float64) [][]node {
	by := map[float64][]node{}
	for _, n := range e.nodes {
		if v := of(n); finite(v) {
			by[v] = append(by[v], n)
		}
	}
	var all [][]node
	for _, nodes := range by {
		if len(nodes) > 1 && distinct(nodes) > 1 {
			all = append(all, nodes)
		}
	}
	return all
}

// compare lowers the excess of each node of a series to that in this series.
func compare(series []node, excess []float64) {
	for i, n := range series {
		var line float64
		switch {
		case i == 0:
			continue // nothing cheaper to compare with
		case i+1 < len(series) && series[i+1].x > series[i-1].x:
			a, b := series[i-1], series[i+1]
			line = a.y + (b.y-a.y)*(n.x-a.x)/(b.x-a.x)
		case n.y > series[i-1].y:
			line = series[i-1].y
		default: // no worse than a cheaper run
			line = math.Inf(1)
		}
		if x := n.y - line; !(excess[n.source] <= x) {
			excess[n.source] = x
		}
	}
}

func (e *estimate) outstanding(excess []float64) []Suspect {
	known := slices.DeleteFunc(slices.Clone(excess), func(x float64) bool { return !finite(x) })
	if len(known) < 5 {
		return nil
	}
	middle := median(known)
	for i, x := range known {
		known[i] = math.Abs(x - middle)
	}
	spread := 1.4826 * median(known)
	var found []Suspect
	for i, x := range excess {
		if z := (x - middle) / spread; finite(x) && x > 0 && spread > 0 && z > suspicious {
			text := fmt.Sprintf("error %.4g is %.0f %% above what its neighbours let expect (%s, z = %.1f): under-tuned or broken?", e.points[i].E, 100*(pow10(x)-1), suspectRule, z)
			found = append(found, Suspect{e.points[i].ID, z, text})
		}
	}
	slices.SortStableFunc(found, func(a, b Suspect) int { return cmp.Compare(b.Score, a.Score) })
	return found
}
