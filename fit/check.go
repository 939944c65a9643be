package fit

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
)

// ErrInput is wrapped by every error about points or options that cannot be fitted at all, as
// opposed to a refusal, which is a Result.
var ErrInput = errors.New("bad input")

// Defaults fills the options that are zero: pareto, power, 5 bins, on log, 4000 resamples, 95 %.
func (o Options) Defaults() Options {
	if o.Law == "" {
		o.Law = "power"
	}
	if suit := RulesFor(o.Law); o.Rule == "" && len(suit) > 0 {
		o.Rule = suit[0]
	}
	if o.Bins == 0 {
		o.Bins = 5
	}
	if o.On == "" {
		o.On = "log"
	}
	if o.Bootstrap == 0 {
		o.Bootstrap = 4000
	}
	if o.Level == 0 {
		o.Level = 0.95
	}
	if o.Convention == "" {
		o.Convention = "as given"
	}
	return o
}

// For is Defaults for these points: the rule is envelope where the law is the power law on log
// and every point has N and D.
func (o Options) For(points []Point) Options {
	if o.Rule == "" && (o.Law == "" || o.Law == "power") && (o.On == "" || o.On == "log") && !o.Choose && len(points) > 0 && haveSizes(points) {
		o.Rule = "envelope"
	}
	return o.Defaults()
}

// DefaultPad is the padding of the compute range that binned-minima uses in the seed paper.
const DefaultPad = 0.1

func (o Options) check() error {
	info, known := infoOf(o.Law)
	switch {
	case !known:
		return fmt.Errorf("%w: law %q is not one of %s", ErrInput, o.Law, strings.Join(Laws(), ", "))
	case !slices.Contains(info.rules, o.Rule) && rules[o.Rule] != nil:
		return fmt.Errorf("%w: rule %q does not suit the law %s, which takes %s", ErrInput, o.Rule, o.Law, strings.Join(info.rules, ", "))
	case !slices.Contains(info.rules, o.Rule):
		return fmt.Errorf("%w: rule %q is not one of %s", ErrInput, o.Rule, strings.Join(info.rules, ", "))
	case !slices.Contains(info.on, o.On):
		return fmt.Errorf("%w: fit on %q: the law %s is fitted on %s", ErrInput, o.On, o.Law, strings.Join(info.on, " or "))
	case !slices.Contains(append(Intervals(), ""), o.Interval):
		return fmt.Errorf("%w: interval %q is not one of %s", ErrInput, o.Interval, strings.Join(Intervals(), ", "))
	case o.Rule == "envelope" && (o.On != "log" || o.Choose):
		return fmt.Errorf("%w: the rule envelope fits the law power on log; it does not choose between laws", ErrInput)
	case o.NoFloor && (info.columns == "" || o.Law == "isoflop"):
		return fmt.Errorf("%w: no-floor is for chinchilla and data-limited, not %s", ErrInput, o.Law)
	case o.YIs != "" && o.YIs != "loss":
		return fmt.Errorf("%w: y is %q; it is an error (empty) or a loss", ErrInput, o.YIs)
	}
	if err := o.checkNumbers(); err != nil {
		return err
	}
	for _, c := range o.Predict {
		if !(c > 0) || math.IsInf(c, 0) {
			return fmt.Errorf("%w: predict at compute %g: it must be positive and finite", ErrInput, c)
		}
	}
	return nil
}

func (o Options) checkNumbers() error {
	switch {
	case o.Bins < 3 || o.Bins > 10_000:
		return fmt.Errorf("%w: bins is %d; 3 to 10000", ErrInput, o.Bins)
	case !(o.Pad >= 0 && o.Pad <= 10):
		return fmt.Errorf("%w: pad is %g; 0 to 10 decades", ErrInput, o.Pad)
	case !(o.BinFrom >= 0) || math.IsInf(o.BinFrom, 0):
		return fmt.Errorf("%w: bin-from is %g; a compute above 0, or 0 for the least of the points", ErrInput, o.BinFrom)
	case !(o.HoldoutAbove >= 0) || math.IsInf(o.HoldoutAbove, 0):
		return fmt.Errorf("%w: holdout-above is %g; a compute above 0, or 0 for none", ErrInput, o.HoldoutAbove)
	case !(o.Chance >= 0 && o.Chance <= 1):
		return fmt.Errorf("%w: chance is %g; the error of guessing, a fraction", ErrInput, o.Chance)
	case !(o.Samples >= 0) || math.IsInf(o.Samples, 0):
		return fmt.Errorf("%w: samples is %g; the number of evaluation samples, or 0 when it is not known", ErrInput, o.Samples)
	case o.Bootstrap < 100 || o.Bootstrap > 1_000_000:
		return fmt.Errorf("%w: bootstrap is %d; 100 to 1000000 resamples", ErrInput, o.Bootstrap)
	case !(o.Level > 0.5 && o.Level < 1):
		return fmt.Errorf("%w: level is %g; between 0.5 and 1, 0.95 is usual", ErrInput, o.Level)
	}
	return nil
}

// checkPoints wants finite positive compute, errors as fractions, the columns that the law
// uses, and ids that stand once.
func checkPoints(points []Point, o Options) error {
	seen := make(map[string]bool, len(points))
	for _, p := range points {
		if p.ID == "" {
			return fmt.Errorf("%w: a point at C = %g has no id", ErrInput, p.C)
		}
		if seen[p.ID] {
			return fmt.Errorf("%w: %s stands twice; give each run its own id, or drop the copy", ErrInput, p.ID)
		}
		seen[p.ID] = true
		if err := p.check(o); err != nil {
			return err
		}
	}
	return nil
}

func (p Point) check(o Options) error {
	switch {
	case !(p.C > 0) || math.IsInf(p.C, 0):
		return fmt.Errorf("%w: %s: compute is %g; it must be positive and finite", ErrInput, p.ID, p.C)
	case !finite(p.E):
		return fmt.Errorf("%w: %s: error is %g; leave out runs that have none", ErrInput, p.ID, p.E)
	case p.E > 1 && o.YIs != "loss":
		return fmt.Errorf("%w: %s: error is %g; give a fraction between 0 and 1, not percent, or say that it is a loss", ErrInput, p.ID, p.E)
	case p.E <= 0:
		return fmt.Errorf("%w: %s: error is %g; a power law needs it above 0", ErrInput, p.ID, p.E)
	}
	if !(p.Samples >= 0) || math.IsInf(p.Samples, 0) {
		return fmt.Errorf("%w: %s: its number of evaluation samples is %g", ErrInput, p.ID, p.Samples)
	}
	if o.Rule == "envelope" && !haveSizes([]Point{p}) {
		return fmt.Errorf("%w: %s: N is %g and D is %g; the rule envelope needs both, positive and finite", ErrInput, p.ID, p.N, p.D)
	}
	info, _ := infoOf(o.Law)
	for _, c := range []struct {
		name  string
		value float64
	}{{"N", p.N}, {"D", p.D}, {"U", p.U}} {
		if strings.Contains(info.columns, c.name) && (!(c.value > 0) || math.IsInf(c.value, 0)) {
			return fmt.Errorf("%w: %s: %s is %g; the law %s needs it positive and finite", ErrInput, p.ID, c.name, c.value, o.Law)
		}
	}
	return nil
}
