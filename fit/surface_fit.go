package fit

import "math"

// fit is of this one surface.
func (s *surface) fit(nodes []node, from []float64, scratch *scratch) (solution, bool) {
	starts := [][]float64{from}
	if from == nil {
		starts = s.starts(nodes)
	}
	found := solution{theta: scratch.theta[:s.dim()]}
	ok := s.descend(nodes, starts, &found)
	return found, ok
}

// descend fits the surface from each start and leaves the best theta in found, which has room.
func (s *surface) descend(nodes []node, starts [][]float64, found *solution) (ok bool) {
	l := levenberg{s: s, nodes: nodes}
	found.objective, found.starts = math.Inf(1), len(starts)
	var theta [surfaceDim]float64
	sums := make([]float64, 0, 32)
	for i, start := range starts {
		own := theta[:copy(theta[:], start)]
		sum, determined := l.descend(own)
		if !determined {
			continue
		}
		sums = append(sums, sum)
		if sum < found.objective {
			found.objective, found.best, ok = sum, i, true
			copy(found.theta, own)
		}
	}
	for _, sum := range sums {
		if sum <= 1.001*found.objective+1e-18 {
			found.agree++
		}
	}
	found.converged = ok
	return ok
}

// starts are valleys through the middle of the nodes, of three slopes to either side.
func (s *surface) starts(nodes []node) [][]float64 {
	var level, weight float64
	for _, n := range nodes {
		level, weight = level+n.weight*n.y, weight+n.weight
	}
	level /= weight
	var starts [][]float64
	for _, a := range []float64{0.15, 0.3, 0.8} {
		for _, b := range []float64{0.15, 0.3, 0.8} {
			start := []float64{level, 0, math.Log(a), math.Log(b)}
			if s.quadratic {
				start = []float64{level, 0, math.Log(a * b), -0.15, b/2 + 0.2}
			}
			if s.repeats {
				start = append(start, math.Log(15))
			}
			starts = append(starts, start)
		}
	}
	return starts
}
