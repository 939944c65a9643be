package fit

import (
	"slices"
	"strings"
)

// Sensitivity is what another rule, or another number of bins, makes of the same points.
type Sensitivity struct {
	Rule         string             `json:"rule"`
	Bins         int                `json:"bins,omitempty"` // of binned-minima
	NUsed        int                `json:"n_used"`
	Coefficients map[string]float64 `json:"coefficients,omitempty"`
	Reason       *Note              `json:"reason,omitempty"` // refused
}

// Numbers of bins that a sensitivity table has.
const fewestBins, mostBins = 3, 10

// sensitivity fits e's law by every rule that suits it, and binned-minima with 3 to 10 bins;
// nil for laws that take one rule only.
func (e *estimate) sensitivity() []Sensitivity {
	info, _ := infoOf(e.o.Law)
	if len(info.rules) < 2 {
		return nil
	}
	var table []Sensitivity
	for _, name := range info.rules {
		if name == "envelope" && (e.o.On != "log" || !haveSizes(e.points)) {
			continue
		}
		if name != "binned-minima" {
			table = append(table, e.under(name, 0))
			continue
		}
		for bins := fewestBins; bins <= mostBins; bins++ {
			table = append(table, e.under(name, bins))
		}
	}
	return table
}

func (e *estimate) under(rule string, bins int) Sensitivity {
	o := e.o
	o.Rule, o.Bins = rule, bins
	other := *e
	other.o, other.taken = o, rules[rule](e.nodes, o, nil)
	other = *other.as(o.Law)
	s := Sensitivity{Rule: rule, Bins: bins, NUsed: len(other.taken)}
	if s.Reason = other.fit(); s.Reason != nil {
		return s
	}
	s.Coefficients = map[string]float64{}
	for i, v := range other.law.coefficients(other.theta) {
		s.Coefficients[other.law.names()[i]] = v
	}
	return s
}

// Sensitivities is the table by itself, without intervals: quick where Fit with its checks takes
// long. The error wraps ErrInput.
func Sensitivities(points []Point, o Options) ([]Sensitivity, error) {
	o = o.For(points)
	if err := o.check(); err != nil {
		return nil, err
	}
	if err := checkPoints(points, o); err != nil {
		return nil, err
	}
	points = slices.Clone(points)
	slices.SortFunc(points, func(a, b Point) int { return strings.Compare(a.ID, b.ID) })
	e := newEstimate(points, o)
	if len(e.nodes) == 0 {
		return nil, nil
	}
	return e.sensitivity(), nil
}
