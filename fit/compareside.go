package fit

import (
	"fmt"
	"slices"
	"strings"
)

// side is a Side on its way to a law.
type side struct {
	Side
	*estimate
	clusters []int // slot of each point in a pair's counts
}

func newSide(s Side) (*side, error) {
	o := s.Options.For(s.Points)
	o.Predict = nil
	if err := o.check(); err != nil {
		return nil, err
	}
	if err := checkPoints(s.Points, o); err != nil {
		return nil, err
	}
	points := slices.Clone(s.Points)
	slices.SortFunc(points, func(a, b Point) int { return strings.Compare(a.ID, b.ID) })
	e := newEstimate(points, o)
	if o.Choose {
		e, _ = e.choose()
	}
	return &side{Side: s, estimate: e}, nil
}

func (s *side) describe() CompareSide {
	return CompareSide{Name: s.Name, Metric: s.Metric, Law: s.o.Law, Rule: s.o.Rule, NPoints: len(s.points), NUsed: len(s.taken)}
}

func (s *side) formula() string { return s.law.formula(s.law.coefficients(s.theta)) }

// Side is the record as one of two laws to compare.
func (r Record) Side() Side {
	s := Side{Name: r.ID[:min(12, len(r.ID))], Metric: r.Metric, Points: r.points(), Options: r.Options, Basis: []string{}}
	for _, in := range r.Inputs {
		if in.E > 0 {
			s.Basis = append(s.Basis, fmt.Sprintf("revision %s by %s", in.Revision, in.Evaluator))
		}
	}
	slices.Sort(s.Basis)
	s.Basis = slices.Compact(s.Basis)
	return s
}
