package fit

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// node is a point that a law is fitted to: log10 of compute and error, natural logarithms of
// N, D and U for laws that use them (-Inf where there is none), a weight (how often the point
// was drawn), and the index of the point it came from.
type node struct {
	x, y    float64
	n, d, u float64
	weight  float64
	source  int
}

// rule picks the nodes to fit from points sorted by (C, E) with weights >= 0; points of
// weight 0 do not exist. It appends to into, which the caller reuses.
type rule func(points []node, o Options, into []node) []node

var rules = map[string]rule{"pareto": paretoRule, "binned-minima": binnedMinimaRule, "all": allRule}

// Rules lists the frontier rules.
func Rules() []string { return []string{"pareto", "binned-minima", "all"} }

// allRule takes every point.
func allRule(points []node, _ Options, into []node) []node {
	for _, p := range points {
		if p.weight > 0 {
			into = append(into, p)
		}
	}
	return into
}

// paretoRule takes the non-dominated points: no other has C <= and E <=, one of them strictly.
// Points that are equal in both stay together. A frontier is a set: a run that a resample drew
// twice stands on it once.
func paretoRule(points []node, _ Options, into []node) []node {
	best := math.Inf(1) // lowest y at strictly smaller x
	for i := 0; i < len(points); {
		low, j := math.Inf(1), i
		for ; j < len(points) && points[j].x == points[i].x; j++ {
			if points[j].weight > 0 {
				low = min(low, points[j].y)
			}
		}
		for k := i; k < j && low < best; k++ {
			if points[k].weight > 0 && points[k].y == low {
				into = append(into, points[k])
				into[len(into)-1].weight = 1
			}
		}
		best, i = min(best, low), j
	}
	return into
}

// binnedMinimaRule is the seed paper's: equal-width bins of log10 C over [min, max + pad]; in
// each bin that holds a point, the lowest log10 E at the CENTRE of the bin. Edges and sides
// are those of numpy's linspace and digitize (left edge inside, right edge outside).
func binnedMinimaRule(points []node, o Options, into []node) []node {
	low, high := math.Inf(1), math.Inf(-1)
	for _, p := range points {
		if p.weight > 0 {
			low, high = min(low, p.x), max(high, p.x)
		}
	}
	high += o.Pad
	width := (high - low) / float64(o.Bins)
	edge := func(i int) float64 {
		if i == o.Bins {
			return high
		}
		return low + float64(i)*width
	}
	next := 0
	for bin := 0; bin < o.Bins; bin++ {
		best := -1
		for ; next < len(points) && (points[next].x < edge(bin+1) || bin == o.Bins-1); next++ {
			if points[next].weight > 0 && (best < 0 || points[next].y < points[best].y) {
				best = next
			}
		}
		if best >= 0 {
			into = append(into, points[best])
			last := &into[len(into)-1]
			last.x, last.weight = (edge(bin)+edge(bin+1))/2, 1
		}
	}
	return into
}

// sorted gives the points as nodes of weight 1, by compute, then error, then id.
func sorted(points []Point) []node {
	nodes := make([]node, len(points))
	for i, p := range points {
		nodes[i] = node{x: math.Log10(p.C), y: math.Log10(p.E), n: math.Log(p.N), d: math.Log(p.D), u: math.Log(p.U), weight: 1, source: i}
	}
	slices.SortFunc(nodes, func(a, b node) int {
		return cmp.Or(cmp.Compare(a.x, b.x), cmp.Compare(a.y, b.y), cmp.Compare(points[a.source].ID, points[b.source].ID))
	})
	return nodes
}

// leftOut says why each point that the rule did not take was left out.
func leftOut(points []Point, taken []node, ruleName string) []Excluded {
	used := map[int]bool{}
	for _, n := range taken {
		used[n.source] = true
	}
	out := []Excluded{}
	for i, p := range points {
		if used[i] {
			continue
		}
		reason := "not the lowest error of its compute bin"
		if ruleName == "pareto" {
			reason = "dominated by " + dominator(points, p)
		}
		out = append(out, Excluded{ID: p.ID, Reason: reason})
	}
	return out
}

// dominator names a point with no more compute and no more error, the cheapest of them.
func dominator(points []Point, p Point) string {
	best := -1
	for i, q := range points {
		dominates := q.C <= p.C && q.E <= p.E && (q.C < p.C || q.E < p.E)
		if dominates && (best < 0 || q.E < points[best].E || q.E == points[best].E && q.C < points[best].C) {
			best = i
		}
	}
	if best < 0 {
		return "another point"
	}
	return fmt.Sprintf("%s (C = %.4g, E = %.4g)", points[best].ID, points[best].C, points[best].E)
}
