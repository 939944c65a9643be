// Package synthetic makes studies whose law is known: layouts of runs shaped like real ones,
// errors from a surface with a known frontier, and noise. With them it measures how often the
// intervals of package fit hold the truth.
package synthetic

import (
	"math"
	"math/rand/v2"
	"strconv"

	"github.com/scalelaw/scalelaw/fit"
)

// Scenario is a kind of study: where its runs lie, what their error would be without noise, and
// how it scatters. Scenarios are read only.
type Scenario struct {
	Name    string // as rows of tables and flags name it
	About   string // in a sentence
	runs    []run
	kind    kind
	truth   truth
	noise   noise
	unknown bool // the unique samples of a run are not told to the fit
	told    bool // the fit knows how many samples evaluations have
	chance  float64
}

// kind says for which ways of fitting a scenario's truth is of the right form.
type kind int

const (
	none    kind = iota // for none
	valleys             // power: a valley whose floor is a power of C
	floored             // laws with a floor: a valley of one
	line                // power: runs on the frontier itself
	bent                // shifted: runs on the frontier itself
	curve               // laws of C with a floor: runs on the frontier itself
)

// suits reports whether the assumptions of a way of fitting hold in the scenario.
func (s *Scenario) suits(o fit.Options) bool {
	switch {
	case o.Law == "power" && o.Rule == "all":
		return s.kind == line
	case o.Law == "power" && o.Rule == "envelope":
		return s.kind == valleys
	case o.Law == "power":
		return s.kind == valleys || s.kind == line
	case o.Law == "isoflop":
		return s.kind == valleys
	case o.Law == "shifted":
		return s.kind == bent
	case o.Law == "power-floor":
		return s.kind == curve || s.kind == floored && o.Rule != "all"
	}
	return s.kind == floored
}

// run is one point's place: N in MACs a sample, D samples seen, U unique ones (0: all are), and
// the run or cell it belongs to.
type run struct {
	n, d, u float64
	cluster string
}

// truth is a surface of the error over N and D, and its frontier over C = N D.
type truth interface {
	error(n, d float64) float64
	frontier(c float64) float64
	coefficients(law string) map[string]float64 // by name
}

// Study fills into with study number i of a seed: the same numbers give the same points. It
// also draws a new run on the frontier at compute c, and returns its error.
func (s *Scenario) Study(seed, i uint64, c float64, into []fit.Point) (points []fit.Point, newRun float64) {
	random := rand.New(rand.NewPCG(seed^hash(s.Name), i))
	scatter := s.noise.study(random)
	points = into[:0]
	for k, r := range s.runs {
		e := s.observed(s.truth.error(r.n, effective(r.d, r.u)))
		p := fit.Point{ID: "run " + strconv.Itoa(1000+k), C: r.n * r.d, N: r.n, D: r.d, Cluster: r.cluster}
		p.E = scatter(e, r.cluster)
		if r.u > 0 && !s.unknown {
			p.U = r.u
		}
		if s.told {
			p.Samples = s.noise.samples
		}
		points = append(points, p)
	}
	return points, scatter(s.observed(s.truth.frontier(c)), "new")
}

// Largest is the most compute of a run.
func (s *Scenario) Largest() float64 {
	var c float64
	for _, r := range s.runs {
		c = max(c, r.n*r.d)
	}
	return c
}

// Runs is the number of points of a study.
func (s *Scenario) Runs() int { return len(s.runs) }

// Frontier is the true error at a compute, and Coefficients the true law's numbers by name.
func (s *Scenario) Frontier(c float64) float64                 { return s.truth.frontier(c) }
func (s *Scenario) Coefficients(law string) map[string]float64 { return s.truth.coefficients(law) }

// observed bends an error to what guessing gets: a smooth minimum of the law and chance.
func (s *Scenario) observed(e float64) float64 {
	if s.chance == 0 {
		return e
	}
	const sharp = 6
	return math.Pow(math.Pow(e, -sharp)+math.Pow(s.chance, -sharp), -1.0/sharp)
}

// repeats is the R* of studies that see samples again, near that of Muennighoff et al. 2023.
const repeats = 15

// effective is the number of fresh samples worth d seen of u unique ones.
func effective(d, u float64) float64 {
	if u == 0 || d <= u {
		return d
	}
	return u + u*repeats*(1-math.Exp(-(d/u-1)/repeats))
}

// hash is FNV-1a, so that scenarios draw from different streams.
func hash(name string) uint64 {
	h := uint64(14695981039346656037)
	for _, b := range []byte(name) {
		h = (h ^ uint64(b)) * 1099511628211
	}
	return h
}
