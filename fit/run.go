package fit

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
)

// halfDecade is the least span of log10 C that a slope is fitted over.
const halfDecade = 0.5

// Fit fits the law to the points that the rule takes. A law that the points do not support is
// a Result with Status refused and a reason. Points or options that make no sense, and a
// cancelled ctx, are errors; the former wrap ErrInput. points is not changed.
func Fit(ctx context.Context, points []Point, o Options) (Result, error) {
	o = o.For(points)
	if err := o.check(); err != nil {
		return Result{}, err
	}
	if err := checkPoints(points, o); err != nil {
		return Result{}, err
	}
	points = slices.Clone(points)
	slices.SortFunc(points, func(a, b Point) int { return strings.Compare(a.ID, b.ID) })
	result, err := newResult(points, o)
	if err != nil {
		return Result{}, err
	}
	e := newEstimate(points, o)
	result.describe(e)
	if o.Choose {
		e, result.Choice = e.choose()
		result.Law = e.o.Law
	}
	if reason := e.fit(); reason != nil {
		return result.refused(e.heldToo(reason)), nil
	}
	return result.withIntervals(ctx, e)
}

// estimate is a law fitted to the points that a rule took.
type estimate struct {
	o      Options
	points []Point // by id, without those held out
	held   []Point
	nodes  []node // of the points, by compute
	taken  []node // what the rule took
	law    law
	solution
}

func newEstimate(points []Point, o Options) *estimate {
	e := &estimate{o: o}
	e.points, e.held = holdOut(points, o.HoldoutAbove)
	e.nodes = sorted(e.points)
	if len(e.nodes) == 0 {
		return e
	}
	e.taken = rules[o.Rule](e.nodes, o, nil)
	return e.as(o.Law)
}

// fit finds the law of the taken nodes, or says why there is none.
func (e *estimate) fit() *Note {
	if reason := e.refuse(); reason != nil {
		return reason
	}
	if e.theta == nil {
		var ok bool
		if e.solution, ok = e.law.fit(e.taken, nil, &scratch{}); !ok {
			return e.undetermined()
		}
		e.theta = slices.Clone(e.theta)
	}
	return e.doubt()
}

// spread are residuals for new runs: those of the taken nodes, inflated.
func (e *estimate) spread() []float64 {
	return inflate(residuals(e.law, e.theta, e.taken), e.parameters())
}

func newResult(points []Point, o Options) (Result, error) {
	sum, err := hashInputs(points, o)
	return Result{
		Law: o.Law, Rule: o.Rule, Group: o.Group, Convention: o.Convention, NPoints: len(points),
		Coefficients: []Coefficient{}, Warnings: []Note{}, Predictions: []Prediction{}, Used: []string{}, Frontier: []Point{}, Excluded: []Excluded{},
		Level: o.Level, Seed: o.Seed, Bootstrap: o.Bootstrap, InputsSHA256: sum, Version: o.Version,
	}, err
}

// describe lists what the rule took and left out. The frontier has the nodes as fitted: those
// of binned-minima at the centres of their bins, those of isoflop at the bottoms of their
// parabolas.
func (r *Result) describe(e *estimate) {
	used, reason := membership(e.points, e.nodes, e.taken, e.o)
	for _, n := range e.nodes {
		if used[n.source] {
			r.Used = append(r.Used, e.points[n.source].ID)
		}
	}
	for i, p := range e.points {
		if !used[i] {
			r.Excluded = append(r.Excluded, Excluded{ID: p.ID, Reason: reason[i]})
		}
	}
	r.NUsed = len(r.Used)
	for _, p := range e.held {
		r.Excluded = append(r.Excluded, Excluded{ID: p.ID, Reason: fmt.Sprintf("held out: its compute is above %.4g", e.o.HoldoutAbove)})
	}
	for _, n := range e.taken {
		r.Frontier = append(r.Frontier, e.frontierPoint(n))
	}
}

func (e *estimate) frontierPoint(n node) Point {
	p := e.points[n.source]
	switch e.o.Rule {
	case "binned-minima":
		p.C = pow10(n.x)
	case "parabola":
		p = Point{ID: "best size near " + p.ID, C: pow10(n.x), E: pow10(n.y), N: math.Exp(n.n), D: math.Exp(n.d)}
	}
	return p
}

func (r Result) refused(reason *Note) Result {
	r.Status, r.Reason, r.Coefficients, r.Predictions = "refused", reason, []Coefficient{}, []Prediction{}
	return r
}
