package study

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/scalelaw/scalelaw/sweep"
)

// full is a grid whose error falls by a known share for each doubling of each axis.
func full(model, data, samples float64) Grid {
	g := Grid{Name: "s", Metric: "easy/top1_error"}
	for m := range 3 {
		for d := range 3 {
			for s := range 3 {
				for seed := range int64(2) {
					e := 0.9 * math.Exp(-model*float64(m)-data*float64(d)-samples*float64(s))
					r := scored(fmt.Sprint(m, d, s, seed), fmt.Sprint("m", m), fmt.Sprint("d", d), 1, seed, e)
					r.GMACsPerSample, r.Data.Pairs, r.SamplesSeen = math.Exp2(float64(m)), 1000<<d, 1000<<s
					r.GMACsTotal = r.GMACsPerSample * float64(r.SamplesSeen)
					g.Runs = append(g.Runs, r)
				}
			}
		}
	}
	return g
}

func TestGainsOfAKnownGrid(t *testing.T) {
	gains, from := full(0.1, 0.3, 0.05).Gains()
	for i, want := range []float64{0.1, 0.3, 0.05} {
		if g := gains[i]; g.Pairs < 3 || math.Abs(g.Median-want) > 1e-12 || math.Abs(g.Low-g.High) > 1e-12 {
			t.Errorf("%+v, want %g", g, want)
		}
	}
	if from < 4000 {
		t.Errorf("from %g", from)
	}
	for want, g := range map[string]Grid{
		"Data is the bottleneck":       full(0.1, 0.3, 0.05),
		"The model is the bottleneck":  full(0.3, 0.1, 0.05),
		"Scale the samples seen next":  full(0.05, 0.1, 0.3),
		"no axis lowers the error any": full(-0.1, -0.1, 0),
		"That is not sure":             full(0.1, 0.1, 0.1),
	} {
		if says := strings.Join(Advice(g.Gains()), " "); !strings.Contains(says, want) {
			t.Errorf("%q lacks %q", says, want)
		}
	}
}

func TestGainsOfLittle(t *testing.T) {
	one := Grid{Metric: "easy/top1_error", Runs: []sweep.ScoredRun{scored("a", "m", "d", 1, 0, 0.5)}}
	for _, g := range []Grid{{Metric: "easy/top1_error"}, one} {
		if says := Advice(g.Gains()); len(says) != 1 || !strings.Contains(says[0], "does not tell yet") {
			t.Errorf("%v", says)
		}
	}
}
