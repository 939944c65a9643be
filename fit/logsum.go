package fit

import (
	"math"
	"slices"
)

// logSum is ln sum exp(t), without overflow.
func logSum(t []float64) float64 {
	top := slices.Max(t)
	var sum float64
	for _, v := range t {
		sum += exp(v - top)
	}
	return top + math.Log(sum)
}

// exp is e^x for x <= 0; the largest of the terms needs no call.
func exp(x float64) float64 {
	if x == 0 {
		return 1
	}
	return math.Exp(x)
}

// lnSmall is ln x for x in [1, 3], to the last digit or two, several times as fast as math.Log:
// ln x = ln c + 2 artanh s with s = (x-c)/(x+c), and c the middle of x's half, so |s| <= 1/9.
func lnSmall(x float64) float64 {
	middle := &middles[min(max(int(2*x)-2, 0), len(middles)-1)]
	s := (x - middle.c) / (x + middle.c)
	q := s * s
	series := 1 + q*(1.0/3+q*(1.0/5+q*(1.0/7+q*(1.0/9+q*(1.0/11+q*(1.0/13+q*(1.0/15+q/17)))))))
	return middle.ln + 2*s*series
}

// middles are of [1, 1.5), [1.5, 2), [2, 2.5) and [2.5, 3], with their logarithms.
var middles = [4]struct{ c, ln float64 }{
	{1.25, 0.22314355131420975577}, {1.75, 0.55961578793542268627}, {2.25, 0.81093021621632876396}, {2.75, 1.0116009116784799},
}
