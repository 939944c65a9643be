package fit

import (
	"fmt"
	"math"
)

// floors name the coefficient that a law's error does not fall below.
var floors = map[string]string{"power-floor": "eps", "shifted": "d", "chinchilla": "E", "data-limited": "E"}

// outOfReach says why no compute is expected to reach e; nil when one is.
func (r Record) outOfReach(e float64, bands []Prediction) *Note {
	value := bandCurves[0].of
	if fallsTo(bands, value, e) >= 1 {
		return nil
	}
	first, last := bands[0], bands[len(bands)-1]
	for _, c := range r.Result.Coefficients {
		if c.Name == floors[r.Result.Law] && e <= c.Value {
			return &Note{"below_floor", fmt.Sprintf("the law never reaches E = %.4g: its floor %s is %.4g [%.4g, %.4g]", e, c.Name, c.Value, c.Interval[0], c.Interval[1])}
		}
	}
	switch {
	case value(last) >= value(first):
		return &Note{"never_falls", "the law's error does not fall with compute"}
	case value(first) <= e:
		return &Note{"reached_before", fmt.Sprintf("the law is at E = %.4g or below from C = %.3g on, a thousandth of the smallest fitted compute: that says nothing", e, first.C)}
	}
	return &Note{"too_far", fmt.Sprintf("the law is at E = %.4g at C = %.3g, 1e%g times the largest fitted compute, and E = %.4g lies beyond", value(last), last.C, targetAbove, e)}
}

// reachNotes are warnings about a target that is reached.
func (r Record) reachNotes(t Target) (notes []Note) {
	low, high := frontierSpan(r.Result.Frontier)
	if far := max(low-math.Log10(t.C), math.Log10(t.C)-high); far > 1 {
		notes = append(notes, Note{"extrapolation", fmt.Sprintf("C = %.3g lies a factor %.3g outside the fitted compute", t.C, pow10(far))})
	}
	if t.LawInterval[1] == nil {
		notes = append(notes, Note{"unbounded", fmt.Sprintf("the upper end of the law's interval does not come down to E = %.4g: the error may be out of reach", t.E)})
	}
	return notes
}
