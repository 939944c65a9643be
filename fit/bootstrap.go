package fit

import (
	"context"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
)

// draw is one resample's law, or none when it determined none, and the residual that stands
// for the scatter of a new run.
type draw struct {
	theta    []float64
	residual float64
}

// ok reports whether the resample determined a law.
func (d draw) ok() bool { return d.theta != nil }

// resample draws clusters with replacement, extracts the frontier anew and fits, o.Bootstrap
// times. Resample i has a random stream of its own, so the result does not depend on how many
// goroutines share the work. Fits start at e, the law of all points.
func resample(ctx context.Context, e *estimate) ([]draw, error) {
	clusters, residuals, dim := clusterOf(e.points), e.spread(), len(e.theta)
	draws := make([]draw, e.o.Bootstrap)
	thetas := make([]float64, dim*len(draws))
	workers := min(runtime.GOMAXPROCS(0), len(draws))
	var wait sync.WaitGroup
	for w := range workers {
		wait.Go(func() {
			s := newSampler(e.nodes, clusters, newFitter(e.law, e.o, e.theta))
			for i := w; i < len(draws) && ctx.Err() == nil; i += workers {
				if s.draw(i) {
					draws[i].theta = thetas[i*dim : (i+1)*dim]
					copy(draws[i].theta, s.found.theta)
				}
				draws[i].residual = residuals[s.random.IntN(len(residuals))]
			}
		})
	}
	wait.Wait()
	return draws, ctx.Err()
}

// clusterOf numbers the clusters in order of first appearance: cluster of point i.
func clusterOf(points []Point) []int {
	number, of := map[string]int{}, make([]int, len(points))
	for i, p := range points {
		name := p.Cluster
		if name == "" {
			name = "\x00" + p.ID
		}
		n, ok := number[name]
		if !ok {
			n = len(number)
			number[name] = n
		}
		of[i] = n
	}
	return of
}

// clusterCount is the number of clusters.
func clusterCount(points []Point) int { return slices.Max(clusterOf(points)) + 1 }

// sampler is one goroutine's resamples.
type sampler struct {
	fitter   *fitter
	nodes    []node // a copy whose weights are how often the cluster was drawn
	clusters []int
	drawn    []float64
	source   *rand.PCG
	random   *rand.Rand
	found    solution // of the last draw, in the fitter's scratch
}

func newSampler(nodes []node, clusters []int, f *fitter) *sampler {
	source := rand.NewPCG(0, 0)
	return &sampler{
		fitter: f, nodes: slices.Clone(nodes), clusters: clusters, drawn: make([]float64, slices.Max(clusters)+1),
		source: source, random: rand.New(source),
	}
}

// draw makes resample i and reports whether it determined a law.
func (s *sampler) draw(i int) (ok bool) {
	s.source.Seed(s.fitter.o.Seed, uint64(i)+1)
	clear(s.drawn)
	for range s.drawn {
		s.drawn[s.random.IntN(len(s.drawn))]++
	}
	for k := range s.nodes {
		s.nodes[k].weight = s.drawn[s.clusters[s.nodes[k].source]]
	}
	s.found, ok = s.fitter.fit(s.nodes)
	return ok
}

// inflate scales residuals of n points about a law of p parameters to the spread of the points
// about the true law.
func inflate(residuals []float64, p float64) []float64 {
	n := float64(len(residuals))
	factor := 1.0
	if n > p {
		factor = math.Sqrt(n / (n - p))
	}
	out := make([]float64, len(residuals))
	for i, r := range residuals {
		out[i] = r * factor
	}
	return out
}
