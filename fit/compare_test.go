package fit

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"runtime"
	"testing"
)

// onLine are n points of E = beta C^alpha with noise in ln E, over C from 10^4 to 10^8.
func onLine(n int, alpha, beta, noise float64, seed uint64, prefix string) []Point {
	random := rand.New(rand.NewPCG(seed, 0))
	var points []Point
	for i := range n {
		c := math.Pow(10, 4+4*float64(i)/float64(n-1))
		points = append(points, Point{ID: fmt.Sprintf("%s%02d", prefix, i), C: c, E: beta * math.Pow(c, alpha) * math.Exp(noise*random.NormFloat64())})
	}
	return points
}

func all(name string, points []Point) Side {
	return Side{Name: name, Points: points, Options: Options{Rule: "all"}}
}

func mustCompare(t *testing.T, a, b Side, o CompareOptions) Comparison {
	t.Helper()
	if o.Bootstrap == 0 {
		o.Bootstrap = 1000
	}
	c, err := Compare(context.Background(), a, b, o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// Two laws without noise: every number is known.
func TestCompareExactLaws(t *testing.T) {
	a, b := all("a", onLine(9, -0.1, 2, 0, 1, "a")), all("b", onLine(9, -0.2, 4, 0, 1, "b"))
	c := mustCompare(t, a, b, CompareOptions{Compute: []float64{1e5}, Errors: []float64{0.4}})
	within(t, "alpha, B - A", c.Coefficients[0].Value, -0.1, 1e-12)
	within(t, "E, B / A", c.ErrorRatios[0].Value, 4*math.Pow(1e5, -0.2)/(2*math.Pow(1e5, -0.1)), 1e-12)
	within(t, "C, B / A", c.ComputeRatios[0].Value, math.Pow(0.4/4, -5)/math.Pow(0.4/2, -10), 1e-9)
	within(t, "crossing", c.Crossing.C/1024, 1, 1e-9) // (4 / 2)^10
	if c.Crossing.Better != "b" || c.Crossing.Share != 1 || !c.Verdict.Distinguishable || c.Verdict.Text != "distinguishable" {
		t.Errorf("crossing %+v, verdict %+v", c.Crossing, c.Verdict)
	}
	for _, x := range [][]Contrast{c.Coefficients, c.ErrorRatios, c.ComputeRatios} {
		if !x[0].Distinguishable || math.Abs(*x[0].Interval[0]-x[0].Value) > 1e-9*math.Abs(x[0].Value) {
			t.Errorf("without noise: %+v", x[0])
		}
	}
	same := mustCompare(t, a, all("a again", onLine(9, -0.1, 2, 0, 1, "c")), CompareOptions{})
	if same.Verdict.Distinguishable || same.Verdict.P != 1 {
		t.Errorf("the same law: %+v", same.Verdict)
	}
}

// Of studies in which both laws are the same, about one in twenty is told apart at level 0.95.
func TestCompareSameLaws(t *testing.T) {
	const studies = 200
	found := 0
	for i := range uint64(studies) {
		p, err := newPair(all("a", onLine(12, -0.15, 2, 0.03, 2*i, "a")), all("b", onLine(12, -0.15, 2, 0.03, 2*i+1, "b")), CompareOptions{Bootstrap: 200, Level: 0.95})
		if err != nil || p.refusal() != nil {
			t.Fatal(err)
		}
		draws, err := p.resample(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		if p.verdict(draws).Distinguishable {
			found++
		}
	}
	t.Logf("%d of %d pairs of equal laws are told apart", found, studies)
	if found > 20 { // 10 expected; more than 20 has a probability of 1e-3
		t.Errorf("%d of %d pairs of equal laws are told apart", found, studies)
	}
}

// Runs that share their luck are compared by pairs: the same noise on both sides goes away.
func TestCompareByPairs(t *testing.T) {
	a := all("a", onLine(12, -0.15, 2, 0.1, 3, "r"))
	better := all("b", onLine(12, -0.15, 1.96, 0.1, 3, "r"))
	paired := mustCompare(t, a, better, CompareOptions{})
	apart := all("b", onLine(12, -0.15, 1.96, 0.1, 3, "other"))
	alone := mustCompare(t, a, apart, CompareOptions{})
	if paired.Paired != 12 || alone.Paired != 0 || !paired.Verdict.Distinguishable || alone.Verdict.Distinguishable {
		t.Errorf("paired %d: %+v; alone %d: %+v", paired.Paired, paired.Verdict, alone.Paired, alone.Verdict)
	}
	for i := range apart.Points {
		apart.Points[i].Cluster, a.Points[i].Cluster = fmt.Sprint(i), fmt.Sprint(i)
	}
	if keyed := mustCompare(t, a, apart, CompareOptions{}); keyed.Paired != 12 || !keyed.Verdict.Distinguishable {
		t.Errorf("by a key: %d, %+v", keyed.Paired, keyed.Verdict)
	}
}

// The published families: the coefficients are the golden ones of both, and three runs are too
// few to tell alphas apart that the bootstrap alone would.
func TestComparePublishedFamilies(t *testing.T) {
	a := Side{Name: "OpenCLIP", Points: study(t, "OpenCLIP", "imagenet1k_acc1")}
	b := Side{Name: "OpenAI", Points: study(t, "OpenAI-CLIP", "imagenet1k_acc1")}
	c := mustCompare(t, a, b, CompareOptions{Bootstrap: 4000})
	within(t, "alpha, B - A", c.Coefficients[0].Value, -0.163774690464292+0.111046241914108, 1e-12)
	within(t, "crossing", c.Crossing.C, math.Pow(23.1835505626/5.88384383743, 1/(0.163774690464292-0.111046241914108)), 1e3)
	if !hasNote(c.Warnings, "few_points") || !hasNote(c.Warnings, "tests_disagree") || c.Verdict.Distinguishable || c.Coefficients[0].Distinguishable {
		t.Errorf("%+v, warnings %+v", c.Verdict, c.Warnings)
	}
	within(t, "F-test", *c.Verdict.StudentP, 0.1787, 1e-4)
}

func TestCompareRefuses(t *testing.T) {
	a := all("a", onLine(9, -0.1, 2, 0.01, 1, "a"))
	few := all("few", onLine(2, -0.1, 2, 0.01, 1, "b"))
	flops := a
	flops.Options.Convention = "FLOPs"
	for code, b := range map[string]Side{"law_refused": few, "different_conventions": flops} {
		if c := mustCompare(t, a, b, CompareOptions{}); c.Status != "refused" || c.Reason.Code != code || c.Verdict != nil {
			t.Errorf("%s: %+v", code, c)
		}
	}
	bad := all("bad", []Point{{ID: "x", C: 1, E: 80}})
	for _, f := range []func() error{
		func() error { _, err := Compare(context.Background(), a, bad, CompareOptions{}); return err },
		func() error { _, err := Compare(context.Background(), a, a, CompareOptions{Level: 95}); return err },
		func() error { _, err := Compare(context.Background(), a, a, CompareOptions{Bootstrap: 7}); return err },
		func() error {
			_, err := Compare(context.Background(), a, a, CompareOptions{Compute: []float64{-1}})
			return err
		},
		func() error {
			_, err := Compare(context.Background(), a, a, CompareOptions{Errors: []float64{0}})
			return err
		},
	} {
		if err := f(); !errors.Is(err, ErrInput) {
			t.Errorf("%v, want bad input", err)
		}
	}
}

func TestCompareWarns(t *testing.T) {
	a := all("a", onLine(9, -0.1, 2, 0.01, 1, "a"))
	a.Metric, a.Basis = "t/top1_error", []string{"revision 1"}
	far := onLine(9, -0.1, 2, 0.01, 2, "b")
	for i := range far {
		far[i].C *= 1e6
	}
	b := Side{Name: "b", Metric: "t/top5_error", Points: far}
	c := mustCompare(t, a, b, CompareOptions{Compute: []float64{1e6}, Errors: []float64{0.001}})
	for _, code := range []string{"different_metrics", "different_rules", "disjoint_compute", "extrapolation", "unreachable"} {
		if !hasNote(c.Warnings, code) {
			t.Errorf("no %s among %+v", code, c.Warnings)
		}
	}
	if len(c.ErrorRatios) != 1 || len(c.ComputeRatios) != 0 {
		t.Errorf("%+v, %+v", c.ErrorRatios, c.ComputeRatios)
	}
	b = a
	b.Basis = []string{"revision 2"}
	if c := mustCompare(t, a, b, CompareOptions{}); !hasNote(c.Warnings, "different_evaluations") || c.Verdict.Distinguishable {
		t.Errorf("%+v, %+v", c.Warnings, c.Verdict)
	}
}

// The number of goroutines does not show.
func TestCompareIsDeterministic(t *testing.T) {
	a, b := all("a", onLine(9, -0.1, 2, 0.05, 1, "a")), all("b", onLine(9, -0.12, 2, 0.05, 2, "b"))
	was := runtime.GOMAXPROCS(1)
	defer runtime.GOMAXPROCS(was)
	one := mustCompare(t, a, b, CompareOptions{Seed: 7})
	runtime.GOMAXPROCS(5)
	if five := mustCompare(t, a, b, CompareOptions{Seed: 7}); !reflect.DeepEqual(one, five) {
		t.Errorf("one goroutine gives\n%+v\nfive\n%+v", one, five)
	}
	if other := mustCompare(t, a, b, CompareOptions{Seed: 8}); reflect.DeepEqual(one.Coefficients, other.Coefficients) || one.InputsSHA256 == other.InputsSHA256 {
		t.Error("another seed gives the same")
	}
}

func TestCompareStopsWhenAsked(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	a := all("a", onLine(9, -0.1, 2, 0.05, 1, "a"))
	if _, err := Compare(ctx, a, a, CompareOptions{}); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

// The intervals cover what they say: the table of docs/records.md.
func TestCompareCoverage(t *testing.T) {
	const studies = 200
	for _, c := range []struct {
		rule   string
		n      int
		atMost int // studies whose interval may miss: three standard deviations over what is expected
	}{{"all", 8, 20}, {"all", 12, 20}, {"all", 29, 20}, {"pareto", 8, 20}, {"pareto", 12, 25}, {"pareto", 29, 32}} {
		alpha, ratio := 0, 0
		for i := range uint64(studies) {
			o := Options{Rule: c.rule}
			a := Side{Name: "a", Points: onLine(c.n, -0.15, 2, 0.03, 2*i, "a"), Options: o}
			b := Side{Name: "b", Points: onLine(c.n, -0.17, 2.4, 0.03, 2*i+1, "b"), Options: o}
			p, err := newPair(a, b, CompareOptions{Bootstrap: 400, Level: 0.95})
			if err != nil || p.refusal() != nil {
				t.Fatal(err)
			}
			draws, err := p.resample(context.Background())
			if err != nil {
				t.Fatal(err)
			}
			if leavesOut(p.coefficients(draws)[0].Interval, -0.02) {
				alpha++
			}
			if leavesOut(p.errorRatios([]float64{1e6}, draws)[0].Interval, 1.2*math.Pow(1e6, -0.02)) {
				ratio++
			}
		}
		t.Logf("| %s | %d | %.1f %% | %.1f %% |", c.rule, c.n, 100-100*float64(alpha)/studies, 100-100*float64(ratio)/studies)
		if alpha > c.atMost || ratio > c.atMost {
			t.Errorf("rule %s, %d points: %d and %d of %d intervals miss", c.rule, c.n, alpha, ratio, studies)
		}
	}
}
