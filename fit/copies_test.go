package fit

import (
	"slices"
	"testing"
)

// Copies under ids of their own are runs to a fit; that is said, unless a cluster tells.
func TestCopiesAreWarnedOf(t *testing.T) {
	points := noisy(valleyPoints(additiveSurface), 0.01, 4)
	for _, o := range []Options{{NoChecks: true}, {Rule: "all", NoChecks: true}, {Rule: "pareto", NoChecks: true, Bootstrap: 100}} {
		if r := mustFit(t, points, o); hasNote(r.Warnings, "copies") {
			t.Errorf("no copies, but %+v", r.Warnings)
		}
		again := slices.Clone(points)
		for _, p := range points {
			p.ID += " again"
			again = append(again, p)
		}
		if r := mustFit(t, again, o); !hasNote(r.Warnings, "copies") {
			t.Errorf("copies, but %+v", r.Warnings)
		}
		for i := range again {
			again[i].Cluster = points[i%len(points)].ID
		}
		if r := mustFit(t, again, o); hasNote(r.Warnings, "copies") {
			t.Errorf("copies in a cluster, but %+v", r.Warnings)
		}
	}
}
