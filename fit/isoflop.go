package fit

import (
	"fmt"
	"math"
	"slices"
)

// sameCompute is how far, in decades, the runs of one isoFLOP profile may lie apart.
const sameCompute = 0.1

// profile is the runs of one compute with the parabola of their errors in ln N.
type profile struct {
	nodes  []node
	bottom node       // of the parabola: mean log10 C, log10 E, ln N, ln D
	reason string     // why there is none
	curve  [3]float64 // E in powers of ln N less the centre
	centre float64
}

// profiles groups sorted nodes by compute and fits each group's parabola (approach 2 of
// Hoffmann et al. 2022).
func profiles(nodes []node) []profile {
	var all []profile
	for i := 0; i < len(nodes); {
		j := i
		for j < len(nodes) && nodes[j].x-nodes[i].x <= sameCompute {
			j++
		}
		all = append(all, newProfile(nodes[i:j]))
		i = j
	}
	return all
}

// newProfile fits E = p0 + p1 z + p2 z^2, z = ln N less its mean, by least squares: E on z, and
// its residuals on what z leaves of z squared.
func newProfile(nodes []node) profile {
	p := profile{nodes: nodes}
	var weight, zm, xm float64
	for _, n := range nodes {
		weight, zm, xm = weight+n.weight, zm+n.weight*n.n, xm+n.weight*n.x
	}
	if weight == 0 || sizes(nodes) < 3 {
		p.reason = "its compute has fewer than 3 model sizes: no parabola"
		return p
	}
	zm, xm = zm/weight, xm/weight
	first, second := make([]node, len(nodes)), make([]node, len(nodes))
	for i, n := range nodes {
		z := n.n - zm
		first[i] = node{x: z, y: pow10(n.y), weight: n.weight}
		second[i] = node{x: z, y: z * z, weight: n.weight}
	}
	b, a, _ := leastSquares(first)
	d, c, _ := leastSquares(second)
	var sqq, sqy float64
	for i := range nodes {
		q, y := second[i].y-c-d*second[i].x, first[i].y-a-b*first[i].x
		sqq, sqy = sqq+nodes[i].weight*q*q, sqy+nodes[i].weight*q*y
	}
	p2 := sqy / sqq
	p0, p1 := a-p2*c, b-p2*d
	p.curve, p.centre = [3]float64{p0, p1, p2}, zm
	p.settle(p0, p1, p2, zm, xm)
	return p
}

// settle finds the bottom of the parabola, or says why it has none.
func (p *profile) settle(p0, p1, p2, zm, xm float64) {
	z := -p1 / (2 * p2)
	low, high := math.Inf(1), math.Inf(-1)
	var split []float64
	for _, n := range p.nodes {
		if n.weight > 0 {
			low, high = min(low, n.n-zm), max(high, n.n-zm)
			split = append(split, n.x*math.Ln10-n.n-n.d)
		}
	}
	e := p0 + p1*z/2
	switch {
	case !(p2 > 0):
		p.reason = "the parabola of its compute is upside down: no best model size"
	case z < low || z > high:
		p.reason = "the best model size of its compute lies outside the sizes that were run"
	case !(e > 0):
		p.reason = "the parabola of its compute falls below an error of 0"
	}
	slices.Sort(split)
	p.bottom = node{x: xm, y: math.Log10(e), n: z + zm, weight: 1, source: p.nodes[lowestOf(p.nodes)].source}
	p.bottom.d = xm*math.Ln10 - split[len(split)/2] - p.bottom.n
}

// sizes counts the distinct N of nodes that exist.
func sizes(nodes []node) int {
	seen := map[float64]bool{}
	for _, n := range nodes {
		if n.weight > 0 {
			seen[n.n] = true
		}
	}
	return len(seen)
}

// parabolaRule takes the bottom of each compute's parabola.
func parabolaRule(points []node, _ Options, into []node) []node {
	for _, p := range profiles(points) {
		if p.reason == "" {
			into = append(into, p.bottom)
		}
	}
	return into
}

// onParabolas marks every run of a sound parabola as used.
func onParabolas(_ []Point, nodes []node, used []bool, reason []string) {
	for _, p := range profiles(nodes) {
		for _, n := range p.nodes {
			used[n.source], reason[n.source] = p.reason == "", p.reason
		}
	}
}

// isoflop is three power laws through the bottoms of the parabolas: N = G C^a, D = H C^b and
// E = beta C^alpha. theta is (a, log10 G, b, log10 H, alpha, log10 beta).
type isoflop struct{}

func newIsoflop([]node, Options) law { return isoflop{} }

func (isoflop) names() []string { return []string{"a", "G", "b", "H", "alpha", "beta"} }

func (isoflop) fit(nodes []node, _ []float64, s *scratch) (solution, bool) {
	ok := len(nodes) >= 2
	moved := slices.Clone(nodes)
	for i, of := range []func(n node) float64{
		func(n node) float64 { return n.n / math.Ln10 }, func(n node) float64 { return n.d / math.Ln10 }, func(n node) float64 { return n.y },
	} {
		for k, n := range nodes {
			moved[k].y = of(n)
		}
		var determined bool
		s.theta[2*i], s.theta[2*i+1], determined = leastSquares(moved)
		ok = ok && determined
	}
	found := solution{theta: s.theta[:6], starts: 1, agree: 1, converged: true}
	for _, n := range nodes {
		found.objective += n.weight * square(n.y-isoflop{}.at(found.theta, n))
	}
	return found, ok
}

func (isoflop) coefficients(theta []float64) []float64 {
	return []float64{theta[0], pow10(theta[1]), theta[2], pow10(theta[3]), theta[4], pow10(theta[5])}
}

func (isoflop) formula(c []float64) string {
	return fmt.Sprintf("N = %.4g C^%.4f, D = %.4g C^%.4f, E = %.4g C^%.4f", c[1], c[0], c[3], c[2], c[5], c[4])
}

func (isoflop) at(theta []float64, n node) float64 { return theta[5] + theta[4]*n.x }

func (isoflop) atCompute(theta []float64, c float64) optimum {
	x := math.Log10(c)
	return optimum{y: theta[5] + theta[4]*x, n: pow10(theta[1] + theta[0]*x), d: pow10(theta[3] + theta[2]*x)}
}
