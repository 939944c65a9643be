package fit

import (
	"fmt"
	"math"
	"slices"
)

// ratios makes a contrast from log10 ratios: of the estimate, whose sides are a and b, and of
// the resamples.
func ratios(at, a, b float64, logs []float64, level float64) Contrast {
	c := Contrast{At: at, A: a, B: b, Value: b / a, Interval: ends(logs, level, pow10)}
	c.Distinguishable = leavesOut(c.Interval, 1)
	return c
}

func identity(x float64) float64 { return x }

// coefficients are differences of the coefficients of laws of the same form.
func (p *pair) coefficients(draws []jointDraw) []Contrast {
	contrasts := []Contrast{}
	if p.a.o.Law != p.b.o.Law {
		return contrasts
	}
	a, b := p.a.law.coefficients(p.a.theta), p.b.law.coefficients(p.b.theta)
	for i, name := range p.a.law.names() {
		differences := make([]float64, len(draws))
		for k, d := range draws {
			differences[k] = p.b.law.coefficients(d.b)[i] - p.a.law.coefficients(d.a)[i]
		}
		c := Contrast{Name: name, A: a[i], B: b[i], Value: b[i] - a[i], Interval: ends(differences, p.level, identity)}
		c.Distinguishable = leavesOut(c.Interval, 0)
		contrasts = append(contrasts, c)
	}
	return contrasts
}

// errorRatios are E of B over E of A at equal compute.
func (p *pair) errorRatios(compute []float64, draws []jointDraw) []Contrast {
	contrasts := []Contrast{}
	a, b := p.a.curve(p.a.theta), p.b.curve(p.b.theta)
	for _, c := range compute {
		x := math.Log10(c)
		logs := make([]float64, len(draws))
		for i, d := range draws {
			logs[i] = p.b.curve(d.b)(x) - p.a.curve(d.a)(x)
		}
		contrasts = append(contrasts, ratios(c, pow10(a(x)), pow10(b(x)), logs, p.level))
	}
	return contrasts
}

// computeRatios are C of B over C of A for equal error, and the errors that a side does not reach.
func (p *pair) computeRatios(errors []float64, draws []jointDraw) (contrasts []Contrast, missed []Note) {
	contrasts = []Contrast{}
	over := p.all()
	low, high := over[0]-searchDecades, over[1]+searchDecades
	for _, e := range errors {
		y := math.Log10(e)
		a, b := reach(p.a.curve(p.a.theta), y, low, high), reach(p.b.curve(p.b.theta), y, low, high)
		if math.IsInf(a, 0) || math.IsInf(b, 0) {
			missed = append(missed, Note{"unreachable", fmt.Sprintf("E = %.4g is not reached by both laws within a factor of 1000 of the fitted compute", e)})
			continue
		}
		var logs []float64
		for _, d := range draws {
			r := reach(p.b.curve(d.b), y, low, high) - reach(p.a.curve(d.a), y, low, high)
			if !math.IsNaN(r) { // neither side gets there: the resample says nothing
				logs = append(logs, r)
			}
		}
		contrasts = append(contrasts, ratios(e, pow10(a), pow10(b), logs, p.level))
	}
	return contrasts, missed
}

// meeting is where the two laws give the same error, and how sure that is.
func (p *pair) meeting(draws []jointDraw) *Crossing {
	over := p.all()
	low, high := over[0]-searchDecades, over[1]+searchDecades
	a, b := p.a.curve(p.a.theta), p.b.curve(p.b.theta)
	x := crossing(a, b, low, high)
	if math.IsNaN(x) {
		return nil
	}
	var found []float64
	for _, d := range draws {
		if at := crossing(p.a.curve(d.a), p.b.curve(d.b), low, high); !math.IsNaN(at) {
			found = append(found, at)
		}
	}
	c := &Crossing{C: pow10(x), E: pow10(a(x)), Share: float64(len(found)) / float64(len(draws)), Better: "a"}
	if b(x+1) < a(x+1) {
		c.Better = "b"
	}
	if c.Share >= p.o.Level {
		slices.Sort(found)
		c.Interval = ends(found, p.level, pow10)
	}
	return c
}
