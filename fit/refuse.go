package fit

import (
	"fmt"
	"math"
	"strings"

	"gonum.org/v1/gonum/stat/distuv"
)

// refuse says why no law may be fitted to the taken nodes, sorted by compute; nil when one may.
func (e *estimate) refuse() *Note {
	nodes := e.taken
	if distinct(e.nodes) > 2 && constant(e.nodes, func(n node) float64 { return n.y }) {
		return unvaried("E") // of which a frontier is one point
	}
	if n := distinct(nodes); n < 3 {
		return &Note{"too_few_points", fmt.Sprintf("the frontier has %d distinct amounts of compute; a line with an interval needs 3", n)}
	}
	if span := nodes[len(nodes)-1].x - nodes[0].x; span < halfDecade {
		return &Note{"narrow_range", fmt.Sprintf("the frontier spans a factor of %.3g in compute; a slope needs half a decade (3.16)", pow10(span))}
	}
	if l, ok := e.law.(*sumLaw); ok && len(nodes) <= l.dim() {
		return &Note{"too_few_points", fmt.Sprintf("%d points cannot determine %d coefficients and their scatter", len(nodes), l.dim())}
	}
	if _, ok := e.law.(*envelope); ok && clusterCount(e.points) < fewestOfEnvelope {
		return &Note{"too_few_points", fmt.Sprintf("%d runs cannot determine a surface of 4 numbers and its scatter; the rule envelope needs %d", clusterCount(e.points), fewestOfEnvelope)}
	}
	info, _ := infoOf(e.o.Law)
	for _, c := range []struct {
		name string
		of   func(n node) float64
	}{{"E", func(n node) float64 { return n.y }}, {"N", func(n node) float64 { return n.n }}, {"D", func(n node) float64 { return n.d }}} {
		if (c.name == "E" || strings.Contains(info.columns, c.name)) && constant(nodes, c.of) {
			return unvaried(c.name)
		}
	}
	if strings.Contains(info.columns, "U") && !repeated(nodes) {
		return &Note{"not_identifiable", "no run sees its data more than once, so that the worth of repetition (R) is not identifiable; fit the law chinchilla"}
	}
	return nil
}

func unvaried(column string) *Note {
	return &Note{"no_variation", fmt.Sprintf("every point that is fitted has the same %s: there is nothing to explain", column)}
}

func constant(nodes []node, of func(node) float64) bool {
	for _, n := range nodes {
		if of(n) != of(nodes[0]) {
			return false
		}
	}
	return true
}

// repeated reports whether some run sees more samples than it has unique ones.
func repeated(nodes []node) bool {
	for _, n := range nodes {
		if n.d > n.u {
			return true
		}
	}
	return false
}

// distinct counts the amounts of compute of sorted nodes.
func distinct(nodes []node) int {
	n := 0
	for i := range nodes {
		if i == 0 || nodes[i].x != nodes[i-1].x {
			n++
		}
	}
	return n
}

// doubt says why the fitted numbers mean nothing: the points leave some direction of the
// parameters open, the descent did not settle, or a simpler law does as well. nil: no doubt.
func (e *estimate) doubt() *Note {
	if several, ok := e.law.(*envelope); ok {
		return several.flat(e.theta, e.taken)
	}
	l, ok := e.law.(*sumLaw)
	if !ok {
		return nil
	}
	covariance, ok := l.covariance(e.theta, e.taken)
	if !ok {
		return &Note{"singular", "the Jacobian at the optimum is singular: some coefficients can be traded for others" + e.instead()}
	}
	if name, half := l.leastKnown(e, &covariance); half > math.Ln10 {
		instead := e.instead()
		if name == "E" {
			instead = "; fit it without E (no floor)"
		}
		if half > 100 {
			return &Note{"not_identifiable", fmt.Sprintf("%s is not determined by the points: the law is as good without it%s", name, instead)}
		}
		return &Note{"not_identifiable", fmt.Sprintf("%s could as well be %.3g times more or less (by the Jacobian, 95 %%): the points do not determine it%s", name, math.Exp(half), instead)}
	}
	if !e.converged {
		return &Note{"no_convergence", fmt.Sprintf("the best of %d starts did not settle at a minimum%s", e.starts, e.instead())}
	}
	return e.nested()
}

// instead names the law to fit where this one is refused.
func (e *estimate) instead() string {
	info, _ := infoOf(e.o.Law)
	if len(info.simpler) == 0 {
		return ""
	}
	return "; fit the law " + info.simpler[len(info.simpler)-1]
}

// nested refuses a law that explains the points no better than one with fewer coefficients, by
// the F test of the extra sum of squares at 5 %. Laws fitted by Huber's loss have no such test.
func (e *estimate) nested() *Note {
	info, _ := infoOf(e.o.Law)
	for _, name := range info.simpler {
		if e.law.(*sumLaw).loss.delta > 0 {
			return nil
		}
		simple := e.as(name)
		if simple.fit() != nil {
			continue
		}
		if p := extraSquares(simple, e); p >= 0.05 {
			return &Note{"not_identifiable", fmt.Sprintf("the points do not tell the law %s from %s (F test, p = %.2g): its further coefficients are not identifiable; fit the law %s", e.o.Law, name, p, name)}
		}
	}
	return nil
}

// as is the same points and nodes under another law.
func (e *estimate) as(name string) *estimate {
	other := *e
	other.o.Law, other.solution = name, solution{}
	if other.o.Rule == "envelope" {
		other.law = newEnvelope(e.nodes, clusterCount(e.points))
		return &other
	}
	info, _ := infoOf(name)
	other.law = info.build(e.nodes, other.o)
	return &other
}

// extraSquares is the p-value of the F test that the larger law explains no more.
func extraSquares(simple, large *estimate) float64 {
	n, p0, p1 := float64(len(large.taken)), float64(len(simple.theta)), float64(len(large.theta))
	if large.objective >= simple.objective || simple.objective <= tiny(len(large.taken)) {
		return 1
	}
	f := (simple.objective - large.objective) / (p1 - p0) / (large.objective / (n - p1))
	if math.IsInf(f, 1) {
		return 0
	}
	return distuv.F{D1: p1 - p0, D2: n - p1}.Survival(f)
}
