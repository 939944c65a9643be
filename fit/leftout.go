package fit

import "fmt"

// membership says which points a rule took, by index, and why it left out the others.
func membership(points []Point, nodes, taken []node, o Options) (used []bool, reason []string) {
	used, reason = make([]bool, len(points)), make([]string, len(points))
	for _, n := range taken {
		used[n.source] = true
	}
	switch o.Rule {
	case "pareto":
		dominated(points, nodes, reason)
	case "binned-minima":
		beaten(points, nodes, seedBins(nodes, o), reason)
	case "pareto-bin":
		dominated(points, nodes, reason)
		beaten(points, nodes, octaves(nodes, o), reason)
	case "parabola":
		onParabolas(points, nodes, used, reason)
	}
	return used, reason
}

// dominated names for each node the point with the lowest error at no more compute.
func dominated(points []Point, nodes []node, reason []string) {
	best := 0
	for i := 0; i < len(nodes); {
		j := i
		for ; j < len(nodes) && nodes[j].x == nodes[i].x; j++ {
			if nodes[j].y < nodes[best].y {
				best = j
			}
		}
		for ; i < j; i++ {
			if by := points[nodes[best].source]; nodes[best].source != nodes[i].source {
				reason[nodes[i].source] = fmt.Sprintf("dominated by %s (C = %.4g, E = %.4g)", by.ID, by.C, by.E)
			}
		}
	}
}

// beaten names for each node that is not the lowest of its bin the one that is.
func beaten(points []Point, nodes []node, b bins, reason []string) {
	b.each(nodes, func(bin int, nodes []node) {
		best := points[nodes[lowestOf(nodes)].source]
		for _, n := range nodes {
			if points[n.source].ID != best.ID {
				reason[n.source] = fmt.Sprintf("not the lowest error of its compute bin [%.4g, %.4g): %s has %.4g", pow10(b.edge(bin)), pow10(b.edge(bin+1)), best.ID, best.E)
			}
		}
	})
}
