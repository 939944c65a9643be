package fit

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
)

// Side is one of two laws that are compared. Points of both sides whose Cluster (or, where it
// is empty, ID) is the same are resampled together: they share seeds, data or the run itself.
type Side struct {
	Name    string   // a fit's id, or what the table was narrowed to
	Metric  string   // what gave the error; empty: not known
	Basis   []string // revisions and evaluators behind the errors; nil: not known
	Points  []Point
	Options Options
}

// CompareOptions is everything beside the sides that decides a Comparison.
type CompareOptions struct {
	Compute   []float64 `json:"compute,omitempty"` // error ratios at these; default: over the common range
	Errors    []float64 `json:"errors,omitempty"`  // compute ratios at these; default: over the common range
	Bootstrap int       `json:"bootstrap"`         // joint resamples
	Seed      uint64    `json:"seed"`
	Level     float64   `json:"level"`
	Version   string    `json:"version"`
}

const compareMethod = "expanded percentile intervals (Hesterberg 2015) of a joint bootstrap over clusters, both frontiers re-extracted in each resample; clusters that both sides have are drawn together"

// Compare fits both sides and says how they differ. Laws that cannot be compared are a
// Comparison with Status refused and a reason; input that makes no sense is an error that wraps
// ErrInput.
func Compare(ctx context.Context, a, b Side, o CompareOptions) (Comparison, error) {
	o = o.defaults()
	if err := o.check(); err != nil {
		return Comparison{}, err
	}
	p, err := newPair(a, b, o)
	if err != nil {
		return Comparison{}, err
	}
	c, err := p.comparison()
	if err != nil {
		return Comparison{}, err
	}
	if c.Reason = p.refusal(); c.Reason != nil {
		c.Status = "refused"
		return c, nil
	}
	c.A.Formula, c.B.Formula = p.a.formula(), p.b.formula()
	draws, err := p.resample(ctx)
	if err != nil {
		return Comparison{}, fmt.Errorf("joint bootstrap: %w", err)
	}
	return p.conclude(c, draws), nil
}

func (o CompareOptions) defaults() CompareOptions {
	if o.Bootstrap == 0 {
		o.Bootstrap = 4000
	}
	if o.Level == 0 {
		o.Level = 0.95
	}
	return o
}

func (o CompareOptions) check() error {
	if o.Bootstrap < 100 || o.Bootstrap > 1_000_000 {
		return fmt.Errorf("%w: bootstrap is %d; 100 to 1000000 resamples", ErrInput, o.Bootstrap)
	}
	if !(o.Level > 0.5 && o.Level < 1) {
		return fmt.Errorf("%w: level is %g; between 0.5 and 1, 0.95 is usual", ErrInput, o.Level)
	}
	for _, c := range o.Compute {
		if !(c > 0) || math.IsInf(c, 0) {
			return fmt.Errorf("%w: compare at compute %g: it must be positive and finite", ErrInput, c)
		}
	}
	for _, e := range o.Errors {
		if !(e > 0) || math.IsInf(e, 0) {
			return fmt.Errorf("%w: compare at error %g: it must be above 0", ErrInput, e)
		}
	}
	return nil
}

// comparison is what is known before anything is fitted.
func (p *pair) comparison() (Comparison, error) {
	sum, err := hashJSON(struct {
		A, B    []Point
		OA, OB  Options
		Options CompareOptions
	}{p.a.points, p.b.points, p.a.o, p.b.o, p.o})
	return Comparison{
		Status: "ok", A: p.a.describe(), B: p.b.describe(), Convention: p.a.o.Convention,
		Coefficients: []Contrast{}, ErrorRatios: []Contrast{}, ComputeRatios: []Contrast{},
		Level: p.o.Level, IntervalMethod: compareMethod, Paired: p.shared, Warnings: p.warnings(), Options: p.o, InputsSHA256: sum,
	}, err
}

// refusal fits both sides, or says why they cannot be compared.
func (p *pair) refusal() *Note {
	if p.a.o.Convention != p.b.o.Convention {
		return &Note{"different_conventions", fmt.Sprintf("compute is counted as %q on one side and as %q on the other: coefficients and compute do not compare", p.a.o.Convention, p.b.o.Convention)}
	}
	for _, s := range []*side{p.a, p.b} {
		if reason := s.fit(); reason != nil {
			return &Note{"law_refused", fmt.Sprintf("%s has no law: %s [%s]", s.Name, reason.Text, reason.Code)}
		}
	}
	p.level = p.expanded()
	return nil
}

// warnings are about the two questions; those about the answer come later.
func (p *pair) warnings() []Note {
	notes := []Note{}
	warn := func(is bool, code, format string, args ...any) {
		if is {
			notes = append(notes, Note{code, fmt.Sprintf(format, args...)})
		}
	}
	a, b := p.a, p.b
	warn(a.Metric != b.Metric, "different_metrics", "the errors are %s and %s: ratios of errors compare unlike things", a.Metric, b.Metric)
	warn(a.Metric == b.Metric && !slices.Equal(a.Basis, b.Basis), "different_evaluations", "the errors were measured by %s and by %s", strings.Join(a.Basis, ", "), strings.Join(b.Basis, ", "))
	warn(a.o.Rule != b.o.Rule, "different_rules", "the rules are %s and %s: the rule moves alpha more than most effects", a.o.Rule, b.o.Rule)
	warn(a.o.Law != b.o.Law, "different_laws", "the laws are %s and %s: their coefficients are not compared", a.o.Law, b.o.Law)
	for _, s := range []*side{a, b} {
		warn(len(s.taken) < 5, "few_points", "%s rests on %d points: resamples of so few say little about their scatter", s.Name, len(s.taken))
	}
	return notes
}
