package fit

import (
	"fmt"
	"math"
	"strings"
	"testing"
)

// flatPoints are a grid of 6 sizes by 10 durations of E = 6 C^-0.12, whatever the size.
func flatPoints() []Point {
	var points []Point
	for i := range 6 {
		for j := range 10 {
			n, d := math.Pow(10, 0.4*float64(i)), math.Pow(10, 8+0.3*float64(j))
			points = append(points, Point{ID: fmt.Sprintf("%d-%d", i, j), C: n * d, N: n, D: d, E: 6 * math.Pow(n*d, -0.12)})
		}
	}
	return points
}

// Runs without a best size have no frontier that differs from their mean: the envelope refuses
// them, or finds their law with a parabola of no width to speak of, and says so.
func TestRunsWithoutAValley(t *testing.T) {
	refused, warned, held, fitted := 0, 0, 0, 0
	for seed := range uint64(40) {
		points := noisy(flatPoints(), 0.003, seed)
		r := mustResult(t, points, Options{Predict: []float64{1e13}})
		if r.Rule != "envelope" {
			t.Fatalf("rule %s", r.Rule)
		}
		if r.Status != "ok" {
			refused++
			if r.Reason.Code != "no_valley" || !strings.Contains(r.Reason.Text, "rule all") {
				t.Errorf("seed %d: %+v", seed, r.Reason)
			}
			continue
		}
		fitted++
		if !strings.HasPrefix(r.Surface, "quadratic") {
			t.Errorf("seed %d: %s by %s", seed, r.Formula, r.Surface)
		}
		if hasNote(r.Warnings, "weak_valley") {
			warned++
		}
		if i := r.Coefficients[0].Interval; i[0] <= -0.12 && -0.12 <= i[1] {
			held++
		}
	}
	t.Logf("%d refused, %d fitted, %d of them warned, %d held", refused, fitted, warned, held)
	if refused < 5 || warned < fitted*8/10 || held < fitted*85/100 {
		t.Errorf("%d refused, %d fitted, %d of them warned, %d held the truth", refused, fitted, warned, held)
	}
}

// Where there is a valley a power law in C is worse, and nothing is said.
func TestValleysAreNotWeak(t *testing.T) {
	for name, of := range map[string]func(n, d float64) float64{"additive": additiveSurface, "quadratic": quadraticSurface} {
		for seed := range uint64(20) {
			if r := mustFit(t, noisy(valleyPoints(of), 0.01, seed), Options{NoChecks: true}); hasNote(r.Warnings, "weak_valley") {
				t.Errorf("%s %d: %+v", name, seed, r.Warnings)
			}
		}
	}
}
