package fit

import (
	"context"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
)

// pair is two sides whose clusters are drawn together.
type pair struct {
	a, b   *side
	o      CompareOptions
	strata []int // clusters of A alone, of B alone, of both
	shared int
	level  float64 // of percentiles of resamples; see expanded
}

func newPair(a, b Side, o CompareOptions) (*pair, error) {
	p := &pair{o: o}
	for _, s := range []struct {
		from Side
		into **side
	}{{a, &p.a}, {b, &p.b}} {
		made, err := newSide(s.from)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", s.from.Name, err)
		}
		*s.into = made
	}
	p.cluster()
	return p, nil
}

// clusterName is what a point is resampled by.
func clusterName(p Point) string {
	if p.Cluster == "" {
		return "\x00" + p.ID
	}
	return p.Cluster
}

// cluster gives every cluster a slot: those of A alone first, then those of B alone, then those
// of both.
func (p *pair) cluster() {
	in := map[string]int{} // 1: A, 2: B, 3: both
	var order []string
	for mark, s := range []*side{p.a, p.b} {
		for _, point := range s.points {
			name := clusterName(point)
			if in[name] == 0 {
				order = append(order, name)
			}
			in[name] |= mark + 1
		}
	}
	slot := map[string]int{}
	for mark := 1; mark <= 3; mark++ {
		before := len(slot)
		for _, name := range order {
			if in[name] == mark {
				slot[name] = len(slot)
			}
		}
		p.strata = append(p.strata, len(slot)-before)
	}
	p.shared = p.strata[2]
	for _, s := range []*side{p.a, p.b} {
		for _, point := range s.points {
			s.clusters = append(s.clusters, slot[clusterName(point)])
		}
	}
}

// jointDraw is the thetas of both sides in one resample; nil where it determined no law.
type jointDraw struct{ a, b []float64 }

// resample draws the clusters of each stratum with replacement and fits both sides, Bootstrap
// times, each with a random stream of its own, so that the number of goroutines does not matter.
// Draws in which either side has no law are left out.
func (p *pair) resample(ctx context.Context) ([]jointDraw, error) {
	draws := make([]jointDraw, p.o.Bootstrap)
	workers := min(runtime.GOMAXPROCS(0), len(draws))
	var wait sync.WaitGroup
	for w := range workers {
		wait.Go(func() {
			s := p.sampler()
			for i := w; i < len(draws) && ctx.Err() == nil; i += workers {
				draws[i] = s.draw(i)
			}
		})
	}
	wait.Wait()
	return slices.DeleteFunc(draws, func(d jointDraw) bool { return d.a == nil || d.b == nil }), ctx.Err()
}

// jointSampler is one goroutine's joint resamples.
type jointSampler struct {
	p      *pair
	counts []float64 // how often each cluster was drawn
	nodes  [2][]node
	fitter [2]*fitter
	source *rand.PCG
	random *rand.Rand
}

func (p *pair) sampler() *jointSampler {
	s := &jointSampler{p: p, counts: make([]float64, p.strata[0]+p.strata[1]+p.strata[2]), source: rand.NewPCG(0, 0)}
	s.random = rand.New(s.source)
	for i, of := range []*side{p.a, p.b} {
		s.nodes[i], s.fitter[i] = slices.Clone(of.nodes), newFitter(of.law, of.o, of.theta)
	}
	return s
}

func (s *jointSampler) draw(i int) jointDraw {
	s.source.Seed(s.p.o.Seed, uint64(i)+1)
	clear(s.counts)
	first := 0
	for _, size := range s.p.strata {
		for range size {
			s.counts[first+s.random.IntN(size)]++
		}
		first += size
	}
	return jointDraw{a: s.fit(0, s.p.a), b: s.fit(1, s.p.b)}
}

func (s *jointSampler) fit(i int, of *side) []float64 {
	for k := range s.nodes[i] {
		s.nodes[i][k].weight = s.counts[of.clusters[s.nodes[i][k].source]]
	}
	found, ok := s.fitter[i].fit(s.nodes[i])
	if !ok {
		return nil
	}
	return slices.Clone(found.theta)
}
