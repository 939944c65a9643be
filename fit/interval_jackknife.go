package fit

import (
	"context"
	"math"
	"slices"
)

// jackknife makes intervals of Student's t from fits that leave out one cluster of runs each:
// the variance is (g-1)/g times the sum of squares of the g values about their mean (Efron and
// Tibshirani 1993, equation 11.5). For minima, as of the rule pareto, it is not consistent:
// a check, no more.
type jackknife struct {
	e      *estimate
	thetas [][]float64
	lost   int
}

func newJackknife(ctx context.Context, e *estimate) (*jackknife, *Note, error) {
	j := &jackknife{e: e}
	clusters, nodes := clusterOf(e.points), slices.Clone(e.nodes)
	f := newFitter(e.law, e.o, e.theta)
	for g := range slices.Max(clusters) + 1 {
		if err := ctx.Err(); err != nil {
			return nil, nil, err
		}
		for k := range nodes {
			nodes[k].weight = 1
			if clusters[nodes[k].source] == g {
				nodes[k].weight = 0
			}
		}
		found, ok := f.fit(nodes)
		if !ok {
			j.lost++
			continue
		}
		j.thetas = append(j.thetas, slices.Clone(found.theta))
	}
	if len(j.thetas) < 3 || e.freedom() < 1 {
		return nil, noFreedom(e), nil
	}
	return j, nil, nil
}

func (j *jackknife) method() string {
	return "jackknife: Student's t on the variance of fits that leave out one cluster of runs each"
}

func (j *jackknife) degenerate() int { return 0 }

// values are a number of each theta, with their mean.
func (j *jackknife) values(f func(theta []float64) float64) (values []float64, mean float64) {
	for _, theta := range j.thetas {
		v := f(theta)
		values, mean = append(values, v), mean+v
	}
	return values, mean / float64(len(values))
}

func (j *jackknife) deviation(f func(theta []float64) float64) float64 {
	values, mean := j.values(f)
	var squares float64
	for _, v := range values {
		squares += square(v - mean)
	}
	g := float64(len(values))
	return math.Sqrt((g - 1) / g * squares)
}

// acceleration is that of BCa: a sixth of the skewness of the values (equation 14.15 there).
func (j *jackknife) acceleration(f func(theta []float64) float64) float64 {
	values, mean := j.values(f)
	var squares, cubes float64
	for _, v := range values {
		squares += square(mean - v)
		cubes += math.Pow(mean-v, 3)
	}
	if squares == 0 {
		return 0
	}
	return cubes / (6 * math.Pow(squares, 1.5))
}

func (j *jackknife) coefficient(i int) [2]float64 {
	return onScale(j.e, i, func(f func(theta []float64) float64) [2]float64 {
		half := student(j.e.o.Level, j.e.freedom()) * j.deviation(f)
		return [2]float64{f(j.e.theta) - half, f(j.e.theta) + half}
	})
}

func (j *jackknife) prediction(place place) (ofLaw, ofRun [2]float64) {
	at := func(theta []float64) float64 { return place(j.e.law, theta) }
	t, y := student(j.e.o.Level, j.e.freedom()), at(j.e.theta)
	law := t * j.deviation(at)
	run := math.Hypot(law, t*math.Sqrt(j.e.runVariance(place)))
	return [2]float64{pow10(y - law), pow10(y + law)}, [2]float64{pow10(y - run), pow10(y + run)}
}

// onScale makes the interval of coefficient i: of its log10 for a factor, which is positive.
func onScale(e *estimate, i int, around func(f func(theta []float64) float64) [2]float64) [2]float64 {
	plain := func(theta []float64) float64 { return e.law.coefficients(theta)[i] }
	if !e.amplitude(i) {
		return around(plain)
	}
	r := around(func(theta []float64) float64 { return math.Log10(max(plain(theta), 1e-300)) })
	return [2]float64{pow10(r[0]), pow10(r[1])}
}

// amplitude reports whether coefficient i is a factor of a term, or a number of repetitions.
func (e *estimate) amplitude(i int) bool {
	names := e.law.names()
	if names[i] == "beta" {
		return !slices.Contains(names, "A") // where it is an exponent
	}
	return slices.Contains([]string{"a", "A", "B", "R"}, names[i])
}

// freedom is how many more clusters than parameters the law was fitted to.
func (e *estimate) freedom() float64 {
	clusters, seen := clusterOf(e.points), map[int]bool{}
	for _, n := range e.taken {
		seen[clusters[n.source]] = true
	}
	return float64(len(seen)) - e.parameters()
}

// parameters counts the numbers that were fitted; of laws that are averaged, the mean.
func (e *estimate) parameters() float64 {
	if _, three := e.law.(isoflop); three {
		return 2 // of the line through the losses
	}
	several, ok := e.law.(*envelope)
	if !ok {
		return float64(len(e.theta))
	}
	var mean float64
	several.parts(e.theta, func(_ int, s *surface, weight float64, _ []float64) { mean += weight * float64(s.dim()) })
	return mean
}
