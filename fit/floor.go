package fit

import (
	"fmt"
	"math"
)

func lnC(n *node) float64 { return n.x * math.Ln10 }

// lossOn is least squares of ln E or of E.
func lossOn(o Options) loss {
	if o.On == "error" {
		return errorSquares
	}
	return logSquares
}

// newPower is E = beta C^alpha: least squares of log10 E on log10 C in closed form, or
// non-linear least squares of E.
func newPower(_ []node, o Options) law {
	if o.On != "error" {
		return power{}
	}
	return &sumLaw{
		coefficientNames: power{}.names(), logs: []bool{false, true},
		terms: []term{{offset: 1, slope: 0, shape: none, g: lnC}},
		loss:  errorSquares, lower: []float64{-10, -700}, upper: []float64{10, 700},
		starts: func(nodes []node) []vector { return []vector{lineThrough(nodes, 0, math.Inf(-1))} },
		write:  power{}.formula,
	}
}

// newFloor is E = eps + beta C^alpha, its theta (alpha, ln beta, ln eps). It starts from lines
// through E - eps, for floors from 1 to 99 % of the lowest error.
func newFloor(nodes []node, o Options) law {
	low := lowest(nodes)
	return &sumLaw{
		coefficientNames: []string{"alpha", "beta", "eps"}, logs: []bool{false, true, true},
		terms: []term{{offset: 1, slope: 0, shape: none, g: lnC}, {offset: 2, slope: none, shape: none}},
		loss:  lossOn(o), lower: []float64{-10, -700, math.Log(low) - 20}, upper: []float64{10, 700, math.Log(low) + 1},
		starts: func(nodes []node) []vector {
			var starts []vector
			for _, share := range floorShares {
				start := lineThrough(nodes, share*lowest(nodes), math.Inf(-1))
				start[2] = math.Log(share * lowest(nodes))
				starts = append(starts, start)
			}
			return starts
		},
		write: func(c []float64) string { return fmt.Sprintf("E = %.4g + %.4g C^%.4f", c[2], c[1], c[0]) },
	}
}

// floorShares are the floors to start from, as shares of the lowest error.
var floorShares = []float64{0.01, 0.1, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 0.99}

// newShifted is E = a (C + e^b)^c + d, its theta (ln a, b, c, ln d).
func newShifted(nodes []node, o Options) law {
	low, first, last := lowest(nodes), lnC(&nodes[0]), lnC(&nodes[len(nodes)-1])
	return &sumLaw{
		coefficientNames: []string{"a", "b", "c", "d"}, logs: []bool{true, false, false, true},
		terms: []term{{offset: 0, slope: 2, shape: 1, bend: shiftedCompute}, {offset: 3, slope: none, shape: none}},
		loss:  lossOn(o), lower: []float64{-700, first - 25, -10, math.Log(low) - 20}, upper: []float64{700, last + 5, 10, math.Log(low) + 1},
		starts: func(nodes []node) []vector {
			var starts []vector
			for _, share := range floorShares {
				for _, shift := range []float64{-6, -3, -1, 0, 1, 2, 4} {
					floor, b := share*lowest(nodes), lnC(&nodes[0])+shift
					line := lineThrough(nodes, floor, b)
					starts = append(starts, vector{line[1], b, line[0], math.Log(floor)})
				}
			}
			return starts
		},
		write: func(c []float64) string {
			return fmt.Sprintf("E = %.4g (C + e^%.4f)^%.4f + %.4g", c[0], c[1], c[2], c[3])
		},
	}
}

// shiftedCompute is ln(C + e^b) with its derivatives in b.
func shiftedCompute(n *node, b float64) (g, g1, g2 float64) {
	x := lnC(n)
	top := max(x, b)
	g = top + math.Log1p(math.Exp(min(x, b)-top))
	share := math.Exp(b - g)
	return g, share, share * (1 - share)
}

// lineThrough is (slope, intercept) of the least squares of ln(E - floor) on ln(C + e^b); for a
// frontier without a slope a flat line.
func lineThrough(nodes []node, floor, b float64) vector {
	moved := make([]node, len(nodes))
	for i := range nodes {
		e := pow10(nodes[i].y)
		moved[i] = node{y: math.Log(max(e-floor, 1e-3*e)), weight: nodes[i].weight}
		moved[i].x, _, _ = shiftedCompute(&nodes[i], b)
	}
	slope, intercept, ok := leastSquares(moved)
	if !ok {
		return vector{0, moved[0].y}
	}
	return vector{slope, intercept}
}

// lowest is the lowest error of the nodes.
func lowest(nodes []node) float64 {
	low := math.Inf(1)
	for _, n := range nodes {
		low = min(low, n.y)
	}
	return pow10(low)
}
