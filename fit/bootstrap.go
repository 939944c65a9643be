package fit

import (
	"context"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
)

// draw is one resample's line, or none when it had no slope, and the residual that stands for
// the scatter of a new run.
type draw struct {
	line     line
	ok       bool
	residual float64
}

// resample draws clusters with replacement, extracts the frontier anew and fits, o.Bootstrap
// times. Resample i has a random stream of its own, so the result does not depend on how many
// goroutines share the work.
func resample(ctx context.Context, points []Point, nodes []node, residuals []float64, o Options) ([]draw, error) {
	clusters := clusterOf(points)
	draws := make([]draw, o.Bootstrap)
	workers := min(runtime.GOMAXPROCS(0), o.Bootstrap)
	var wait sync.WaitGroup
	for w := range workers {
		wait.Go(func() {
			s := newSampler(nodes, clusters, residuals, o)
			for i := w; i < len(draws) && ctx.Err() == nil; i += workers {
				draws[i] = s.draw(i)
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

// sampler is one goroutine's memory.
type sampler struct {
	o         Options
	rule      rule
	nodes     []node // a copy whose weights are how often the cluster was drawn
	taken     []node
	columns   columns
	clusters  []int
	drawn     []float64
	residuals []float64
	source    *rand.PCG
	random    *rand.Rand
}

func newSampler(nodes []node, clusters []int, residuals []float64, o Options) *sampler {
	source := rand.NewPCG(0, 0)
	return &sampler{
		o: o, rule: rules[o.Rule], nodes: slices.Clone(nodes), clusters: clusters,
		drawn: make([]float64, slices.Max(clusters)+1), residuals: residuals,
		source: source, random: rand.New(source),
	}
}

func (s *sampler) draw(i int) draw {
	s.source.Seed(s.o.Seed, uint64(i)+1)
	clear(s.drawn)
	for range s.drawn {
		s.drawn[s.random.IntN(len(s.drawn))]++
	}
	for k := range s.nodes {
		s.nodes[k].weight = s.drawn[s.clusters[s.nodes[k].source]]
	}
	s.taken = s.rule(s.nodes, s.o, s.taken[:0])
	s.columns.set(s.taken)
	l, ok := s.columns.leastSquares()
	return draw{line: l, ok: ok, residual: s.residuals[s.random.IntN(len(s.residuals))]}
}

// inflate scales residuals of n points about a line of 2 parameters to the spread of the
// points about the true line.
func inflate(residuals []float64) []float64 {
	n := float64(len(residuals))
	factor := 1.0
	if n > 2 {
		factor = math.Sqrt(n / (n - 2))
	}
	out := make([]float64, len(residuals))
	for i, r := range residuals {
		out[i] = r * factor
	}
	return out
}

// percentile is the interval that leaves (1-level)/2 of the values on each side, between
// order statistics by linear interpolation (type 7 of Hyndman and Fan 1996).
func percentile(values []float64, level float64) [2]float64 {
	slices.Sort(values)
	at := func(q float64) float64 {
		h := q * float64(len(values)-1)
		i := int(h)
		if i+1 >= len(values) {
			return values[len(values)-1]
		}
		return values[i] + (h-float64(i))*(values[i+1]-values[i])
	}
	tail := (1 - level) / 2
	return [2]float64{at(tail), at(1 - tail)}
}
