package fit

import (
	"cmp"
	"math"
	"runtime"
	"slices"
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

// manyStarts descends from every start, in parallel, roughly; then from the best distinct ends
// to the last digit. What it returns does not depend on how many goroutines share the work.
func (l *sumLaw) manyStarts(nodes []node, starts []vector) (vector, solution) {
	ends := make([]ended, len(starts))
	workers := min(runtime.GOMAXPROCS(0), len(starts))
	var wait sync.WaitGroup
	for w := range workers {
		wait.Go(func() {
			d := l.descent(nodes)
			for i := w; i < len(starts); i += workers {
				ends[i] = ended{start: i, theta: starts[i]}
				ends[i].value = l.rough(d, &ends[i].theta)
			}
		})
	}
	wait.Wait()
	slices.SortStableFunc(ends, func(a, b ended) int { return cmp.Compare(a.value, b.value) })
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
