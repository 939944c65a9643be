package activities

import (
	"slices"
	"testing"

	"github.com/scalelaw/scalelaw/fit"
	"github.com/scalelaw/scalelaw/sweep"
)

// The sweep file knows every law and rule of the fit, and no other.
func TestSweepFilesKnowTheLaws(t *testing.T) {
	same := func(what string, a, b []string) {
		t.Helper()
		if a, b = slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b)); !slices.Equal(a, b) {
			t.Errorf("%s: the sweep file has %v, the fit %v", what, a, b)
		}
	}
	same("laws", sweep.FitLaws, fit.Laws())
	var rules []string
	for _, law := range fit.Laws() {
		same("rules of "+law, sweep.RulesOf(law), fit.RulesFor(law))
		of := fit.Options{Law: law}.For([]fit.Point{{ID: "a run has N and D", C: 6, E: 0.5, N: 2, D: 3}})
		if sweep.RulesOf(law)[0] != of.Rule {
			t.Errorf("default rules of %s differ", law)
		}
		rules = append(rules, fit.RulesFor(law)...)
	}
	slices.Sort(rules)
	same("rules", sweep.FitRules, slices.Compact(rules))
}
