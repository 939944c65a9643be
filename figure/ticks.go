package figure

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// tick is a place on an axis, with a label where there is room for one.
type tick struct {
	at    float64 // from 0 to 1
	value float64
	label string // empty: a faint line only
}

// ticks are those of an axis whose labels, of the size that measure gives as a share of the
// axis, do not touch.
func (s span) ticks(a Axis, measure func(label string) float64) []tick {
	if len(a.Categories) > 0 {
		return s.categories(a.Categories)
	}
	var best []tick
	for _, values := range s.ladders() {
		candidate := s.label(values, a, measure)
		if fits, n := thin(candidate, measure); fits && n >= 3 {
			return s.withFaint(candidate)
		} else if n > labels(best) {
			best = candidate
		}
	}
	return s.withFaint(best)
}

func (s span) categories(names []string) []tick {
	ticks := make([]tick, len(names))
	for i, name := range names {
		ticks[i] = tick{at: s.place(float64(i)), value: float64(i), label: name}
	}
	return ticks
}

// ladders are sets of values to label, the most wanted first.
func (s span) ladders() [][]float64 {
	switch s.scale {
	case Log:
		return s.logLadders()
	case Logit:
		low, high := s.scale.uneven(s.low), s.scale.uneven(s.high)
		if s.high-s.low < 3 {
			return [][]float64{linear(low, high, 9), linear(low, high, 6), linear(low, high, 4)}
		}
		return [][]float64{s.within(logitSteps), s.within([]float64{0.01, 0.1, 0.3, 0.5, 0.7, 0.9, 0.99}), s.within([]float64{0.1, 0.5, 0.9})}
	}
	var all [][]float64
	for _, most := range []float64{9, 6, 4, 2} {
		all = append(all, linear(s.low, s.high, most))
	}
	return all
}

var logitSteps = []float64{0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.998, 0.999}

// logLadders: powers of ten where there are three or more; over less than most of a decade, the
// steps of a linear axis, which are multiples of 1, 2 or 5; else digits within the decades.
func (s span) logLadders() [][]float64 {
	var all [][]float64
	low, high := s.scale.uneven(s.low), s.scale.uneven(s.high)
	first, last := math.Ceil(s.low-1e-9), math.Floor(s.high+1e-9)
	if last-first >= 2 {
		for stride := 1.0; stride <= last-first; stride++ {
			all = append(all, decades(math.Ceil(first/stride)*stride, last, stride))
		}
		return all
	}
	if s.high-s.low < 0.7 {
		for _, most := range []float64{8, 6, 4, 3} {
			all = append(all, linear(low, high, most))
		}
	}
	for _, steps := range [][]float64{{1, 2, 3, 4, 5, 6, 7, 8, 9}, {1, 2, 3, 5, 7}, {1, 2, 5}} {
		if values := s.within(inDecades(math.Floor(s.low), math.Ceil(s.high), steps)); len(values) >= 3 {
			all = append(all, values)
		}
	}
	return append(all, s.within(inDecades(math.Floor(s.low), math.Ceil(s.high), []float64{1})))
}

func decades(first, last, stride float64) []float64 {
	var values []float64
	for e := first; e <= last; e += stride {
		values = append(values, pow10(e))
	}
	return values
}

func inDecades(first, last float64, steps []float64) []float64 {
	var values []float64
	for e := first; e <= last; e++ {
		for _, m := range steps {
			values = append(values, exactly(m, int(e)))
		}
	}
	return values
}

// exactly is m 10^e as written, without the error of a product.
func exactly(m float64, e int) float64 {
	v, err := strconv.ParseFloat(fmt.Sprintf("%ge%d", m, e), 64)
	if err != nil {
		return math.NaN() // out of range: within drops it
	}
	return v
}

func pow10(e float64) float64 { return exactly(1, int(e)) }

// linear are multiples of 1, 2 or 5 times a power of ten, at most about most of them.
func linear(low, high, most float64) []float64 {
	e := int(math.Floor(math.Log10((high - low) / most)))
	step := math.Inf(1)
	for _, m := range []float64{1, 2, 5, 10} {
		if step = exactly(m, e); (high-low)/step <= most {
			break
		}
	}
	var values []float64
	for k := math.Ceil(low/step - 1e-9); k*step <= high+1e-9*step && len(values) < 50; k++ {
		values = append(values, rounded(k*step, 12)+0) // no negative zero
	}
	return values
}

// within are the values that lie on the axis.
func (s span) within(values []float64) []float64 {
	var inside []float64
	for _, v := range values {
		if p := s.place(v); s.scale.shows(v) && p >= -1e-9 && p <= 1+1e-9 {
			inside = append(inside, v)
		}
	}
	return inside
}

// label gives the values their places and texts.
func (s span) label(values []float64, a Axis, measure func(string) float64) []tick {
	inside := s.within(values)
	ticks := make([]tick, 0, len(inside))
	write := func(v float64) string { return number(v, a.Percent) }
	if s.scale == Linear && !a.Percent && len(inside) > 0 && inside[0] >= 0 && s.high >= 1e5 && s.high < 1e15 {
		write = func(v float64) string { return counted(v, 12) } // 50K, 100K: one way for the whole axis
	}
	for _, v := range inside {
		ticks = append(ticks, tick{at: s.place(v), value: v, label: write(v)})
	}
	return ticks
}

// thin takes labels that would touch the one before; it reports whether none would, and how
// many are left.
func thin(ticks []tick, measure func(string) float64) (fits bool, left int) {
	fits = true
	end := math.Inf(-1)
	for i, t := range ticks {
		half := measure(t.label) / 2
		if t.at-half < end {
			ticks[i].label = ""
			fits = false
			continue
		}
		end = t.at + half
		left++
	}
	return fits, left
}

func labels(ticks []tick) (n int) {
	for _, t := range ticks {
		if t.label != "" {
			n++
		}
	}
	return n
}

// withFaint adds the unlabelled lines of a log axis of few decades.
func (s span) withFaint(ticks []tick) []tick {
	if s.scale != Log || s.high-s.low > 8 {
		return ticks
	}
	has := map[float64]bool{}
	for _, t := range ticks {
		has[t.value] = true
	}
	for _, v := range s.within(inDecades(math.Floor(s.low), math.Ceil(s.high), []float64{1, 2, 3, 4, 5, 6, 7, 8, 9})) {
		if !has[v] {
			ticks = append(ticks, tick{at: s.place(v), value: v})
		}
	}
	return ticks
}

// number writes a value of an axis: in full where that is short, else with a power of ten.
func number(v float64, percent bool) string {
	if percent {
		return plain(rounded(100*v, 12)) + "%"
	}
	if size := math.Abs(v); v == 0 || size >= 1e-3 && size < 1e5 {
		return plain(v)
	}
	mantissa, exponent, _ := strings.Cut(strconv.FormatFloat(v, 'e', -1, 64), "e")
	e, _ := strconv.Atoi(exponent) // as FormatFloat wrote it
	power := "10^{" + strings.ReplaceAll(strconv.Itoa(e), "-", minus) + "}"
	switch mantissa {
	case "1":
		return power
	case "-1":
		return minus + power
	}
	return strings.ReplaceAll(mantissa, "-", minus) + "×" + power
}

const minus = "−"

func plain(v float64) string {
	return strings.ReplaceAll(strconv.FormatFloat(v, 'f', -1, 64), "-", minus)
}
