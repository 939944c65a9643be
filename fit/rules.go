package fit

import (
	"cmp"
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

var rules = map[string]rule{
	"pareto": paretoRule, "binned-minima": binnedMinimaRule, "pareto-bin": paretoBinRule, "all": allRule, "envelope": allRule, "parabola": parabolaRule,
}

// Rules lists the rules that pick a frontier of compute and error.
func Rules() []string { return slices.Clone(computeRules) }

// allRule takes every point.
func allRule(points []node, _ Options, into []node) []node {
	for i := range points {
		if points[i].weight > 0 {
			into = append(into, points[i])
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
