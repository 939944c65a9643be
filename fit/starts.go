package fit

import (
	"cmp"
	"math"
	"runtime"
	"slices"
	"sort"
	"sync"
)

// ended is where the descent from one start came to.
type ended struct {
	start int
	theta vector
	value float64
}

// agreement is how close to the best objective, relatively, a start must end to agree with it.
const agreement = 1e-3

// nearly is how close to the lowest objective, relatively, a rough end must be to be worth a
// closer look.
const nearly = 0.05

// manyStarts descends from every start, in parallel: roughly, then further from the ends that
// came near the best, then from the best distinct ends to the last digit. What it returns does
// not depend on how many goroutines share the work.
func (l *sumLaw) manyStarts(nodes []node, starts []vector) (vector, solution) {
	ends := make([]ended, len(starts))
	for i, theta := range starts {
		ends[i] = ended{start: i, theta: theta}
	}
	l.everyEnd(nodes, ends, l.rough)
	near := ends[:sort.Search(len(ends), func(i int) bool { return !(ends[i].value <= ends[0].value*(1+nearly)) })]
	l.everyEnd(nodes, near, l.closer)
	d := l.descent(nodes)
	best, settled := ends[0], false
	for i, e := range distinctEnds(ends) {
		var ok bool
		e.value, ok = l.fine(d, &e.theta)
		if i == 0 || e.value < best.value {
			best, settled = e, ok
		}
	}
	agree := 0
	for _, e := range ends {
		if e.value <= best.value*(1+agreement)+tiny(len(nodes)) {
			agree++
		}
	}
	return best.theta, solution{objective: best.value, starts: len(starts), agree: agree, best: best.start, converged: settled}
}

// everyEnd goes on from every end, in parallel, and sorts them by objective.
func (l *sumLaw) everyEnd(nodes []node, ends []ended, descend func(*descent, *vector) float64) {
	workers := min(runtime.GOMAXPROCS(0), len(ends))
	var wait sync.WaitGroup
	for w := range workers {
		wait.Go(func() {
			d := l.descent(nodes)
			for i := w; i < len(ends); i += workers {
				ends[i].value = descend(d, &ends[i].theta)
			}
		})
	}
	wait.Wait()
	slices.SortFunc(ends, func(a, b ended) int {
		return cmp.Or(cmp.Compare(orInf(a.value), orInf(b.value)), cmp.Compare(a.start, b.start))
	})
}

// orInf puts what is no number last.
func orInf(x float64) float64 {
	if math.IsNaN(x) {
		return math.Inf(1)
	}
	return x
}

// tiny is an objective of n points that is zero but for rounding.
func tiny(n int) float64 { return 1e-20 * float64(n) }

// distinctEnds are the ends with the lowest objectives that differ, at most 8. A NaN is none.
func distinctEnds(sorted []ended) []ended {
	var out []ended
	for _, e := range sorted {
		if math.IsNaN(e.value) || len(out) > 0 && e.value-out[len(out)-1].value <= 1e-6*e.value {
			continue
		}
		if out = append(out, e); len(out) == 8 {
			break
		}
	}
	return out
}
