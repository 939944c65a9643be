package fit

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// synthetic draws n points about E = 3 C^-0.2 with noise in log10 E.
func synthetic(n int, noise float64, seed uint64) []Point {
	random := rand.New(rand.NewPCG(seed, 0))
	points := make([]Point, n)
	for i := range points {
		c := math.Pow(10, 4+4*float64(i)/float64(n))
		points[i] = Point{ID: fmt.Sprintf("p%03d", i), C: c, E: 3 * math.Pow(c, -0.2) * math.Pow(10, noise*random.NormFloat64())}
	}
	return points
}

func TestExactLawIsRecovered(t *testing.T) {
	for _, rule := range []string{"pareto", "all"} {
		r := mustFit(t, synthetic(20, 0, 1), Options{Rule: rule})
		within(t, "alpha", r.Coefficients[0].Value, -0.2, 1e-12)
		within(t, "beta", r.Coefficients[1].Value, 3, 1e-10)
		if r.NUsed != 20 || len(r.Excluded) != 0 {
			t.Errorf("%s: %d used, %d excluded", rule, r.NUsed, len(r.Excluded))
		}
	}
}

func TestUnitOfComputeMovesOnlyBeta(t *testing.T) {
	points := synthetic(25, 0.02, 2)
	const k = 6e9
	scaled := slices.Clone(points)
	for i := range scaled {
		scaled[i].C *= k
	}
	a, b := mustFit(t, points, Options{}), mustFit(t, scaled, Options{})
	alpha := a.Coefficients[0].Value
	within(t, "alpha", b.Coefficients[0].Value, alpha, 1e-10)
	within(t, "beta", b.Coefficients[1].Value/(a.Coefficients[1].Value*math.Pow(k, -alpha)), 1, 1e-9)
}

// The same inputs give the same bytes, whatever their order and however many cores there are.
func TestBytesAreReproducible(t *testing.T) {
	points := synthetic(30, 0.05, 3)
	want := marshal(t, mustFit(t, points, Options{Seed: 7, Predict: []float64{1e9}}))
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	for cores := 1; cores <= 3; cores++ {
		runtime.GOMAXPROCS(cores)
		shuffled := slices.Clone(points)
		rand.New(rand.NewPCG(uint64(cores), 0)).Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		if got := marshal(t, mustFit(t, shuffled, Options{Seed: 7, Predict: []float64{1e9}})); got != want {
			t.Fatalf("%d cores, another order: other bytes\n%s\n%s", cores, got, want)
		}
	}
	if other := marshal(t, mustFit(t, points, Options{Seed: 8, Predict: []float64{1e9}})); other == want {
		t.Error("another seed gave the same bytes")
	}
}

func marshal(t *testing.T, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// A dominated point may come or go: the frontier and its line stay.
func TestDominatedPointsNeverMoveTheFrontier(t *testing.T) {
	points := synthetic(12, 0, 4)
	want := mustFit(t, points, Options{}).Coefficients[0].Value
	worse := append(slices.Clone(points), Point{ID: "worse", C: points[5].C, E: points[5].E * 1.1}, Point{ID: "later", C: points[5].C * 1.01, E: points[5].E})
	r := mustFit(t, worse, Options{})
	within(t, "alpha", r.Coefficients[0].Value, want, 0)
	if len(r.Excluded) != 2 || !strings.Contains(r.Excluded[0].Reason, "dominated by p0") {
		t.Errorf("excluded: %+v", r.Excluded)
	}
}

func TestEveryPointIsUsedOrExcludedWithAReason(t *testing.T) {
	points := synthetic(40, 0.1, 5)
	for _, rule := range Rules() {
		r := mustFit(t, points, Options{Rule: rule, Pad: DefaultPad})
		if r.NUsed+len(r.Excluded) != len(points) {
			t.Errorf("%s: %d used and %d excluded of %d", rule, r.NUsed, len(r.Excluded), len(points))
		}
		for _, x := range r.Excluded {
			if x.Reason == "" {
				t.Errorf("%s: %s is excluded without a reason", rule, x.ID)
			}
		}
	}
}

func TestRefusals(t *testing.T) {
	line := func(cs ...float64) []Point {
		var points []Point
		for i, c := range cs {
			points = append(points, Point{ID: fmt.Sprint(i), C: c, E: 1 / (2 + float64(i))})
		}
		return points
	}
	for code, points := range map[string][]Point{
		"too_few_points": line(1, 100),
		"narrow_range":   line(1, 1.5, 2, 3),
		"no_interval":    {{ID: "a", C: 1, E: .5, Cluster: "one"}, {ID: "b", C: 10, E: .4, Cluster: "two"}, {ID: "c", C: 100, E: .3, Cluster: "three"}},
	} {
		r, err := Fit(context.Background(), points, Options{Rule: "all", Interval: "percentile"})
		if code == "no_interval" {
			if err != nil || r.Status != "ok" || !hasNote(r.Warnings, "degenerate_resamples") {
				t.Errorf("three points: %v %+v", err, r)
			}
			continue
		}
		if err != nil || r.Status != "refused" || r.Reason == nil || r.Reason.Code != code {
			t.Errorf("%s: %v, %+v", code, err, r)
		}
	}
	same := []Point{{ID: "a", C: 5, E: .5}, {ID: "b", C: 5, E: .5}, {ID: "c", C: 5, E: .5}, {ID: "d", C: 5, E: .5}}
	if r, err := Fit(context.Background(), same, Options{}); err != nil || r.Reason == nil || r.Reason.Code != "too_few_points" {
		t.Errorf("equal points: %v, %+v", err, r)
	}
}

func TestWarnings(t *testing.T) {
	bent := synthetic(20, 0, 6)
	for i := range bent {
		bent[i].E += 0.02 * math.Pow(float64(i)/20, 2)
	}
	flat := synthetic(20, 0.2, 7)
	for i := range flat {
		flat[i].E = 0.4 + 0.01*float64((i*7)%5)
	}
	high := synthetic(20, 0, 8)
	high[0].E = 0.99
	for code, points := range map[string][]Point{"curvature": bent, "zero_in_interval": flat, "low_r2": flat, "near_chance": high, "extrapolation": bent} {
		r := mustFit(t, points, Options{Rule: "all", Predict: []float64{1e12}})
		if !hasNote(r.Warnings, code) {
			t.Errorf("no %s among %+v", code, r.Warnings)
		}
	}
	if r := mustFit(t, synthetic(20, 0.001, 9), Options{Rule: "all"}); len(r.Warnings) > 0 {
		t.Errorf("a clean law carries warnings: %+v", r.Warnings)
	}
}

func TestBadPointsAndOptionsAreErrors(t *testing.T) {
	good := synthetic(5, 0, 1)
	with := func(change func(p *Point)) []Point {
		points := slices.Clone(good)
		change(&points[2])
		return points
	}
	for want, points := range map[string][]Point{
		"not percent":  with(func(p *Point) { p.E = 43.1 }),
		"error is NaN": with(func(p *Point) { p.E = math.NaN() }),
		"error is 0":   with(func(p *Point) { p.E = 0 }),
		"compute is":   with(func(p *Point) { p.C = -1 }),
		"stands twice": with(func(p *Point) { p.ID = "p000" }),
		"has no id":    with(func(p *Point) { p.ID = "" }),
	} {
		if _, err := Fit(context.Background(), points, Options{}); !errors.Is(err, ErrInput) || !strings.Contains(err.Error(), want) {
			t.Errorf("want %q, got %v", want, err)
		}
	}
	for want, o := range map[string]Options{
		"law":       {Law: "cubic"},
		"rule":      {Rule: "envelope"},
		"level":     {Level: 95},
		"bootstrap": {Bootstrap: 3},
		"predict":   {Predict: []float64{-1}},
	} {
		if _, err := Fit(context.Background(), good, o); !errors.Is(err, ErrInput) || !strings.Contains(err.Error(), want) {
			t.Errorf("want %q, got %v", want, err)
		}
	}
}

// Points of one cluster are drawn together: with every pair in one cluster the interval is
// that of half as many independent points, so wider.
func TestClustersAreResampledTogether(t *testing.T) {
	points := synthetic(40, 0.05, 10)
	for i := range points {
		points[i].C = points[i/2*2].C
		points[i].E = points[i/2*2].E * (1 + 1e-9*float64(i%2))
	}
	apart := mustFit(t, points, Options{Rule: "all", Bootstrap: 2000}).Coefficients[0].Interval
	for i := range points {
		points[i].Cluster = fmt.Sprint(i / 2)
	}
	together := mustFit(t, points, Options{Rule: "all", Bootstrap: 2000}).Coefficients[0].Interval
	if ratio := (together[1] - together[0]) / (apart[1] - apart[0]); ratio < 1.2 {
		t.Errorf("clusters widen the interval by %.2f, want about 1.41", ratio)
	}
}

func TestRecordReproduces(t *testing.T) {
	var inputs []Evidence
	for _, p := range synthetic(15, 0.05, 11) {
		inputs = append(inputs, Evidence{Point: p, Runs: []string{p.ID}, Step: 100, Revision: "1", Evaluator: "test"})
	}
	inputs = append(inputs, Evidence{Point: Point{ID: "diverged", C: 1e5}, Reason: "diverged at step 3"})
	r, err := NewRecord(context.Background(), Record{Sweep: "s", Metric: "t/top1_error", Select: "best", Inputs: inputs, Options: Options{Bootstrap: 200}})
	if err != nil {
		t.Fatal(err)
	}
	slices.Reverse(inputs)
	again, err := NewRecord(context.Background(), Record{Sweep: "s", Metric: "t/top1_error", Select: "best", Inputs: inputs, Options: Options{Bootstrap: 200}})
	if err != nil || again.ID != r.ID || len(r.ID) != 32 {
		t.Errorf("ids %s and %s: %v", r.ID, again.ID, err)
	}
	if _, changes, err := r.Reproduce(context.Background()); err != nil || len(changes) > 0 {
		t.Errorf("reproduced with %v: %v", changes, err)
	}
	used := 0
	for _, in := range r.Inputs {
		if in.Used {
			used++
		} else if in.Reason == "" {
			t.Errorf("%s is not used and has no reason", in.ID)
		}
	}
	if used != r.Result.NUsed {
		t.Errorf("%d inputs marked used, result says %d", used, r.Result.NUsed)
	}
	p, err := r.Predict(context.Background(), []float64{1e9, 1e10})
	if err != nil || len(p.Predictions) != 2 || p.Predictions[1].Value >= p.Predictions[0].Value {
		t.Errorf("predictions %+v: %v", p.Predictions, err)
	}
}

// Whatever the points: an error, a refusal, or a result that is all numbers.
func FuzzFit(f *testing.F) {
	f.Add(int64(1), uint8(9), uint8(0), uint8(0))
	f.Add(int64(2), uint8(30), uint8(1), uint8(1))
	f.Add(int64(3), uint8(30), uint8(2), uint8(2))
	f.Add(int64(4), uint8(39), uint8(0), uint8(3))
	f.Fuzz(func(t *testing.T, seed int64, n, rule, law uint8) {
		random := rand.New(rand.NewPCG(uint64(seed), 1))
		var points []Point
		for i := range int(n) % 40 {
			c := math.Pow(10, math.Round(4*random.Float64())*3)
			size := math.Pow(10, math.Round(3*random.Float64()))
			points = append(points, Point{ID: fmt.Sprint(i), C: c, N: size, D: c / size, U: c, E: math.Round(9*random.Float64()+1) / 10})
		}
		name := []string{"power", "power-floor", "shifted", "isoflop"}[law%4]
		rules := RulesFor(name)
		r, err := Fit(context.Background(), points, Options{Law: name, Rule: rules[int(rule)%len(rules)], Bootstrap: 100, Predict: []float64{1e3, 1e20}})
		if err != nil {
			t.Fatal(err)
		}
		if r.NUsed+len(r.Excluded) != len(points) {
			t.Fatalf("%d used, %d excluded of %d", r.NUsed, len(r.Excluded), len(points))
		}
		marshal(t, r)
	})
}
