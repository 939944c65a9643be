package fit

import (
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/optimize"
)

// alphaOf is the exponent of a profiled law by its theta.
func alphaOf(l profiled) func(theta []float64) float64 {
	return func(theta []float64) float64 { return l.law.coefficients(theta)[0] }
}

// partsOf are the laws that the profile intervals of an envelope average; none for a refusal.
func partsOf(t *testing.T, points []Point) (*estimate, []profiled) {
	t.Helper()
	e := newEstimate(points, Options{Rule: "envelope"}.For(points))
	if e.fit() != nil {
		return e, nil
	}
	p, reason := newLikelihood(e)
	if reason != nil {
		return e, nil
	}
	return e, p.parts
}

// leastWith is the least sum of squares of a surface with that alpha, inside its bounds, by Nelder
// and Mead's search over its other parameters.
func leastWith(t *testing.T, s *surface, theta []float64, alpha float64, nodes []node) float64 {
	t.Helper()
	lower, upper := box(s, s.dim())
	whole := func(x []float64) []float64 {
		if s.quadratic {
			return []float64{x[0], x[1], x[2], alpha, x[3]}
		}
		p := math.Exp(x[2]) - alpha // 1/p + 1/q = -1/alpha
		return []float64{x[0], x[1], math.Log(p), -math.Log(-1/alpha - 1/p)}
	}
	free := func(x []float64) float64 {
		at, off := whole(x), 0.0
		for i, v := range at {
			if !(lower[i] <= v && v <= upper[i]) {
				off += math.Abs(v - theta[i])
			}
		}
		if off > 0 || math.IsNaN(off) {
			return 1e3 + off
		}
		return sumSquares(residuals(s, at, nodes))
	}
	least := math.Inf(1)
	for _, start := range append(s.starts(nodes), theta) {
		from := []float64{start[0], start[1], math.Log(max(math.Exp(start[2])+alpha, 1e-2))}
		if s.quadratic {
			from = []float64{start[0], start[1], start[2], start[4]}
		}
		for range 3 { // anew from where it ended
			found, err := optimize.Minimize(optimize.Problem{Func: free}, from,
				&optimize.Settings{Converger: &optimize.FunctionConverge{Absolute: 1e-13, Iterations: 300}}, &optimize.NelderMead{})
			if err != nil {
				t.Fatal(err)
			}
			from, least = found.X, min(least, found.F)
		}
	}
	return least
}

// At the ends of the profile, whatever the runs, the least sum of squares with alpha held there is
// S (1 + t^2/f) by another search, which in a few finds another valley.
func TestProfileEndsAreVerified(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 2))
	finite, infinite, agree := 0, 0, 0
	for seed := range uint64(16) {
		of := additiveSurface
		if seed%2 == 0 {
			of = quadraticSurface
		}
		e, parts := partsOf(t, noisy(valleyPoints(of)[:8+random.IntN(12)], 0.01+0.05*random.Float64(), seed))
		for _, l := range parts {
			quantile, variance := student(0.95, float64(len(e.taken)-l.dim)), l.sum/float64(len(e.taken)-l.dim)
			for _, sign := range []float64{-1, 1} {
				end := l.end(e.taken, alphaOf(l), quantile, sign)
				if math.IsInf(end, 0) {
					infinite++
					continue
				}
				finite++
				least := leastWith(t, l.law.(*surface), l.theta, end, e.taken)
				rise := math.Sqrt(max(least-l.sum, 0)/variance) / quantile
				if math.Abs(rise-1) < 0.01 {
					agree++
				}
				if rise < 0.9 {
					t.Errorf("seed %d, quadratic %v: end %g of %g: the root of the rise is %.3f of what it should be", seed, l.law.(*surface).quadratic, end, alphaOf(l)(l.theta), rise)
				}
			}
		}
	}
	if finite < 40 || agree < finite*9/10 {
		t.Errorf("%d ends, %d of them by both searches, %d without", finite, agree, infinite)
	}
}
