package fit

import (
	"fmt"
	"math"
	"strings"
)

// describe names the surfaces, their weights, and R* where samples repeat.
func (e *envelope) describe(theta []float64) string {
	var forms []string
	e.parts(theta, func(_ int, s *surface, weight float64, own []float64) {
		form := "additive"
		if s.quadratic {
			form = "quadratic"
		}
		if s.repeats {
			form += fmt.Sprintf(" with R* = %.3g", math.Exp(own[s.dim()-1]))
		}
		forms = append(forms, fmt.Sprintf("%s %.0f %%", form, 100*weight))
	})
	return strings.Join(forms, ", ")
}

// offProduct is how far, in decades, C strays from a multiple of N D.
func (e *envelope) offProduct(nodes []node) float64 {
	var off float64
	for _, n := range nodes {
		off = max(off, math.Abs(n.x-(n.n+n.d)/math.Ln10-e.surfaces[0].unit))
	}
	return off
}

// fewestOfEnvelope is the least number of runs for which its criterion exists.
const fewestOfEnvelope = 7

// undetermined says why a law's fit found nothing.
func (e *estimate) undetermined() *Note {
	if _, ok := e.law.(*envelope); ok {
		return &Note{"no_valley", "no surface through these points has a best model size: run several sizes at about the same compute, some too small and some too large, or fit all runs as a power law in C with the rule all"}
	}
	return &Note{"singular", "the points on the frontier determine no law"}
}
