package fit

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/stat"
)

// twoGroups are n1 points at C = 1 and n2 at C = 10, so that alpha is a difference of means.
func twoGroups(first, second []float64) []Point {
	var points []Point
	for i, y := range append(slices.Clone(first), second...) {
		p := Point{ID: fmt.Sprintf("%02d", i), C: 1, E: pow10(y)}
		if i >= len(first) {
			p.C = 10
		}
		points = append(points, p)
	}
	return points
}

func estimateOf(t *testing.T, points []Point, o Options) *estimate {
	t.Helper()
	e := newEstimate(points, o.For(points))
	var ok bool
	if e.solution, ok = e.law.fit(e.taken, nil, &scratch{}); !ok {
		t.Fatal("no fit")
	}
	e.theta = slices.Clone(e.theta)
	return e
}

// Of a difference of means CR2 is Welch's variance, and Bell and McCaffrey's freedom has a
// closed form (Imbens and Kolesar 2016, Review of Economics and Statistics 98(4), section III).
func TestSandwichOfTwoMeans(t *testing.T) {
	first, second := []float64{-0.31, -0.30, -0.36}, []float64{-0.5, -0.45, -0.52, -0.61, -0.40, -0.47, -0.55}
	e := estimateOf(t, twoGroups(first, second), Options{Rule: "all"})
	s, ok := newSandwich(e.law, e.theta, e.taken, clusterOf(e.points))
	if !ok {
		t.Fatal("no sandwich")
	}
	deviation, freedom := s.spread(s.gradient(func(theta []float64) float64 { return theta[0] }))
	n1, n2 := float64(len(first)), float64(len(second))
	within(t, "variance", deviation*deviation, stat.Variance(first, nil)/n1+stat.Variance(second, nil)/n2, 1e-9)
	within(t, "freedom", freedom, square(n1+n2)*(n1-1)*(n2-1)/(n1*n1*(n1-1)+n2*n2*(n2-1)), 1e-6)
}

// Copies of a point in its cluster are no evidence: the variance stays that of the clusters.
func TestSandwichCountsClusters(t *testing.T) {
	single := noisy(synthetic(12, 0, 1), 0.03, 4)
	var copies []Point
	for _, p := range single {
		for k := range 3 {
			q := p
			q.ID, q.Cluster = fmt.Sprintf("%s-%d", p.ID, k), p.ID
			copies = append(copies, q)
		}
	}
	of := func(points []Point) (deviation, freedom float64) {
		e := estimateOf(t, points, Options{Rule: "all"})
		s, _ := newSandwich(e.law, e.theta, e.taken, clusterOf(e.points))
		return s.spread(s.gradient(func(theta []float64) float64 { return theta[0] }))
	}
	d1, f1 := of(single)
	d3, f3 := of(copies)
	within(t, "deviation", d3, d1, 1e-9)
	within(t, "freedom", f3, f1, 1e-6)
}

// The profile likelihood of a straight line is its classical interval of Student's t.
func TestProfileOfALine(t *testing.T) {
	points := noisy(synthetic(15, 0, 1), 0.03, 5)
	r := mustFit(t, points, Options{Rule: "all", Interval: "profile", Predict: []float64{1e9}})
	var x, y []float64
	for _, p := range points {
		x, y = append(x, math.Log10(p.C)), append(y, math.Log10(p.E))
	}
	a, b := stat.LinearRegression(x, y, nil, false)
	var left, sxx float64
	for i := range x {
		left, sxx = left+square(y[i]-a-b*x[i]), sxx+square(x[i]-stat.Mean(x, nil))
	}
	s := math.Sqrt(left / 13)
	within(t, "alpha", r.Coefficients[0].Interval[1]-b, student(0.95, 13)*s/math.Sqrt(sxx), 1e-6)
	far := square(9 - stat.Mean(x, nil))
	within(t, "law", math.Log10(r.Predictions[0].LawInterval[1]/r.Predictions[0].Value), student(0.95, 13)*s*math.Sqrt(1.0/15+far/sxx), 1e-5)
	within(t, "run", math.Log10(r.Predictions[0].RunInterval[1]/r.Predictions[0].Value), student(0.95, 13)*s*math.Sqrt(1+1.0/15+far/sxx), 1e-5)
}

func TestJackknifeIsThatOfRefits(t *testing.T) {
	points := noisy(synthetic(10, 0, 1), 0.03, 6)
	r := mustFit(t, points, Options{Rule: "all", Interval: "jackknife"})
	var slopes []float64
	for i := range points {
		slopes = append(slopes, mustFit(t, slices.Delete(slices.Clone(points), i, i+1), Options{Rule: "all", NoChecks: true}).Coefficients[0].Value)
	}
	half := student(0.95, 8) * math.Sqrt(9.0/10*9*stat.Variance(slopes, nil))
	within(t, "half width", r.Coefficients[0].Interval[1]-r.Coefficients[0].Value, half, 1e-10)
}

// BCa moves percentiles as DiCiccio and Efron (1996, equation 2.3) do: here by a bias of
// z0 = 0.1 and an acceleration of 0.05, computed with the normal distribution of Python.
func TestPercentilesOfBCa(t *testing.T) {
	values := make([]float64, 10001)
	for i := range values {
		values[i] = float64(i)
	}
	low, high := bca(values, 5398.8, 0.05, 0.025) // Phi(0.1) = 0.5398
	within(t, "low", low, 0.05461, 2e-4)
	within(t, "high", high, 0.99172, 2e-4)
	low, high = bca(values, 5000.5, 0, 0.025)
	within(t, "plain low", low, 0.025, 1e-4)
	within(t, "plain high", high, 0.975, 1e-4)
}

// Every method gives an interval around the estimate, and names itself.
func TestMethodsOfIntervals(t *testing.T) {
	points := noisy(valleyPoints(additiveSurface), 0.02, 7)
	for _, rule := range []string{"envelope", "pareto", "all"} {
		named := map[string]bool{}
		for _, method := range Intervals() {
			r := mustFit(t, points, Options{Rule: rule, Interval: method, Bootstrap: 300, Predict: []float64{1e12}})
			for _, c := range r.Coefficients {
				if !(c.Interval[0] < c.Value && c.Value < c.Interval[1]) {
					t.Errorf("%s by %s: %s is %g in %v", rule, method, c.Name, c.Value, c.Interval)
				}
			}
			p := r.Predictions[0]
			if !(p.RunInterval[0] <= p.LawInterval[0] && p.LawInterval[1] <= p.RunInterval[1] && p.RunInterval != p.LawInterval) {
				t.Errorf("%s by %s: law %v, run %v", rule, method, p.LawInterval, p.RunInterval)
			}
			if len(r.Checks) != 3 && method != "bca" || slices.ContainsFunc(r.Checks, func(c Check) bool { return c.Interval == method }) {
				t.Errorf("%s by %s: checks %+v", rule, method, r.Checks)
			}
			named[r.IntervalMethod] = true
		}
		if len(named) != len(Intervals()) {
			t.Errorf("%s: %d methods have %d names", rule, len(Intervals()), len(named))
		}
	}
}

// Known evaluation noise widens the interval of a new run where errors are small, and no other.
func TestEvaluationSamplesWidenNewRuns(t *testing.T) {
	points := noisy(valleyPoints(quadraticSurface), 0.002, 8)
	of := func(samples float64, method string) Prediction {
		return mustFit(t, points, Options{Rule: "envelope", Interval: method, Samples: samples, Bootstrap: 500, Predict: []float64{1e13}}).Predictions[0]
	}
	for _, method := range []string{"t", "percentile"} {
		unknown, known := of(0, method), of(2000, method)
		if unknown.LawInterval != known.LawInterval {
			t.Errorf("%s: the law's interval moved: %v and %v", method, unknown.LawInterval, known.LawInterval)
		}
		if wider := math.Log(known.RunInterval[1]/known.RunInterval[0]) / math.Log(unknown.RunInterval[1]/unknown.RunInterval[0]); wider < 2 {
			t.Errorf("%s: a new run's interval is only %.2f times as wide", method, wider)
		}
	}
	within(t, "variance of log10 E = log10 0.1 on 1000", evaluationVariance(-1, 1000), 0.9/0.1/1000/square(math.Ln10), 1e-15)
}

func TestIntervalsThatALawCannotHave(t *testing.T) {
	points := noisy(valleyPoints(additiveSurface), 0.01, 9)
	r, err := Fit(t.Context(), points, Options{Law: "chinchilla", NoFloor: true, Interval: "t", Bootstrap: 100})
	if err != nil || r.Reason == nil || r.Reason.Code != "no_interval" {
		t.Errorf("chinchilla by t: %v %+v", err, r.Reason)
	}
	for want, o := range map[string]Options{"interval": {Interval: "wald"}, "samples": {Samples: -1}, "envelope": {Rule: "envelope", Law: "power", On: "error"}} {
		if _, err := Fit(t.Context(), points, o); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want %q, got %v", want, err)
		}
	}
}

// An interval without an end refuses the fit: JSON has no infinity, and a reader no use for it.
func TestIntervalsWithoutAnEndAreRefused(t *testing.T) {
	points := synthetic(4, 0, 1)
	for i, e := range []float64{0.5, 0.001, 0.9, 0.002} {
		points[i].E = e
	}
	r, err := Fit(t.Context(), points, Options{Rule: "all", Predict: []float64{1e300}})
	if err != nil || r.Reason == nil || r.Reason.Code != "no_interval" || len(r.Predictions) > 0 {
		t.Errorf("%v %+v %+v", err, r.Reason, r.Predictions)
	}
	marshal(t, r)
}
