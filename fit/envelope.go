package fit

import (
	"fmt"
	"math"
	"slices"
)

// envelope is E = beta C^alpha as the floor of the valley of a surface through all runs, rather
// than a line through the lowest of them: a minimum of noisy runs is low by luck, a valley is
// not. It averages the surfaces that the points determine by Akaike's weights (Burnham and
// Anderson 2002, sections 2.9 and 4.2), since which form the valley has is seldom known.
//
// Theta is a weight for each surface, then their thetas one after the other.
type envelope struct {
	surfaces []*surface
	points   float64 // clusters, for the correction of small samples
}

// newEnvelope has surfaces with repeated samples only where some point repeats any.
func newEnvelope(nodes []node, clusters int) *envelope {
	var centre surface
	repeats := false
	for _, n := range nodes {
		share := 1 / float64(len(nodes))
		centre.x += share * n.x
		centre.n += share * n.n / math.Ln10
		centre.unit += share * (n.x - (n.n+n.d)/math.Ln10)
		repeats = repeats || n.d > n.u && !math.IsInf(n.u, -1)
	}
	e := &envelope{points: float64(clusters)}
	for _, quadratic := range []bool{false, true} {
		for _, again := range []bool{false, true} {
			if again && !repeats {
				continue
			}
			s := centre
			s.quadratic, s.repeats = quadratic, again
			e.surfaces = append(e.surfaces, &s)
		}
	}
	return e
}

func (e *envelope) names() []string { return []string{"alpha", "beta"} }

// dim is the length of theta.
func (e *envelope) dim() int {
	dim := len(e.surfaces)
	for _, s := range e.surfaces {
		dim += s.dim()
	}
	return dim
}

// parts are the surfaces that have weight, with their thetas.
func (e *envelope) parts(theta []float64, each func(i int, s *surface, weight float64, theta []float64)) {
	next := len(e.surfaces)
	for i, s := range e.surfaces {
		own := theta[next : next+s.dim()]
		next += s.dim()
		if theta[i] > 0 {
			each(i, s, theta[i], own)
		}
	}
}

// fit fits every surface, or from a theta those that have weight there, and weighs them. The
// objective and its starts are those of the surface with the least sum of squares.
func (e *envelope) fit(nodes []node, from []float64, scratch *scratch) (solution, bool) {
	scratch.envelope = slices.Grow(scratch.envelope[:0], e.dim())[:e.dim()]
	theta := scratch.envelope
	clear(theta)
	best := solution{objective: math.Inf(1)}
	var criterion [4]float64
	next := len(e.surfaces)
	for i, s := range e.surfaces {
		own := solution{theta: theta[next : next+s.dim()]}
		criterion[i] = math.Inf(1)
		starts := s.starts(nodes)
		if from != nil {
			starts = [][]float64{from[next : next+s.dim()]}
		}
		next += s.dim()
		if from != nil && from[i] == 0 {
			continue
		}
		if s.descend(nodes, starts, &own) {
			criterion[i] = e.criterion(own.objective, nodes, s.dim())
		}
		if own.objective < best.objective {
			best = own
		}
	}
	best.theta = theta
	return best, weigh(criterion[:len(e.surfaces)], theta)
}

// criterion is Akaike's with the correction of Hurvich and Tsai (1989) for small samples, of
// least squares with dim parameters and a variance; +Inf when there are too few points.
func (e *envelope) criterion(sum float64, nodes []node, dim int) float64 {
	k := float64(dim + 1)
	if e.points-k-1 <= 0 {
		return math.Inf(1)
	}
	var weight float64
	for _, n := range nodes {
		weight += n.weight
	}
	return e.points*math.Log(max(sum/weight, 1e-24)) + 2*k + 2*k*(k+1)/(e.points-k-1)
}

// weigh turns criteria into weights; false when no surface has one.
func weigh(criteria, weights []float64) bool {
	least := slices.Min(criteria)
	if math.IsInf(least, 1) {
		return false
	}
	var sum float64
	for i, c := range criteria {
		weights[i] = math.Exp((least - c) / 2)
		if weights[i] < 1e-6 {
			weights[i] = 0
		}
		sum += weights[i]
	}
	for i := range criteria {
		weights[i] /= sum
	}
	return true
}

func (e *envelope) coefficients(theta []float64) []float64 {
	var alpha, beta float64
	e.parts(theta, func(_ int, s *surface, weight float64, own []float64) {
		level, slope, _ := s.valleyOf(own)
		alpha += weight * slope
		beta += weight * (level - slope*s.x)
	})
	return []float64{alpha, pow10(beta)}
}

func (e *envelope) formula(c []float64) string { return fmt.Sprintf("E = %.4g C^%.4f", c[1], c[0]) }

func (e *envelope) at(theta []float64, n node) float64 {
	var y float64
	e.parts(theta, func(_ int, s *surface, weight float64, own []float64) { y += weight * s.at(own, n) })
	return y
}

func (e *envelope) atCompute(theta []float64, c float64) optimum {
	var o optimum
	e.parts(theta, func(_ int, s *surface, weight float64, own []float64) {
		at := s.atCompute(own, c)
		o.y, o.n, o.d = o.y+weight*at.y, o.n+weight*math.Log(at.n), o.d+weight*math.Log(at.d)
	})
	o.n, o.d = math.Exp(o.n), math.Exp(o.d)
	return o
}
