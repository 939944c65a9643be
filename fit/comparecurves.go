package fit

import (
	"math"
)

// searchDecades is how far outside the fitted compute a crossing or an equal error is looked for.
const searchDecades = 3.0

// curve is log10 E over log10 C.
type curve func(x float64) float64

func (s *side) curve(theta []float64) curve {
	return func(x float64) float64 { return s.law.atCompute(theta, pow10(x)).y }
}

// span is the log10 C of the first and the last point that the law was fitted to.
func (s *side) span() [2]float64 { return [2]float64{s.taken[0].x, s.taken[len(s.taken)-1].x} }

// common is the log10 C that both were fitted on; ok is false when there is no such range, and
// then it is all that either was fitted on.
func (p *pair) common() (over [2]float64, ok bool) {
	a, b := p.a.span(), p.b.span()
	low, high := max(a[0], b[0]), min(a[1], b[1])
	if low < high {
		return [2]float64{low, high}, true
	}
	return p.all(), false
}

func (p *pair) all() [2]float64 {
	a, b := p.a.span(), p.b.span()
	return [2]float64{min(a[0], b[0]), max(a[1], b[1])}
}

// errors are n errors, evenly spaced in the logarithm, that both laws have in the range of
// compute that they were fitted on; none when there are no such errors.
func (p *pair) errors(n int) []float64 {
	a, b := p.a.curve(p.a.theta), p.b.curve(p.b.theta)
	sa, sb := p.a.span(), p.b.span()
	low, high := max(a(sa[1]), b(sb[1])), min(a(sa[0]), b(sb[0]))
	if low >= high {
		return nil
	}
	return spread(low, high, n)
}

// spread are n values of 10^y, y evenly spaced over [low, high].
func spread(low, high float64, n int) []float64 {
	values := make([]float64, n)
	for i := range values {
		values[i] = pow10(low + (high-low)*float64(i)/float64(n-1))
	}
	return values
}

// reach is the log10 C in [low, high] at which a falling curve comes down to y: -Inf when it is
// below it from the start, +Inf when it never is.
func reach(f curve, y, low, high float64) float64 {
	if f(low) <= y {
		return math.Inf(-1)
	}
	if f(high) > y {
		return math.Inf(1)
	}
	for range 60 {
		middle := (low + high) / 2
		if f(middle) > y {
			low = middle
		} else {
			high = middle
		}
	}
	return (low + high) / 2
}

// crossing is the lowest log10 C in [low, high] at which the two curves meet; NaN for none.
func crossing(a, b curve, low, high float64) float64 {
	const steps = 120
	difference := func(x float64) float64 { return b(x) - a(x) }
	left := low
	before := difference(left)
	for i := 1; i <= steps; i++ {
		right := low + (high-low)*float64(i)/steps
		after := difference(right)
		if before != 0 && math.Signbit(before) != math.Signbit(after) {
			return root(difference, left, right)
		}
		left, before = right, after
	}
	return math.NaN()
}

// root is where f changes its sign between low and high, by bisection.
func root(f func(float64) float64, low, high float64) float64 {
	negative := math.Signbit(f(low))
	for range 60 {
		middle := (low + high) / 2
		if math.Signbit(f(middle)) == negative {
			low = middle
		} else {
			high = middle
		}
	}
	return (low + high) / 2
}

// ends is the percentile interval of values, given back through scale; an end that is not finite
// is nil. values is sorted.
func ends(values []float64, level float64, scale func(float64) float64) [2]*float64 {
	interval := percentile(values, level)
	var out [2]*float64
	for i, v := range interval {
		if scaled := scale(v); !math.IsNaN(v) && !math.IsInf(v, 0) && !math.IsInf(scaled, 0) {
			out[i] = &scaled
		}
	}
	return out
}

// leavesOut reports whether a value lies outside an interval, whose nil ends are far away.
func leavesOut(interval [2]*float64, value float64) bool {
	return interval[0] != nil && *interval[0] > value || interval[1] != nil && *interval[1] < value
}
