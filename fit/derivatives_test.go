package fit

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// surfacePoints draws runs of a law of N and D, a third of which repeat their data.
func surfacePoints(n int, noise float64, seed uint64) []Point {
	random := rand.New(rand.NewPCG(seed, 0))
	points := make([]Point, n)
	for i := range points {
		size, seen := math.Pow(10, 7+3*random.Float64()), math.Pow(10, 8.5+3*random.Float64())
		unique := seen
		if i%3 == 0 {
			unique = seen / (1 + 20*random.Float64())
		}
		g, _, _ := effectiveSamples(&node{d: math.Log(seen), u: math.Log(unique)}, math.Log(15))
		loss := 1.7 + 400*math.Pow(size, -0.34) + 1800*math.Exp(0.36*g)
		points[i] = Point{ID: fmt.Sprintf("s%03d", i), C: 6 * size * seen, N: size, D: seen, U: unique, E: loss * math.Exp(noise*random.NormFloat64())}
	}
	return points
}

// Every law of terms, on every loss: gradient and Hessian meet central differences at random
// parameters. The count fails the test when a law or a derivative escapes it.
func TestDerivativesMeetFiniteDifferences(t *testing.T) {
	compared := 0
	for _, info := range lawTable() {
		for _, on := range info.on {
			points := synthetic(30, 0.05, 1)
			if info.columns != "" {
				points = surfacePoints(30, 0.05, 1)
			}
			nodes := sorted(points)
			l, ok := info.build(nodes, Options{On: on}).(*sumLaw)
			if !ok {
				continue // closed forms: power on log, isoflop
			}
			start := l.starts(nodes)[len(l.starts(nodes))/2]
			random := rand.New(rand.NewPCG(7, 7))
			for range 5 {
				theta := start
				for i := range l.dim() {
					theta[i] += 0.3 * (random.Float64() - 0.5)
				}
				compared += compareDerivatives(t, info.name+" on "+on, l, nodes, theta)
			}
		}
	}
	// 5 thetas of (dim + dim^2) for dims 2 (power on error), 3 3 4 4, 5, 6
	if want := 5 * (6 + 12 + 12 + 20 + 20 + 30 + 42); compared != want {
		t.Errorf("compared %d derivatives, want %d", compared, want)
	}
}

func compareDerivatives(t *testing.T, name string, l *sumLaw, nodes []node, theta vector) (compared int) {
	d := l.descent(nodes)
	d.value(&theta)
	var here slopes
	d.derive(&theta, &here)
	const h = 1e-5
	for i := range l.dim() {
		up, down := theta, theta
		up[i], down[i] = theta[i]+h, theta[i]-h
		var above, below slopes
		vu := d.value(&up)
		d.derive(&up, &above)
		vd := d.value(&down)
		d.derive(&down, &below)
		scale := math.Abs(here.gradient[i]) + math.Sqrt(here.above[i][i])*1e-3 + 1e-9
		within(t, fmt.Sprintf("%s: gradient %d at %v", name, i, theta), (vu-vd)/(2*h), here.gradient[i], 1e-4*scale+1e-9*(vu+vd))
		compared++
		for j := range l.dim() {
			want := here.hessian[min(i, j)][max(i, j)]
			got := (above.gradient[j] - below.gradient[j]) / (2 * h)
			scale := math.Sqrt(here.above[i][i]*here.above[j][j]) + math.Abs(want)
			within(t, fmt.Sprintf("%s: Hessian %d %d at %v", name, i, j, theta), got, want, 1e-4*scale+1e-9)
			compared++
		}
	}
	return compared
}

func TestLnSmall(t *testing.T) {
	for x := 1.0; x <= 3; x += 1.0 / 4096 {
		within(t, fmt.Sprintf("ln %v", x), lnSmall(x), math.Log(x), 4.5e-16)
	}
}
