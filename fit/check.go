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

// DefaultPad is the padding of the compute range that binned-minima uses in the seed paper.
const DefaultPad = 0.1

func (o Options) check() error {
	switch {
	case !slices.Contains(Laws(), o.Law):
		return fmt.Errorf("%w: law %q is not one of %s in this version", ErrInput, o.Law, strings.Join(Laws(), ", "))
	case !slices.Contains(Rules(), o.Rule):
		return fmt.Errorf("%w: rule %q is not one of %s in this version", ErrInput, o.Rule, strings.Join(Rules(), ", "))
	case o.On != "log":
		return fmt.Errorf("%w: fit on %q: this version fits on log", ErrInput, o.On)
	case o.Bins < 3 || o.Bins > 10_000:
		return fmt.Errorf("%w: bins is %d; 3 to 10000", ErrInput, o.Bins)
	case !(o.Pad >= 0 && o.Pad <= 10):
		return fmt.Errorf("%w: pad is %g; 0 to 10 decades", ErrInput, o.Pad)
	case o.Bootstrap < 100 || o.Bootstrap > 1_000_000:
		return fmt.Errorf("%w: bootstrap is %d; 100 to 1000000 resamples", ErrInput, o.Bootstrap)
	case !(o.Level > 0.5 && o.Level < 1):
		return fmt.Errorf("%w: level is %g; between 0.5 and 1, 0.95 is usual", ErrInput, o.Level)
	}
	for _, c := range o.Predict {
		if !(c > 0) || math.IsInf(c, 0) {
			return fmt.Errorf("%w: predict at compute %g: it must be positive and finite", ErrInput, c)
		}
	}
	return nil
}

// checkPoints wants finite positive compute, errors as fractions, and ids that stand once.
func checkPoints(points []Point) error {
	seen := map[string]bool{}
	for _, p := range points {
		switch {
		case p.ID == "":
			return fmt.Errorf("%w: a point at C = %g has no id", ErrInput, p.C)
		case seen[p.ID]:
			return fmt.Errorf("%w: %s stands twice; give each run its own id, or drop the copy", ErrInput, p.ID)
		case math.IsNaN(p.C) || math.IsInf(p.C, 0) || p.C <= 0:
			return fmt.Errorf("%w: %s: compute is %g; it must be positive and finite", ErrInput, p.ID, p.C)
		case math.IsNaN(p.E) || math.IsInf(p.E, 0):
			return fmt.Errorf("%w: %s: error is %g; leave out runs that have none", ErrInput, p.ID, p.E)
		case p.E > 1:
			return fmt.Errorf("%w: %s: error is %g; give a fraction between 0 and 1, not percent", ErrInput, p.ID, p.E)
		case p.E <= 0:
			return fmt.Errorf("%w: %s: error is %g; a power law needs it above 0", ErrInput, p.ID, p.E)
		}
		seen[p.ID] = true
	}
	return nil
}
