package figure

import "math"

// Scale is how an axis spreads its values.
type Scale int

// The scales. Logit is ln(p / (1 - p)) for fractions between 0 and 1.
const (
	Linear Scale = iota
	Log
	Logit
)

// shows reports whether the scale has a place for v.
func (s Scale) shows(v float64) bool {
	switch s {
	case Log:
		return finite(v) && v > 0
	case Logit:
		return v > 0 && v < 1
	}
	return finite(v) && math.Abs(v) < 1e300
}

// even maps v to where equal steps look equal.
func (s Scale) even(v float64) float64 {
	switch s {
	case Log:
		return math.Log10(v)
	case Logit:
		return math.Log(v / (1 - v))
	}
	return v
}

func (s Scale) uneven(v float64) float64 {
	switch s {
	case Log:
		return math.Pow(10, v)
	case Logit:
		return 1 / (1 + math.Exp(-v))
	}
	return v
}

// span is a range of an axis after even.
type span struct {
	scale     Scale
	low, high float64
}

// axisSpan is the range of an axis: as asked, or of the values with some room.
func axisSpan(a Axis, values []float64) span {
	if n := len(a.Categories); n > 0 {
		return span{Linear, -0.5, float64(n) - 0.5}
	}
	if a.Min != 0 || a.Max != 0 {
		values = []float64{a.Min, a.Max}
	}
	s := span{a.Scale, math.Inf(1), math.Inf(-1)}
	for _, v := range values {
		if e := a.Scale.even(v); a.Scale.shows(v) && finite(e) {
			s.low, s.high = min(s.low, e), max(s.high, e)
		}
	}
	if s.low > s.high {
		s.low, s.high = a.Scale.even(0.1), a.Scale.even(0.9)
	}
	room := 0.04 * (s.high - s.low)
	if least := leastRoom(a.Scale, s); room < least {
		room = least
	}
	s.low, s.high = s.low-room, s.high+room
	return s
}

// leastRoom keeps an axis of one value, or of values too near to tell apart, from having no
// length.
func leastRoom(scale Scale, s span) float64 {
	if scale != Linear {
		return 0.06
	}
	middle := max(math.Abs(s.low), math.Abs(s.high))
	if s.high-s.low > 1e-9*middle {
		return 0
	}
	return max(0.1*middle, 1e-12)
}

// place is where v lies, from 0 at the low end to 1 at the high end.
func (s span) place(v float64) float64 { return (s.scale.even(v) - s.low) / (s.high - s.low) }
