package fit

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"
)

// goodness measures an estimate.
func goodness(e *estimate) *Goodness {
	misses := residuals(e.law, e.theta, e.taken)
	var sum float64
	for i, r := range misses {
		sum += e.taken[i].weight * square(r*math.Ln10)
	}
	n, p := len(misses), int(math.Ceil(e.parameters()))
	g := &Goodness{Scatter: math.Sqrt(sum / float64(max(n-p, 1))), AICc: aicc(sum, n, p), QuadraticP: curvature(e), RunsP: runsTest(misses)}
	if !e.o.NoChecks {
		g.LeaveOneComputeOut = leaveOneComputeOut(e)
	}
	return g
}

// aicc is Akaike's criterion with the small-sample correction of Hurvich and Tsai 1989, for n
// normal misses with the given sum of squares about a law of p parameters and their own
// variance; nil when n is too small for it.
func aicc(sum float64, n, p int) *float64 {
	k := float64(p + 1)
	left := float64(n) - k - 1
	if left <= 0 {
		return nil
	}
	a := float64(n)*math.Log(max(sum, tiny(n))/float64(n)) + 2*k + 2*k*(k+1)/left
	return &a
}

// foldsOf bounds the refits of leave-one-compute-out: at most 100, fewer for very many points.
// Neighbouring amounts of compute share a fold where there are more.
func foldsOf(nodes []node) int { return min(distinct(nodes), max(5, min(100, 1_000_000/len(nodes)))) }

// leaveOneComputeOut is the root mean square miss, in ln E, of nodes at amounts of compute that
// were not fitted; nil when some fold determines no law.
func leaveOneComputeOut(e *estimate) *float64 {
	folds := foldsOf(e.taken)
	s := &scratch{}
	var sum float64
	kept := make([]node, 0, len(e.taken))
	for fold := range folds {
		first, last := foldOf(e.taken, fold, folds)
		kept = append(append(kept[:0], e.taken[:first]...), e.taken[last:]...)
		found, ok := e.law.fit(kept, e.theta, s)
		if !ok || distinct(kept) < 2 {
			return nil
		}
		for _, n := range e.taken[first:last] {
			sum += square(math.Ln10 * (n.y - e.law.at(found.theta, n)))
		}
	}
	rms := math.Sqrt(sum / float64(len(e.taken)))
	if !finite(rms) {
		return nil
	}
	return &rms
}

// foldOf is the range of sorted nodes in a fold; equal amounts of compute stay together.
func foldOf(nodes []node, fold, folds int) (first, last int) {
	all := distinct(nodes)
	seen := 0
	for i := range nodes {
		if i > 0 && nodes[i].x != nodes[i-1].x {
			seen++
		}
		if f := seen * folds / all; f < fold {
			first = i + 1
		} else if f == fold {
			last = i + 1
		}
	}
	return first, last
}

// curvature is the p-value of the t-test that a quadratic term in log C, beside a line, leaves
// the residuals as they are (Student's t with n-3 degrees of freedom); 1 when there are too few
// points to say. The quadratic term is the regression of the residuals on what a line leaves
// of x squared (Frisch-Waugh-Lovell).
func curvature(e *estimate) float64 {
	n := float64(len(e.taken))
	if n < 5 {
		return 1
	}
	var centre float64
	for _, t := range e.taken {
		centre += t.x / n
	}
	squares := make([]node, len(e.taken))
	for i, t := range e.taken {
		squares[i] = node{x: t.x, y: square(t.x - centre), weight: 1}
	}
	slope, intercept, ok := leastSquares(squares)
	if !ok {
		return 1
	}
	ry := residuals(e.law, e.theta, e.taken)
	var sqq, sqy float64
	for i, s := range squares {
		rq := s.y - intercept - slope*s.x
		sqq, sqy = sqq+rq*rq, sqy+rq*ry[i]
	}
	left := sumSquares(ry) - sqy*sqy/sqq
	if sqq < 1e-12 || left <= 0 {
		return 1
	}
	t := math.Abs(sqy/sqq) / math.Sqrt(left/(n-3)/sqq)
	return 2 * distuv.StudentsT{Mu: 0, Sigma: 1, Nu: n - 3}.Survival(t)
}

// runsTest is the chance of so few runs of one sign, or fewer, among residuals in order of
// compute (Wald and Wolfowitz 1940), exactly for up to 100 residuals and by the normal
// approximation above; 1 when there are too few to say.
func runsTest(residuals []float64) float64 {
	var up, down, runs float64
	last := 0.0
	for _, r := range residuals {
		if r == 0 {
			continue
		}
		if r > 0 {
			up++
		} else {
			down++
		}
		if runs == 0 || (r > 0) != (last > 0) {
			runs++
		}
		last = r
	}
	n := up + down
	if up < 2 || down < 2 {
		return 1
	}
	if n > 100 {
		mean := 1 + 2*up*down/n
		sd := math.Sqrt((mean - 1) * (mean - 2) / (n - 1))
		return distuv.UnitNormal.CDF((runs + 0.5 - mean) / sd)
	}
	var p float64
	for r := 2.0; r <= runs; r++ {
		k := math.Floor(r / 2)
		if math.Mod(r, 2) == 0 {
			p += 2 * math.Exp(lnChoose(up-1, k-1)+lnChoose(down-1, k-1))
			continue
		}
		p += math.Exp(lnChoose(up-1, k)+lnChoose(down-1, k-1)) + math.Exp(lnChoose(up-1, k-1)+lnChoose(down-1, k))
	}
	return min(p/math.Exp(lnChoose(n, up)), 1)
}

// lnChoose is ln of n over k; -Inf where k is out of range.
func lnChoose(n, k float64) float64 {
	if k < 0 || k > n {
		return math.Inf(-1)
	}
	a, _ := math.Lgamma(n + 1)
	b, _ := math.Lgamma(k + 1)
	c, _ := math.Lgamma(n - k + 1)
	return a - b - c
}

// median of values, which it sorts.
func median(values []float64) float64 {
	slices.Sort(values)
	n := len(values)
	return (values[(n-1)/2] + values[n/2]) / 2
}
