package synthetic

import (
	"math"
	"os"
	"runtime"
	"testing"

	"github.com/scalelaw/scalelaw/fit"
)

// The truth's frontier is the least error over all sizes, to the digit.
func TestFrontiersAreEnvelopes(t *testing.T) {
	checked := 0
	for _, s := range Scenarios() {
		if s.kind == bent {
			continue // its error does not depend on the size
		}
		c := s.Largest() / 3
		best := math.Inf(1)
		for z := -6.0; z < 8; z += 1e-4 {
			n := math.Pow(10, z)
			best = min(best, s.truth.error(n, c/n))
		}
		if ratio := best / s.Frontier(c); math.Abs(ratio-1) > 1e-7 {
			t.Errorf("%s: the least error is %.9f times the frontier", s.Name, ratio)
		}
		checked++
	}
	if checked < 10 {
		t.Errorf("checked %d scenarios", checked)
	}
}

// Noise has the deviation that it says, errors are fractions, names are told apart.
func TestStudiesAreAsTheySay(t *testing.T) {
	seen := map[string]bool{}
	for _, s := range Scenarios() {
		if seen[s.Name] || s.About == "" {
			t.Errorf("scenario %q stands twice or says nothing of itself", s.Name)
		}
		seen[s.Name] = true
		var sum, squares, n float64
		for i := range uint64(300) {
			points, _ := s.Study(4, i, 10*s.Largest(), nil)
			if len(points) != s.Runs() {
				t.Fatalf("%s: %d points of %d", s.Name, len(points), s.Runs())
			}
			for k, p := range points {
				if !(p.E > 0 && p.E <= 1) {
					t.Fatalf("%s: an error of %g", s.Name, p.E)
				}
				r := s.runs[k]
				x := math.Log10(p.E / s.observed(s.truth.error(r.n, effective(r.d, r.u))))
				sum, squares, n = sum+x, squares+x*x, n+1
			}
		}
		want := math.Hypot(s.noise.run, s.noise.seed)
		if got := math.Sqrt(squares/n - math.Pow(sum/n, 2)); s.noise.samples == 0 && s.noise.tail == 0 && s.chance == 0 && math.Abs(got/want-1) > 0.08 {
			t.Errorf("%s: deviation %.4f, want %.4f", s.Name, got, want)
		}
	}
	seedStudy, _ := Find("seed-study")
	if seedStudy.Runs() != 29 {
		t.Errorf("the seed study has %d runs", seedStudy.Runs())
	}
}

func TestRowsDoNotDependOnCores(t *testing.T) {
	s, _ := Find("nine")
	o := fit.Options{Law: "power", Rule: "pareto", Interval: "percentile", Bootstrap: 100}
	want, err := Measure(t.Context(), s, o, 30, 9)
	if err != nil {
		t.Fatal(err)
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	for cores := 1; cores <= 3; cores++ {
		runtime.GOMAXPROCS(cores)
		if got, err := Measure(t.Context(), s, o, 30, 9); err != nil || got != want {
			t.Errorf("%d cores: %+v, want %+v: %v", cores, got, want, err)
		}
	}
}

// The default intervals cover where their assumptions hold, within what 120 studies can tell:
// a method that covers 95 % falls below 88 % of them once in 2,000 times.
func TestDefaultIntervalsCover(t *testing.T) {
	const studies, least = 120, 0.88
	measured := 0
	for _, s := range Scenarios() {
		o := fit.Options{Law: "power", Rule: "envelope", Interval: "t"}
		if !s.suits(o) {
			continue
		}
		row, err := Measure(t.Context(), s, o, studies, 3)
		if err != nil {
			t.Fatal(err)
		}
		if row.Refused > 0 || min(row.Covered, row.Law10, row.Run10) < least {
			t.Errorf("%s: %+v", s.Name, row)
		}
		measured++
	}
	if measured < 10 {
		t.Errorf("measured %d scenarios", measured)
	}
}

// Where an assumption breaks but there is a valley the envelope fits and warns: it does not take
// the runs for ones without a best size.
func TestStudiesWithAValleyAreNotRefused(t *testing.T) {
	for _, name := range []string{"lopsided", "chance", "data-unknown", "floor", "binomial-untold"} {
		s, _ := Find(name)
		row, err := Measure(t.Context(), s, fit.Options{Law: "power", Rule: "envelope", Interval: "t"}, 60, 3)
		if err != nil || row.Refused > 0 {
			t.Errorf("%s: %+v, %v", name, row, err)
		}
	}
}

// The measure tells bad intervals from good ones: the seed paper's rule is biased on isoflop,
// and a power law that ignores a floor or chance warns, since it never covers.
func TestBadIntervalsAreSeen(t *testing.T) {
	biased, _ := Find("isoflop")
	row, err := Measure(t.Context(), biased, fit.Options{Law: "power", Rule: "binned-minima", Interval: "percentile", Bootstrap: 200}, 60, 3)
	if err != nil || row.Covered > 0.8 || row.Bias > -0.005 {
		t.Errorf("binned-minima: %+v, %v", row, err)
	}
	for _, name := range []string{"floor", "chance"} {
		s, _ := Find(name)
		row, err := Measure(t.Context(), s, fit.Options{Law: "power", Rule: "envelope", Interval: "t"}, 20, 3)
		if err != nil || row.Holds || row.Covered > 0.5 || row.Warned < 0.9 {
			t.Errorf("%s: %+v, %v", name, row, err)
		}
	}
}

// docs/coverage.md shows the numbers that the program carries.
func TestDocumentIsTheTable(t *testing.T) {
	table, err := fit.MeasuredCoverage()
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile("../../docs/coverage.md")
	if err != nil {
		t.Fatal(err)
	}
	if string(text) != Markdown(table) {
		t.Error("docs/coverage.md is not what fit/coverage.json says: run `scalelaw fit coverage --write docs/coverage.md`")
	}
	for _, w := range Ways() {
		for _, name := range w.Scenarios {
			if !has(table.Rows, w, name) {
				t.Errorf("%s by %s with %s on %s was not measured", w.Law, w.Rule, w.Interval, name)
			}
		}
	}
}

func has(rows []fit.Coverage, w Way, scenario string) bool {
	for _, c := range rows {
		if c.Scenario == scenario && c.Law == w.Law && c.Rule == w.Rule && c.Interval == w.Interval {
			return true
		}
	}
	return false
}
