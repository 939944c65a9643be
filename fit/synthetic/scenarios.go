package synthetic

import (
	"math"
	"slices"
	"strconv"
)

// Scenarios lists the kinds of studies, first those in which the envelope's assumptions hold.
func Scenarios() []*Scenario {
	seedStudy, grid := additive{c0: 5e11, n0: 30, e0: 0.31, a: 0.25, b: 0.2}, valley{c0: 1e9, n0: 1, e0: 0.4, alpha: -0.15, tilt: 0.5, side: parabola(0.1)}
	floor := additive{c0: 1e9, n0: 1, e0: 0.25, a: 0.5, b: 0.4, eps: 0.1}
	return []*Scenario{
		{Name: "seed-study", About: "the places of the seed study's 29 runs, E = A/N^0.25 + B/D^0.2, noise 2.3 %", kind: valleys, runs: published(false), truth: seedStudy, noise: noise{run: 0.01}},
		{Name: "isoflop", About: "30 runs in a grid of 6 sizes and 5 durations, a parabola beside the valley, noise 2.3 %", kind: valleys, runs: gridOf(6, 5), truth: grid, noise: noise{run: 0.01}},
		{Name: "noisy", About: "as isoflop, noise 7 %", kind: valleys, runs: gridOf(6, 5), truth: grid, noise: noise{run: 0.03}},
		{Name: "off-centre", About: "as isoflop, the best size twice that of the grid's middle and rising faster than the diagonal", kind: valleys, runs: gridOf(6, 5), truth: valley{c0: 1e9, n0: 2, e0: 0.4, alpha: -0.15, tilt: 0.6, side: parabola(0.1)}, noise: noise{run: 0.01}},
		{Name: "nine", About: "9 runs, 3 sizes by 3 durations, E = A/N^0.3 + B/D^0.3, noise 2.3 %", kind: valleys, runs: gridOf(3, 3), truth: additive{c0: 1e9, n0: 1, e0: 0.4, a: 0.3, b: 0.3}, noise: noise{run: 0.01}},
		{Name: "two-hundred", About: "200 runs, 20 sizes by 10 durations, E = A/N^0.4 + B/D^0.25, noise 3.5 %", kind: valleys, runs: gridOf(20, 10), truth: additive{c0: 1e9, n0: 1, e0: 0.4, a: 0.4, b: 0.25}, noise: noise{run: 0.015}},
		{Name: "seeds", About: "16 cells of 3 seeds; cells scatter by 2.3 %, seeds by 3.5 %", kind: valleys, runs: seeded(gridOf(4, 4), 3), truth: grid, noise: noise{run: 0.01, seed: 0.015}},
		{Name: "checkpoints", About: "12 runs, each seen at 4 checkpoints that share the run's 2.3 % and have 1.2 % of their own", kind: valleys, runs: checkpointed(12, 4), truth: grid, noise: noise{run: 0.01, seed: 0.005}},
		{Name: "heavy-tail", About: "as isoflop, noise 3.5 % with the tails of Student's t of 3 degrees of freedom", kind: valleys, runs: gridOf(6, 5), truth: grid, noise: noise{run: 0.015, tail: 3}},
		{Name: "binomial", About: "as isoflop, each run tested on 1,000 samples, which the fit is told", kind: valleys, runs: gridOf(6, 5), truth: grid, noise: noise{run: 0.005, samples: 1000}, told: true},
		{Name: "data-limited", About: "the seed study's 29 runs on 80M, 400M and 2B unique samples, R* = 15, noise 2.3 %", kind: valleys, runs: published(true), truth: seedStudy, noise: noise{run: 0.01}},
		{Name: "binomial-untold", About: "as binomial, the fit not told the number", runs: gridOf(6, 5), truth: grid, noise: noise{run: 0.005, samples: 1000}},
		{Name: "profiles", About: "5 amounts of compute over 4 decades, 7 sizes each over 1.5 decades about the best, noise 2.3 %", kind: valleys, runs: isoflops(5, 7, grid), truth: grid, noise: noise{run: 0.01}},
		{Name: "lopsided", About: "as isoflop, three times as steep for models too small as for those too large", runs: gridOf(6, 5), truth: valley{c0: 1e9, n0: 1, e0: 0.4, alpha: -0.15, tilt: 0.5, side: lopsided(0.05)}, noise: noise{run: 0.01}},
		{Name: "chance", About: "as isoflop, errors so high that the smallest runs flatten below 0.99", runs: gridOf(6, 5), truth: valley{c0: 1e9, n0: 1, e0: 0.75, alpha: -0.15, tilt: 0.5, side: parabola(0.1)}, noise: noise{run: 0.01}, chance: 0.99},
		{Name: "data-unknown", About: "as data-limited, the unique samples not told", runs: published(true), truth: seedStudy, noise: noise{run: 0.01}, unknown: true},
		{Name: "line", About: "10 runs of the best size over 4 decades of compute, noise 2.3 %", kind: line, runs: frontier(10, grid.c0, grid.n0, grid.tilt), truth: grid, noise: noise{run: 0.01}},
		{Name: "floor", About: "48 runs in a grid, E = 0.1 + A/N^0.5 + B/D^0.4, noise 1.2 %", kind: floored, runs: gridOf(8, 6), truth: floor, noise: noise{run: 0.005}},
		{Name: "floor-limited", About: "as floor, on 30M, 300M and 3G unique samples in turn, R* = 15", kind: floored, runs: limited(gridOf(8, 6)), truth: floor, noise: noise{run: 0.005}},
		{Name: "curve", About: "20 runs of the best size over 4 decades of compute, E = 0.1 + beta C^-0.22, noise 1.2 %", kind: curve, runs: frontier(20, floor.c0, floor.n0, floor.b/(floor.a+floor.b)), truth: floor, noise: noise{run: 0.005}},
		{Name: "bend", About: "40 runs of the best size over 5 decades of compute, E = 0.05 + a (C + 10^8)^-0.3, noise 0.7 %", kind: bent, runs: frontier(40, 1e9, 1, 0.5), truth: shifted{a: 60, shift: 1e8, c: -0.3, d: 0.05}, noise: noise{run: 0.003}},
	}
}

// Find gives the scenario of that name.
func Find(name string) (*Scenario, bool) {
	all := Scenarios()
	i := slices.IndexFunc(all, func(s *Scenario) bool { return s.Name == name })
	if i < 0 {
		return nil, false
	}
	return all[i], true
}

// published are the places of the 29 OpenCLIP runs of Cherti et al. 2023 (forward GMACs a
// sample, samples seen rounded), with the unique samples when limited.
func published(limited bool) []run {
	var runs []run
	for _, n := range []float64{7.4, 20.57, 87.73} {
		for _, d := range []float64{2.56e9, 13e9, 34.2e9} {
			for _, u := range []float64{80e6, 400e6, 2e9} {
				runs = append(runs, run{n: n, d: d, u: u})
			}
		}
	}
	runs = append(runs, run{n: 290.74, d: 12.2e9, u: 2e9}, run{n: 190.97, d: 34.7e9, u: 2e9})
	for i := range runs {
		if !limited {
			runs[i].u = 0
		}
	}
	return runs
}

// gridOf are sizes over 2.5 decades by durations over 2, evenly in their logarithms, so that C
// runs from 10^6.75 to 10^11.25.
func gridOf(sizes, durations int) []run {
	var runs []run
	for i := range sizes {
		for j := range durations {
			n := -1.25 + 2.5*float64(i)/float64(sizes-1)
			d := 8 + 2*float64(j)/float64(durations-1)
			runs = append(runs, run{n: math.Pow(10, n), d: math.Pow(10, d)})
		}
	}
	return runs
}

// seeded repeats each run as a cell of seeds.
func seeded(cells []run, seeds int) []run {
	var runs []run
	for i, c := range cells {
		c.cluster = "cell " + strconv.Itoa(i)
		for range seeds {
			runs = append(runs, c)
		}
	}
	return runs
}

// checkpointed are runs of sizes over 2.5 decades, each seen at checkpoints over 2 decades.
func checkpointed(sizes, checkpoints int) []run {
	runs := gridOf(sizes, checkpoints)
	for i := range runs {
		runs[i].cluster = "run " + strconv.Itoa(i/checkpoints)
	}
	return runs
}

// isoflops are sizes over 1.5 decades about the best at each of several amounts of compute over
// 4 decades.
func isoflops(computes, sizes int, of valley) []run {
	var runs []run
	for _, best := range frontier(computes, of.c0, of.n0, of.tilt) {
		for j := range sizes {
			away := math.Pow(10, -0.75+1.5*float64(j)/float64(sizes-1))
			runs = append(runs, run{n: best.n * away, d: best.d / away})
		}
	}
	return runs
}

// frontier are runs of the best size of a valley, evenly over 4 decades of compute.
func frontier(n int, c0, n0, tilt float64) []run {
	var runs []run
	for i := range n {
		x := -2 + 4*float64(i)/float64(n-1)
		size := n0 * math.Pow(10, tilt*x)
		runs = append(runs, run{n: size, d: c0 * math.Pow(10, x) / size})
	}
	return runs
}

// limited gives runs 30M, 300M and 3G unique samples in turn.
func limited(runs []run) []run {
	for i := range runs {
		runs[i].u = []float64{3e7, 3e8, 3e9}[i%3]
	}
	return runs
}
