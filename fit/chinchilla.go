package fit

import (
	"fmt"
	"math"
	"slices"
)

// huberDelta is that of Hoffmann et al. 2022 (appendix D.3), in ln L.
const huberDelta = 1e-3

// newChinchilla is approach 3 of Hoffmann et al. 2022: L = E + A/N^alpha + B/D^beta by Huber's
// loss on ln L, summed over the points, from 4,500 starts. theta is (ln A, ln B, ln E, alpha,
// beta), without ln E where Options.NoFloor says that the law has none.
func newChinchilla(nodes []node, o Options) law {
	l := &sumLaw{
		coefficientNames: []string{"A", "B", "E", "alpha", "beta"}, logs: []bool{true, true, true, false, false},
		terms: []term{
			{offset: 0, slope: 3, shape: none, g: func(n *node) float64 { return -n.n }},
			{offset: 1, slope: 4, shape: none, g: func(n *node) float64 { return -n.d }},
			{offset: 2, slope: none, shape: none},
		},
		loss: huber(huberDelta), lower: []float64{-50, -50, -50, minExponent, minExponent}, upper: []float64{200, 200, 50, 10, 10},
		starts: func([]node) []vector { return hoffmannStarts() },
		write: func(c []float64) string {
			return fmt.Sprintf("L = %.4f + %.4g / N^%.4f + %.4g / D^%.4f", c[2], c[0], c[3], c[1], c[4])
		},
		best: bestSplit(nodes, 2, 3),
	}
	if o.NoFloor {
		l.dropFloor(nodes)
	}
	return l
}

// dropFloor leaves E, the third parameter and the third term, out of a law of N and D.
func (l *sumLaw) dropFloor(nodes []node) {
	l.coefficientNames, l.logs = slices.Delete(l.coefficientNames, 2, 3), slices.Delete(l.logs, 2, 3)
	l.lower, l.upper = slices.Delete(l.lower, 2, 3), slices.Delete(l.upper, 2, 3)
	l.terms = l.terms[:2]
	for i := range l.terms {
		l.terms[i].slope--
		if l.terms[i].shape != none {
			l.terms[i].shape--
		}
	}
	starts, write := l.starts, l.write
	l.starts = func(nodes []node) []vector {
		all := starts(nodes)
		for i, v := range all {
			copy(all[i][2:], v[3:])
		}
		return slices.CompactFunc(all, func(a, b vector) bool { return a == b })
	}
	l.write = func(c []float64) string { return write(slices.Insert(slices.Clone(c), 2, 0)) }
	l.best = bestSplit(nodes, none, 2)
}

// hoffmannStarts is the grid of appendix D.3 of Hoffmann et al. 2022.
func hoffmannStarts() []vector {
	return grid(tens(0, 5, 6), tens(0, 5, 6), tens(-1, 0.5, 5), tens(0, 0.5, 5), tens(0, 0.5, 5))
}

// minExponent keeps the optimal split of a compute finite.
const minExponent = 1e-3

// newDataLimited is chinchilla with D replaced by the effective samples of Muennighoff et al.
// 2023 (eq. 5): U + U R (1 - exp(-(D/U - 1)/R)), for U unique pairs and D samples seen. theta
// ends with ln R.
func newDataLimited(nodes []node, o Options) law {
	floored := o
	floored.NoFloor = false
	l := newChinchilla(nodes, floored).(*sumLaw)
	l.coefficientNames, l.logs = append(l.coefficientNames, "R"), append(l.logs, true)
	l.terms[1] = term{offset: 1, slope: 4, shape: 5, bend: effectiveSamples}
	l.lower, l.upper = append(l.lower, math.Log(minRepeats)), append(l.upper, math.Log(maxRepeats))
	l.starts = func([]node) []vector {
		return grid(tens(0, 5, 6), tens(0, 5, 6), []float64{-1, 0}, tens(0.1, 0.4, 3), tens(0.1, 0.4, 3), []float64{0, 1.5, 3})
	}
	l.write = func(c []float64) string {
		return fmt.Sprintf("L = %.4f + %.4g / N^%.4f + %.4g / D'^%.4f, D' = U + U R (1 - exp(-(D/U - 1)/R)), R = %.4g", c[2], c[0], c[3], c[1], c[4], c[5])
	}
	if o.NoFloor {
		l.dropFloor(nodes)
	}
	return l
}

// Bounds of R: a hundredth of an epoch, ten thousand epochs.
const minRepeats, maxRepeats = 0.01, 1e4

// effectiveSamples is -ln D' with its derivatives in ln R. Data seen less than once is all
// effective.
func effectiveSamples(n *node, lnR float64) (g, g1, g2 float64) {
	repeats := math.Exp(n.d-n.u) - 1
	if repeats <= 0 {
		return -n.d, 0, 0
	}
	r := math.Exp(lnR)
	left := math.Exp(-repeats / r)
	f := 1 - r*math.Expm1(-repeats/r)
	h1 := (1 - left) - repeats/r*left
	h2 := -repeats * repeats / (r * r * r) * left
	return -n.u - math.Log(f), -r * h1 / f, -r * ((h1+r*h2)/f - r*h1*h1/(f*f))
}

// bestSplit gives the lowest loss of a law of N and D at a compute C = k N D (eq. 4 of Hoffmann
// et al.), with k the median of C/(N D) over the nodes. floor is where theta has ln E, or none;
// alpha is where it has alpha and, after it, beta.
func bestSplit(nodes []node, floor, alpha int) func([]float64, float64) optimum {
	var ratios []float64
	for _, n := range nodes {
		ratios = append(ratios, lnC(&n)-n.n-n.d)
	}
	slices.Sort(ratios)
	k := ratios[len(ratios)/2]
	return func(theta []float64, c float64) optimum {
		a, b, alpha, beta, e := theta[0], theta[1], theta[alpha], theta[alpha+1], math.Inf(-1)
		if floor != none {
			e = theta[floor]
		}
		nd := math.Log(c) - k
		n := (math.Log(alpha/beta) + a - b + beta*nd) / (alpha + beta)
		d := nd - n
		return optimum{y: logSum([]float64{a - alpha*n, b - beta*d, e}) / math.Ln10, n: math.Exp(n), d: math.Exp(d)}
	}
}

// tens is n values from first in steps.
func tens(first, step float64, n int) []float64 {
	v := make([]float64, n)
	for i := range v {
		v[i] = first + float64(i)*step
	}
	return v
}

// grid is every combination of the axes, the last one running fastest.
func grid(axes ...[]float64) []vector {
	all := []vector{{}}
	for i, axis := range axes {
		var next []vector
		for _, v := range all {
			for _, x := range axis {
				v[i] = x
				next = append(next, v)
			}
		}
		all = next
	}
	return all
}
