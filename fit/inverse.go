package fit

import (
	"context"
	"fmt"
	"math"
)

// Target is what it takes, by a law, to come down to an error. The intervals are those of C: an
// end is nil where it lies further away than was looked.
type Target struct {
	E           float64     `json:"error"`
	Status      string      `json:"status"` // ok or refused
	Reason      *Note       `json:"reason,omitempty"`
	C           float64     `json:"c,omitempty"`
	LawInterval [2]*float64 `json:"law_interval"`
	RunInterval [2]*float64 `json:"run_interval"` // within which a new run gets there
	Warnings    []Note      `json:"warnings"`
}

// How far a target is looked for, in decades: below the smallest and above the largest compute
// that the law was fitted to.
const targetBelow, targetAbove = 3.0, 8.0

// Reach turns the law round: the compute at which it, its interval and the interval of a new run
// come down to each error. The intervals are those of Predict, read the other way. A record whose
// result is a refusal has no targets.
func (r Record) Reach(ctx context.Context, errors []float64) ([]Target, error) {
	for _, e := range errors {
		if !(e > 0) || e >= 1 && r.Options.YIs != "loss" {
			return nil, fmt.Errorf("%w: error %g: it is a fraction between 0 and 1", ErrInput, e)
		}
	}
	if r.Result.Status != "ok" {
		return nil, nil
	}
	low, high := frontierSpan(r.Result.Frontier)
	bands, err := r.bands(ctx, spread(low-targetBelow, high+targetAbove, 221))
	if err != nil {
		return nil, err
	}
	var targets []Target
	for _, e := range errors {
		t, err := r.reach(ctx, e, bands)
		if err != nil {
			return nil, err
		}
		targets = append(targets, t)
	}
	return targets, nil
}

// frontierSpan is the range of log10 C that a law was fitted to.
func frontierSpan(frontier []Point) (low, high float64) {
	low, high = math.Inf(1), math.Inf(-1)
	for _, p := range frontier {
		low, high = min(low, math.Log10(p.C)), max(high, math.Log10(p.C))
	}
	return low, high
}

// bands are predictions by rising compute.
func (r Record) bands(ctx context.Context, compute []float64) ([]Prediction, error) {
	result, err := r.Predict(ctx, compute)
	if err == nil && result.Status != "ok" { // it was fitted by another version of the program
		err = fmt.Errorf("%w: this version refuses fit %s: %s [%s]", ErrInput, r.ID, result.Reason.Text, result.Reason.Code)
	}
	return result.Predictions, err
}

// The five curves of a prediction, and where each goes in a Target.
var bandCurves = []struct {
	of   func(p Prediction) float64
	into func(t *Target, c float64)
}{
	{func(p Prediction) float64 { return p.Value }, func(t *Target, c float64) { t.C = c }},
	{func(p Prediction) float64 { return p.LawInterval[0] }, func(t *Target, c float64) { t.LawInterval[0] = &c }},
	{func(p Prediction) float64 { return p.LawInterval[1] }, func(t *Target, c float64) { t.LawInterval[1] = &c }},
	{func(p Prediction) float64 { return p.RunInterval[0] }, func(t *Target, c float64) { t.RunInterval[0] = &c }},
	{func(p Prediction) float64 { return p.RunInterval[1] }, func(t *Target, c float64) { t.RunInterval[1] = &c }},
}

// reach finds where each curve comes down to e, first roughly, then finely between two
// neighbours of the rough grid.
func (r Record) reach(ctx context.Context, e float64, bands []Prediction) (Target, error) {
	t := Target{E: e, Status: "ok", Warnings: []Note{}}
	if t.Reason = r.outOfReach(e, bands); t.Reason != nil {
		t.Status = "refused"
		return t, nil
	}
	const steps = 21
	var compute []float64
	var falling []int // curves that come down to e
	for k, curve := range bandCurves {
		if i := fallsTo(bands, curve.of, e); i >= 1 {
			falling = append(falling, k)
			compute = append(compute, spread(math.Log10(bands[i-1].C), math.Log10(bands[i].C), steps)...)
		}
	}
	fine, err := r.bands(ctx, compute)
	if err != nil {
		return t, err
	}
	for place, k := range falling {
		part, curve := fine[place*steps:(place+1)*steps], bandCurves[k]
		if i := fallsTo(part, curve.of, e); i >= 1 {
			curve.into(&t, between(part[i-1], part[i], curve.of, e))
		} else {
			curve.into(&t, part[steps-1].C)
		}
	}
	t.Warnings = append(t.Warnings, r.reachNotes(t)...)
	return t, nil
}

// fallsTo is the first place at which a curve is at or below e after it was above; -1: never.
func fallsTo(bands []Prediction, of func(Prediction) float64, e float64) int {
	for i := 1; i < len(bands); i++ {
		if of(bands[i-1]) > e && of(bands[i]) <= e {
			return i
		}
	}
	return -1
}

// between is where a curve that is straight in logarithms passes e.
func between(a, b Prediction, of func(Prediction) float64, e float64) float64 {
	x, y := math.Log10(a.C), math.Log10(b.C)
	share := math.Log(of(a)/e) / math.Log(of(a)/of(b))
	return pow10(x + (y-x)*share)
}

// Split is the N, in the unit of the points', at which a record's law finds a compute best spent;
// 0 when the law is one of compute alone.
func (r Record) Split(c float64) (float64, error) {
	s, err := newSide(r.Side())
	if err != nil || s.fit() != nil {
		return 0, err
	}
	return s.law.atCompute(s.theta, c).n, nil
}

// Best are the inputs that no other dominates (no more compute, no more error, one of them less),
// by rising compute, whatever the record's rule is.
func (r Record) Best() []Evidence {
	points := r.points()
	var best []Evidence
	for _, n := range paretoRule(sorted(points), r.Options, nil) {
		for _, in := range r.Inputs {
			if in.ID == points[n.source].ID {
				best = append(best, in)
			}
		}
	}
	return best
}
