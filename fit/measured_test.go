package fit

import (
	"strings"
	"testing"
)

// The numbers of docs/coverage.md stand for the options that were measured, and no others.
func TestCoverageOfOptionsThatWereNotMeasured(t *testing.T) {
	for want, o := range map[string]Options{
		"with no floor":                     {Law: "chinchilla", NoFloor: true},
		"the level 0.51":                    {Rule: "pareto", Level: 0.51},
		"the level 0.9999":                  {Rule: "envelope", Level: 0.9999},
		"a fit on error":                    {Rule: "pareto", On: "error"},
		"a choice among laws":               {Rule: "all", Choose: true},
		"8 bins":                            {Rule: "binned-minima", Bins: 8},
		"doublings from 1500":               {Rule: "pareto-bin", BinFrom: 1500},
		"the level 0.9, no floor":           {Law: "data-limited", NoFloor: true, Level: 0.9},
		"method jackknife hold the truth w": {Rule: "pareto", Interval: "jackknife"},
	} {
		notes := coverageNote(o.Defaults())
		if len(notes) != 1 || !strings.Contains(notes[0].Text, "was not measured") || !strings.Contains(notes[0].Text, want) {
			t.Errorf("%+v: %+v", o, notes)
		}
	}
	for _, o := range []Options{{Rule: "pareto"}, {Rule: "binned-minima", Pad: DefaultPad}} {
		if notes := coverageNote(o.Defaults()); len(notes) != 1 || strings.Contains(notes[0].Text, "not measured") {
			t.Errorf("%+v: %+v", o, notes)
		}
	}
	for _, o := range []Options{{Rule: "envelope"}, {Law: "chinchilla"}, {Rule: "all"}} {
		if notes := coverageNote(o.Defaults()); len(notes) > 0 {
			t.Errorf("%+v: %+v", o, notes)
		}
	}
}

// Methods of intervals tell of a frontier where there is one, and whose law it is where there is
// none.
func TestMethodsNameWhatTheyRestOn(t *testing.T) {
	points := noisy(valleyPoints(additiveSurface), 0.01, 4)
	for _, c := range []struct {
		o           Options
		wants, lack string
	}{
		{Options{Rule: "pareto"}, "frontier re-extracted", "mean"},
		{Options{Rule: "pareto", Interval: "profile"}, "frontier as extracted", "mean"},
		{Options{Rule: "all"}, "of the mean of all runs", "extracted"},
		{Options{Rule: "all", Interval: "percentile"}, "of the mean of all runs", "re-extracted"},
		{Options{Rule: "envelope", Interval: "percentile"}, "bootstrap over runs; ", "extracted"},
		{Options{Rule: "envelope", Interval: "profile"}, "as independent; ", "extracted"},
		{Options{Law: "chinchilla", NoFloor: true}, "bootstrap over runs; ", "frontier"},
	} {
		c.o.Bootstrap, c.o.NoChecks = 100, true
		got := mustFit(t, points, c.o).IntervalMethod
		if !strings.Contains(got, c.wants) || strings.Contains(got, c.lack) {
			t.Errorf("%+v: %s", c.o, got)
		}
	}
	if got := mustFit(t, isoflopPoints(0.001), Options{Law: "isoflop", YIs: "loss", Bootstrap: 100}).IntervalMethod; !strings.Contains(got, "parabolas fitted anew") {
		t.Errorf("isoflop: %s", got)
	}
}

// A constant error is no variation, whatever the rule leaves of it.
func TestConstantErrorsHaveNoVariation(t *testing.T) {
	for _, rule := range append(RulesFor("power"), "") {
		points := valleyPoints(func(n, d float64) float64 { return -0.3 })
		if n := refusal(t, points, Options{Rule: rule}); n.Code != "no_variation" {
			t.Errorf("rule %q: %+v", rule, n)
		}
	}
}
