package fit

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// Multiplying C by k leaves alpha and moves beta by k^-alpha, whatever the rule.
func TestUnitOfComputeUnderEveryRule(t *testing.T) {
	const k = 3.7e8
	for _, rule := range Rules() {
		points := synthetic(40, 0.05, 21)
		for i := range points { // off the edges of bins, where rounding decides
			points[i].C *= 1 + 0.01*math.Sin(float64(i))
		}
		a := mustFit(t, points, Options{Rule: rule, Pad: DefaultPad})
		for i := range points {
			points[i].C *= k
		}
		b := mustFit(t, points, Options{Rule: rule, Pad: DefaultPad})
		alpha := a.Coefficients[0].Value
		within(t, rule+" alpha", b.Coefficients[0].Value, alpha, 1e-9)
		within(t, rule+" beta", b.Coefficients[1].Value/(a.Coefficients[1].Value*math.Pow(k, -alpha)), 1, 1e-8)
		for i := range 2 {
			within(t, rule+" interval", b.Coefficients[0].Interval[i], a.Coefficients[0].Interval[i], 1e-9)
		}
	}
}

// The floor and the exponent of power-floor, and the verdict on them, do not depend on the unit.
func TestUnitOfComputeOfTheFloor(t *testing.T) {
	points := lawPoints(t)["power-floor"]
	a := mustFit(t, points, Options{Law: "power-floor", Rule: "all"})
	for i := range points {
		points[i].C *= 6e9
	}
	b := mustFit(t, points, Options{Law: "power-floor", Rule: "all"})
	for _, i := range []int{0, 2} {
		within(t, a.Coefficients[i].Name, b.Coefficients[i].Value/a.Coefficients[i].Value, 1, 1e-7)
	}
}

// The order of the rows means nothing, for any law.
func TestOrderMeansNothing(t *testing.T) {
	cases := lawPoints(t)
	cases["power"] = synthetic(40, 0.05, 22)
	delete(cases, "data-limited") // as chinchilla, slower
	for law, points := range cases {
		o := Options{Law: law, YIs: "loss", Bootstrap: 100}
		want := marshal(t, mustFit(t, points, o))
		shuffled := slices.Clone(points)
		rand.New(rand.NewPCG(1, 1)).Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		if marshal(t, mustFit(t, shuffled, o)) != want {
			t.Errorf("%s: another order, another result", law)
		}
	}
}

// Copies of runs, in the cluster of the original, are no new evidence: law and interval stay.
func TestCopiesDoNotShrinkTheInterval(t *testing.T) {
	for _, rule := range []string{"all", "pareto"} {
		points := synthetic(25, 0.05, 23)
		for i := range points {
			points[i].Cluster = points[i].ID
		}
		twice := slices.Clone(points)
		for _, p := range points {
			p.ID += " again"
			twice = append(twice, p)
		}
		a, b := mustFit(t, points, Options{Rule: rule, Bootstrap: 1000}), mustFit(t, twice, Options{Rule: rule, Bootstrap: 1000})
		within(t, rule+" alpha", b.Coefficients[0].Value, a.Coefficients[0].Value, 1e-12)
		for i := range 2 {
			within(t, rule+" interval", b.Coefficients[0].Interval[i], a.Coefficients[0].Interval[i], 1e-9)
		}
	}
}

// Used and left out are all points, under every rule and law, and each reason is given.
func TestNothingIsDroppedInSilence(t *testing.T) {
	seen := 0
	for _, info := range lawTable() {
		points := synthetic(40, 0.1, 24)
		if info.columns != "" {
			points = isoflopPoints(0)
		}
		for _, rule := range info.rules {
			seen++
			e := newEstimate(points, Options{Law: info.name, Rule: rule, YIs: "loss", Pad: DefaultPad, HoldoutAbove: points[30].C}.Defaults())
			r := Result{Rule: rule}
			r.describe(e)
			if r.NUsed+len(r.Excluded) != len(points) {
				t.Errorf("%s by %s: %d used and %d left out of %d", info.name, rule, r.NUsed, len(r.Excluded), len(points))
			}
			for _, x := range r.Excluded {
				if x.Reason == "" {
					t.Errorf("%s by %s: no reason for %s", info.name, rule, x.ID)
				}
			}
		}
	}
	if seen < 14 {
		t.Errorf("saw %d pairs of law and rule", seen)
	}
}

// isoflopPoints are 5 computes of 8 sizes about N = 0.1 C^0.5.
func isoflopPoints(noise float64) []Point {
	random := rand.New(rand.NewPCG(3, 3))
	var points []Point
	for i := range 5 {
		c := math.Pow(10, 18+float64(i))
		for k := range 8 {
			z := 0.4 * (float64(k) - 3.3)
			n := 0.1 * math.Sqrt(c) * math.Exp(z)
			loss := 40*math.Pow(c, -0.06) + 0.04*z*z + noise*random.NormFloat64()
			points = append(points, Point{ID: fmt.Sprintf("c%d n%d", i, k), C: c, N: n, D: c / 6 / n, U: c / 12 / n, E: loss})
		}
	}
	return points
}
