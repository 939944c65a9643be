package synthetic

import (
	"slices"

	"github.com/scalelaw/scalelaw/fit"
)

// Ways lists every way of fitting that package fit offers an interval for: each rule of the
// power law in its usual way everywhere, the envelope by each other method where its
// assumptions hold, the other laws where theirs do.
func Ways() []Way {
	return slices.Concat(powerWays(), floorWays(), []Way{
		{Law: "isoflop", Rule: "parabola", Interval: "percentile", Scenarios: []string{"profiles"}},
		{Law: "chinchilla", Rule: "all", Interval: "percentile", Scenarios: []string{"floor"}, slow: true},
		{Law: "data-limited", Rule: "all", Interval: "percentile", Scenarios: []string{"floor-limited"}, slow: true},
	})
}

func powerWays() []Way {
	var all, valley []string
	for _, s := range Scenarios() {
		if s.Name != "floor-limited" && s.kind != curve && s.kind != bent {
			all = append(all, s.Name)
		}
		if s.kind == valleys {
			valley = append(valley, s.Name)
		}
	}
	ways := []Way{{Law: "power", Rule: "envelope", Interval: "t", Scenarios: all}}
	for _, rule := range fit.Rules() {
		ways = append(ways, Way{Law: "power", Rule: rule, Interval: fit.Options{Law: "power", Rule: rule}.IntervalUsed(), Scenarios: all})
	}
	for _, method := range fit.Intervals()[1:] {
		ways = append(ways, Way{Law: "power", Rule: "envelope", Interval: method, Scenarios: valley, slow: true})
	}
	return append(ways, Way{Law: "power", Rule: "pareto", Interval: "t", Scenarios: valley},
		Way{Law: "power", Rule: "all", Interval: "percentile", Scenarios: []string{"line"}})
}

func floorWays() []Way {
	ways := []Way{{Law: "power-floor", Rule: "all", Interval: "percentile", Scenarios: []string{"curve"}},
		{Law: "power-floor", Rule: "all", Interval: "t", Scenarios: []string{"curve"}},
		{Law: "shifted", Rule: "all", Interval: "percentile", Scenarios: []string{"bend"}, slow: true}}
	for _, rule := range []string{"pareto", "binned-minima", "pareto-bin"} {
		ways = append(ways, Way{Law: "power-floor", Rule: rule, Interval: "percentile", Scenarios: []string{"curve", "floor"}},
			Way{Law: "shifted", Rule: rule, Interval: "percentile", Scenarios: []string{"bend"}, slow: true})
	}
	return ways
}
