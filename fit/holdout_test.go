package fit

import (
	"strings"
	"testing"
)

// A holdout above all compute holds nothing, one below it everything: both are said.
func TestHoldoutOfNothingAndOfEverything(t *testing.T) {
	points := noisy(valleyPoints(additiveSurface), 0.01, 4)
	for _, rule := range []string{"envelope", "pareto", "all"} {
		r := mustFit(t, points, Options{Rule: rule, HoldoutAbove: 1e20, Bootstrap: 100, NoChecks: true})
		if !hasNote(r.Warnings, "nothing_held_out") || len(r.Holdout.Points) > 0 {
			t.Errorf("%s: %+v", rule, r.Warnings)
		}
		if r := mustFit(t, points, Options{Rule: rule, HoldoutAbove: 1e10, Bootstrap: 100, NoChecks: true}); hasNote(r.Warnings, "nothing_held_out") || len(r.Holdout.Points) == 0 {
			t.Errorf("%s: %+v", rule, r.Warnings)
		}
		if r := mustResult(t, points, Options{Rule: rule, HoldoutAbove: 1}); r.Reason == nil || !strings.Contains(r.Reason.Text, "20 of 20 points are held out above C = 1") {
			t.Errorf("%s: %+v", rule, r.Reason)
		}
	}
	if r := mustResult(t, points[:2], Options{Rule: "all"}); r.Reason == nil || strings.Contains(r.Reason.Text, "held out") {
		t.Errorf("without a holdout: %+v", r.Reason)
	}
}
