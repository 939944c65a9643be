package fit

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// valleyPoints are a grid of 5 sizes by 4 durations whose log10 E is what of says.
func valleyPoints(of func(n, d float64) float64) []Point {
	var points []Point
	for i := range 5 {
		for j := range 4 {
			n, d := math.Pow(10, -1+0.5*float64(i)), math.Pow(10, 8+0.6*float64(j))
			points = append(points, Point{ID: fmt.Sprintf("%d-%d", i, j), C: n * d, N: n, D: d, E: pow10(of(n, d))})
		}
	}
	return points
}

func additiveSurface(n, d float64) float64 {
	return math.Log10(0.12*math.Pow(n, -0.3) + 36*math.Pow(d, -0.25))
}

func quadraticSurface(n, d float64) float64 {
	x := math.Log10(n*d) - 9
	return -0.4 - 0.15*x + 0.1*square(math.Log10(n)-0.1-0.55*x)
}

// noisy scatters errors by a deviation in log10 E.
func noisy(points []Point, deviation float64, seed uint64) []Point {
	random := rand.New(rand.NewPCG(seed, 5))
	points = slices.Clone(points)
	for i := range points {
		points[i].E *= pow10(deviation * random.NormFloat64())
	}
	return points
}

func TestEnvelopeFindsExactFrontiers(t *testing.T) {
	r := mustFit(t, valleyPoints(additiveSurface), Options{Rule: "envelope", Predict: []float64{1e12}})
	within(t, "alpha of E = A/N^a + B/D^b", r.Coefficients[0].Value, -0.3*0.25/0.55, 1e-9)
	best := math.Inf(1) // the frontier at 1e12, by search
	for z := -3.0; z < 5; z += 1e-4 {
		best = min(best, pow10(additiveSurface(pow10(z), 1e12/pow10(z))))
	}
	within(t, "E at 1e12", r.Predictions[0].Value, best, 1e-8)
	within(t, "best size", math.Log10(r.Predictions[0].N*r.Predictions[0].D), 12, 1e-9)

	r = mustFit(t, valleyPoints(quadraticSurface), Options{Rule: "envelope"})
	within(t, "alpha of a parabola", r.Coefficients[0].Value, -0.15, 1e-7)
	within(t, "beta of a parabola", r.Coefficients[1].Value, pow10(-0.4+0.15*9), 1e-5)
	if !strings.Contains(r.Surface, "quadratic 100 %") {
		t.Errorf("surface: %s", r.Surface)
	}
}

// With repeated samples the frontier is that of fresh ones.
func TestEnvelopeDiscountsRepeatedSamples(t *testing.T) {
	points := valleyPoints(additiveSurface)
	for i := range points {
		p := &points[i]
		p.U = []float64{3e7, 3e8, 3e9}[i%3]
		if again := p.D/p.U - 1; again > 0 {
			p.E = pow10(additiveSurface(p.N, p.U+p.U*12*(1-math.Exp(-again/12))))
		}
	}
	r := mustFit(t, points, Options{Rule: "envelope"})
	within(t, "alpha", r.Coefficients[0].Value, -0.3*0.25/0.55, 1e-8)
	if !strings.Contains(r.Surface, "R* = 12") {
		t.Errorf("surface: %s", r.Surface)
	}
}

func TestSlopesOfSurfacesMeetFiniteDifferences(t *testing.T) {
	compared := 0
	at := node{x: 9.3, n: 1.1, d: 20.2, u: 18, weight: 1}
	for _, s := range []surface{{x: 9, n: 0.2}, {quadratic: true, x: 9, n: 0.2}, {repeats: true, x: 9, n: 0.2}, {quadratic: true, repeats: true, x: 9, n: 0.2}} {
		theta := []float64{-0.4, 0.3, -1.2, -0.9, 0.6, 2.5}[:s.dim()]
		if s.repeats {
			theta[s.dim()-1] = 2.5
		}
		var g, unused slope6
		s.derive(theta, &at, &g)
		for i := range theta {
			up, down := slices.Clone(theta), slices.Clone(theta)
			up[i], down[i] = up[i]+1e-6, down[i]-1e-6
			within(t, fmt.Sprintf("%+v by %d", s, i), g[i], (s.derive(up, &at, &unused)-s.derive(down, &at, &unused))/2e-6, 1e-8)
			compared++
		}
	}
	if compared != 4+5+5+6 {
		t.Errorf("compared %d slopes", compared)
	}
}

// The envelope is the default where all points have N and D, and nowhere else.
func TestEnvelopeIsTheDefaultWithSizes(t *testing.T) {
	points := noisy(valleyPoints(additiveSurface), 0.01, 1)
	if r := mustFit(t, points, Options{}); r.Rule != "envelope" || !strings.HasPrefix(r.IntervalMethod, "Student's t") {
		t.Errorf("rule %s, intervals %s", r.Rule, r.IntervalMethod)
	}
	points[3].D = 0
	if r := mustFit(t, points, Options{}); r.Rule != "pareto" {
		t.Errorf("rule %s with a point without D", r.Rule)
	}
	if _, err := Fit(t.Context(), points, Options{Rule: "envelope"}); err == nil || !strings.Contains(err.Error(), "1-3: N is") && !strings.Contains(err.Error(), "needs both") {
		t.Errorf("envelope without D: %v", err)
	}
}

func TestEnvelopeRefusesWithoutAValley(t *testing.T) {
	few := valleyPoints(additiveSurface)[:6]
	oneSize := valleyPoints(func(n, d float64) float64 { return -0.2 * math.Log10(d/1e7) })
	for i := range oneSize {
		oneSize[i].N, oneSize[i].C = 1, oneSize[i].D*(1+0.01*float64(i))
	}
	for code, points := range map[string][]Point{"too_few_points": few, "no_valley": oneSize} {
		r, err := Fit(t.Context(), points, Options{Rule: "envelope"})
		if err != nil || r.Reason == nil || r.Reason.Code != code || len(r.Coefficients) > 0 {
			t.Errorf("%s: %v %+v", code, err, r.Reason)
		}
	}
}

func TestEnvelopeWarnsWhenComputeIsNoProduct(t *testing.T) {
	points := noisy(valleyPoints(additiveSurface), 0.01, 2)
	points[7].C *= 1.5
	if r := mustFit(t, points, Options{}); !hasNote(r.Warnings, "not_product") {
		t.Errorf("warnings: %+v", r.Warnings)
	}
}

func TestEnvelopeHasTheSameBytesOnAnyNumberOfCores(t *testing.T) {
	points := noisy(valleyPoints(additiveSurface), 0.02, 3)
	o := Options{Seed: 3, Bootstrap: 300, Predict: []float64{1e12}}
	want := marshal(t, mustFit(t, points, o))
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	for cores := 1; cores <= 3; cores++ {
		runtime.GOMAXPROCS(cores)
		slices.Reverse(points)
		if got := marshal(t, mustFit(t, points, o)); got != want {
			t.Fatalf("%d cores: other bytes", cores)
		}
	}
}

// On the published runs the additive surface with repeated samples is scipy's (least_squares,
// trf, from 18 starts; its covariance HC2 and Bell and McCaffrey's freedom by numpy).
func TestEnvelopeOfTheSeedStudyAgreesWithScipy(t *testing.T) {
	file, err := os.Open("testdata/openclip_runs.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	groups, err := ReadCSV(file, CSVOptions{X: "gmacs_total", Y: "imagenet1k_acc1", YIs: "accuracy", ID: "run_id", N: "gmacs_per_sample", D: "samples_seen", U: "data_scale", Where: map[string]string{"family": "OpenCLIP"}})
	if err != nil {
		t.Fatal(err)
	}
	e := estimateOf(t, groups[0].Points, Options{Rule: "envelope"})
	compared := 0
	e.law.(*envelope).parts(e.theta, func(_ int, s *surface, weight float64, theta []float64) {
		if s.quadratic || !s.repeats {
			return
		}
		one, ok := newSandwich(s, theta, e.taken, clusterOf(e.points))
		if !ok {
			t.Fatal("no sandwich")
		}
		alpha := func(theta []float64) float64 { return s.coefficients(theta)[0] }
		deviation, freedom := one.spread(one.gradient(alpha))
		half := student(0.95, freedom) * deviation
		within(t, "alpha", alpha(theta), -0.11867600927085935, 1e-6)
		within(t, "R*", math.Exp(theta[4]), 21.606294747330463, 1e-3)
		within(t, "freedom", freedom, 12.457112763152473, 1e-2)
		within(t, "lower", alpha(theta)-half, -0.12920967041912695, 1e-5)
		within(t, "upper", alpha(theta)+half, -0.10814234812259174, 1e-5)
		within(t, "objective", e.objective, 0.004061947243218095, 1e-9)
		compared++
	})
	if compared != 1 {
		t.Errorf("compared %d surfaces", compared)
	}
}

// Whatever the runs, there is a fit with an end to every interval, or a reason.
func TestEnvelopeOfAnythingIsAResult(t *testing.T) {
	random := rand.New(rand.NewPCG(12, 1))
	fitted, refused := 0, 0
	for i := range 300 {
		var points []Point
		for k := range 4 + random.IntN(12) {
			n, d := pow10(math.Round(3*random.Float64())), pow10(8+math.Round(2*random.Float64()))
			points = append(points, Point{ID: fmt.Sprint(k), C: n * d, N: n, D: d, E: 0.01 + 0.99*random.Float64(), Cluster: fmt.Sprint(random.IntN(12))})
			if i%3 == 0 {
				points[k].U = pow10(7 + math.Round(3*random.Float64()))
			}
		}
		r := mustResult(t, points, Options{Rule: "envelope", Interval: Intervals()[i%len(Intervals())], Bootstrap: 100, Predict: []float64{1e13}})
		marshal(t, r)
		if r.Status == "ok" {
			fitted++
		} else if refused++; r.Reason == nil {
			t.Errorf("refused without a reason: %+v", r)
		}
	}
	if fitted < 30 || refused < 30 {
		t.Errorf("%d fitted, %d refused", fitted, refused)
	}
}

func mustResult(t *testing.T, points []Point, o Options) Result {
	t.Helper()
	r, err := Fit(t.Context(), points, o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}
