package fit

import (
	"fmt"
	"math"
)

// unsupported is by how much Akaike's criterion of one model lies above another's where it has
// essentially no support beside it (Burnham and Anderson 2002, section 2.6).
const unsupported = 10

// against compares an envelope's surfaces with a plain power law in C through the same nodes,
// which has no valley: by how much its criterion lies below that of the best surface with
// weight, and whether it also leaves clearly less unexplained, though it has fewer numbers.
func (e *envelope) against(theta []float64, nodes []node) (margin float64, closer bool) {
	plain, ok := power{}.fit(nodes, nil, &scratch{})
	if !ok {
		return math.Inf(-1), false
	}
	least, criterion := math.Inf(1), math.Inf(1)
	e.parts(theta, func(_ int, s *surface, _ float64, own []float64) {
		sum := sumSquares(residuals(s, own, nodes))
		least, criterion = min(least, sum), min(criterion, e.criterion(sum, nodes, s.dim()))
	})
	return criterion - e.criterion(plain.objective, nodes, len(plain.theta)), 1.001*plain.objective < least
}

// flat refuses surfaces whose valley is an artefact. A surface that no size bends ends at a bound
// of its shape and is out; what is left then bends although the runs do not. That is so where a
// plain power law in C explains them better with fewer numbers.
func (e *envelope) flat(theta []float64, nodes []node) *Note {
	margin, closer := e.against(theta, nodes)
	if !closer || margin <= unsupported {
		return nil
	}
	return &Note{"no_valley", fmt.Sprintf("these runs have no best model size: a plain power law in C explains them better than any surface with a valley (AICc lower by %.0f); fit it with the rule all", margin)}
}

// judgeValley warns where the runs do not show that there is a best model size.
func judgeValley(notes *remarks, e *estimate) {
	several, ok := e.law.(*envelope)
	if !ok {
		return
	}
	margin, _ := several.against(e.theta, e.taken)
	notes.note(margin > 0, "weak_valley", "a plain power law in C does as well as a surface with a valley (AICc lower by %.1f): the runs do not show a best model size; compare the rule all", margin)
	off := several.offProduct(e.taken)
	notes.note(off > 0.05, "not_product", "C is not in proportion to N D: it is off by up to a factor of %.3g, so that N, D and C do not belong together", pow10(off))
}
