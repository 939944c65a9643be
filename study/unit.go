package study

import (
	"fmt"
	"slices"
	"strings"

	"github.com/scalelaw/scalelaw/fit"
	"github.com/scalelaw/scalelaw/sweep"
)

// Unit is what compute is counted in. Another unit moves beta, never alpha.
type Unit string

// The units. Stored fits are in GMACs, which other fits and predictions compare with.
const (
	GMACs   Unit = ""
	FLOP    Unit = "flop"
	Samples Unit = "samples"
)

// units are how each is shown, in which convention, and how many of it a forward GMAC is.
var units = map[Unit]struct {
	label, convention string
	each              float64
}{
	GMACs:   {"GMACs, forward", sweep.ComputeConvention, 1},
	FLOP:    {"FLOP, training", "training FLOP: 6 a forward multiply-add (2 operations, forward once and backward twice)", 6e9},
	Samples: {"samples seen", "samples seen", 0},
}

// Units lists the names.
func Units() []string { return []string{"gmacs", string(FLOP), string(Samples)} }

// UnitNamed is a unit by its name. The error wraps sweep.ErrBadInput.
func UnitNamed(name string) (Unit, error) {
	if name == "" || name == "gmacs" {
		return GMACs, nil
	}
	if !slices.Contains(Units(), name) {
		return "", fmt.Errorf("%w: unit %q: it is one of %s", sweep.ErrBadInput, name, strings.Join(Units(), ", "))
	}
	return Unit(name), nil
}

// Label is for an axis.
func (u Unit) Label() string { return units[u].label }

// ConventionLabel is what an axis calls compute in a convention: that of a unit in its short form.
func ConventionLabel(convention string) string {
	for _, u := range units {
		if u.convention == convention {
			return u.label
		}
	}
	return convention
}

// check refuses samples as compute across models: they cost differently.
func (u Unit) check(groupBy string) error {
	if u == Samples && groupBy != "model" {
		return fmt.Errorf("%w: unit samples: samples seen are compute only within one model; group by model", sweep.ErrBadInput)
	}
	return nil
}

// apply counts the compute of a question's points in the unit.
func (u Unit) apply(r *fit.Record) {
	if u == GMACs {
		return
	}
	r.Options.Convention = units[u].convention
	for i := range r.Inputs {
		if in := &r.Inputs[i]; u == Samples {
			in.C = in.D
		} else {
			in.C *= units[u].each
		}
	}
}
