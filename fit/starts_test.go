package fit

import (
	"math"
	"runtime"
	"slices"
	"testing"
)

// lawPoints are points that determine each law that descends from many starts.
func lawPoints(t testing.TB) map[string][]Point {
	floored := synthetic(40, 0.003, 3)
	shifted := synthetic(40, 0.002, 4)
	for i := range floored {
		floored[i].E += 0.15
		noise := shifted[i].E / (3 * math.Pow(shifted[i].C, -0.2))
		shifted[i].E = noise * (9*math.Pow(shifted[i].C+5e4, -0.3) + 0.05)
	}
	return map[string][]Point{"power-floor": floored, "shifted": shifted, "chinchilla": surfacePoints(60, 0.002, 5), "data-limited": surfacePoints(60, 0.002, 6)}
}

// The optimum, and which start found it, do not depend on how many goroutines share the work.
func TestStartsAreDeterministic(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	for _, name := range []string{"shifted", "chinchilla"} {
		var want string
		for _, cores := range []int{1, 2, 3} {
			runtime.GOMAXPROCS(cores)
			r := mustFit(t, lawPoints(t)[name], Options{Law: name, YIs: "loss", Bootstrap: 100})
			if got := marshal(t, r); want == "" {
				want = got
			} else if got != want {
				t.Errorf("%s: %d cores give other bytes", name, cores)
			}
		}
	}
}

// A resample that starts from the law of all points ends at the optimum that all starts find.
func TestWarmStartsReachTheOptimum(t *testing.T) {
	points := lawPoints(t)
	points["Chinchilla's own"] = chinchillaPoints(t)
	for name, p := range points {
		resamples, law := map[string]int{"power-floor": 200, "shifted": 60}[name], name
		if resamples == 0 {
			resamples = 2
		}
		if name == "Chinchilla's own" {
			law = "chinchilla"
		}
		o := Options{Law: law, YIs: "loss"}.Defaults()
		e := newEstimate(p, o)
		if reason := e.fit(); reason != nil {
			t.Fatalf("%s: %s", name, reason.Text)
		}
		s := newSampler(e.nodes, clusterOf(e.points), newFitter(e.law, o, e.theta))
		for i := range resamples {
			if !s.draw(i) {
				t.Errorf("%s: resample %d has no law", name, i)
				continue
			}
			all, ok := e.law.fit(slices.Clone(s.fitter.taken), nil, &scratch{})
			if !ok || s.found.objective > all.objective*(1+1e-7) {
				t.Errorf("%s: resample %d ends at %.12g, all starts at %.12g", name, i, s.found.objective, all.objective)
			}
		}
	}
}
