package surface

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/scalelaw/scalelaw/sweep"
)

func run(i int, noise float64) sweep.Run {
	return sweep.Run{
		ID: fmt.Sprintf("run-%d", i), ActualSamplesSeen: 1000, Recipe: sweep.Recipe{BatchSize: 100}, GMACsTotal: 1e6,
		Surface: &sweep.Surface{Alpha: -0.2, Beta: 2, Floor: 0.1, Noise: noise, Chance: 1},
	}
}

func TestWithoutNoiseTheLawItself(t *testing.T) {
	s, err := Scores(run(1, 0))
	if err != nil {
		t.Fatal(err)
	}
	if want := 0.1 + 2*math.Pow(1e6, -0.2); math.Abs(s[0].Value-want) > 1e-15 || s[0].Step != 10 {
		t.Errorf("%+v, want %g at step 10", s[0], want)
	}
	if !strings.Contains(s[0].Evaluator, "nothing was trained") {
		t.Errorf("the row does not say what it is: %q", s[0].Evaluator)
	}
}

func TestNoiseIsWhatWasStated(t *testing.T) {
	exact := math.Log(0.1 + 2*math.Pow(1e6, -0.2))
	var sum, squares float64
	const n = 4000
	for i := range n {
		s, err := Scores(run(i, 0.05))
		if err != nil {
			t.Fatal(err)
		}
		d := math.Log(s[0].Value) - exact
		sum, squares = sum+d, squares+d*d
	}
	if sd := math.Sqrt(squares / n); math.Abs(sd-0.05) > 0.003 || math.Abs(sum/n) > 0.003 {
		t.Errorf("noise has mean %g and standard deviation %g, want 0 and 0.05", sum/n, sd)
	}
}

func TestDrawsRepeat(t *testing.T) {
	a, _ := Scores(run(7, 0.1))
	b, _ := Scores(run(7, 0.1))
	if a[0] != b[0] {
		t.Errorf("%v and %v", a, b)
	}
	if _, err := Scores(sweep.Run{}); !errors.Is(err, sweep.ErrBadInput) {
		t.Errorf("a run without a surface: %v", err)
	}
}

func BenchmarkScores(b *testing.B) {
	r := run(1, 0.1)
	for b.Loop() {
		if _, err := Scores(r); err != nil {
			b.Fatal(err)
		}
	}
}
