package figure

import (
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// Whatever the range: labels do not touch, stand within the axis and say what is there; an axis
// with room has three at least, or two where a logit axis has no rounder ones.
func TestTicksOfAnyRange(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 4000 {
		s := span{scale: Scale(random.IntN(2))}
		length := math.Pow(10, -1+3*random.Float64())
		if s.scale == Log {
			s.low, length = -20+40*random.Float64(), math.Pow(10, -1.2+2.5*random.Float64())
		} else {
			s.low = length * (4*random.Float64() - 2)
		}
		s.high = s.low + length
		pixels := 200 + 800*random.Float64()
		measure := func(l string) float64 { return (width(l, normal, false) + 14) / pixels }
		ticks := s.ticks(Axis{Scale: s.scale}, measure)
		var shown []tick
		for _, k := range ticks {
			if k.at < -1e-6 || k.at > 1+1e-6 || math.Abs(s.place(k.value)-k.at) > 1e-9 {
				t.Fatalf("%+v: tick %+v", s, k)
			}
			if k.label != "" {
				shown = append(shown, k)
			}
		}
		apart(t, s, shown, measure)
		if pixels > 500 && len(shown) < 3 {
			t.Fatalf("%+v on %g pixels: only %v", s, pixels, shown)
		}
	}
}

func apart(t *testing.T, s span, shown []tick, measure func(string) float64) {
	t.Helper()
	slices.SortFunc(shown, func(a, b tick) int { return int(sign(a.at - b.at)) })
	for i, k := range shown {
		if i > 0 && shown[i-1].at+measure(shown[i-1].label)/2 > k.at-measure(k.label)/2+1e-9 {
			t.Fatalf("%+v: %q touches %q", s, shown[i-1].label, k.label)
		}
		if v := read(t, k.label); math.Abs(v-k.value) > 1e-9*math.Abs(k.value) {
			t.Fatalf("%+v: label %q at %g", s, k.label, k.value)
		}
	}
}

// read is a label's number.
func read(t *testing.T, label string) float64 {
	t.Helper()
	label = strings.ReplaceAll(label, minus, "-")
	label = strings.NewReplacer("×10^{", "e", "-10^{", "-1e", "10^{", "1e", "}", "").Replace(label)
	if v := amount(label); v != 0 {
		return v
	}
	v, err := strconv.ParseFloat(label, 64)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// Within a decade the steps are 1, 2 or 5 times a power of ten, all the same.
func TestTicksUnderADecade(t *testing.T) {
	for _, c := range []struct{ low, high float64 }{{0.2, 0.5}, {0.22, 0.48}, {0.41, 0.44}, {3, 11}, {1.8e10, 6e10}, {0.9, 0.999}} {
		s := axisSpan(Axis{Scale: Log}, []float64{c.low, c.high})
		var values []float64
		for _, k := range s.ticks(Axis{Scale: Log}, func(string) float64 { return 0.08 }) {
			if k.label != "" {
				values = append(values, k.value)
			}
		}
		if len(values) < 3 {
			t.Errorf("%v: %v", c, values)
			continue
		}
		step := values[1] - values[0]
		mantissa := step / math.Pow(10, math.Floor(math.Log10(step)+1e-9))
		if !slices.ContainsFunc([]float64{1, 2, 5}, func(m float64) bool { return math.Abs(mantissa-m) < 1e-6 }) {
			t.Errorf("%v: steps of %g in %v", c, step, values)
		}
		for i := 1; i < len(values); i++ {
			if math.Abs(values[i]-values[i-1]-step) > 1e-6*step {
				t.Errorf("%v: uneven %v", c, values)
			}
		}
	}
}

func TestNumbers(t *testing.T) {
	for v, want := range map[float64]string{0: "0", 0.5: "0.5", -2: "−2", 1e10: "10^{10}", 2e-7: "2×10^{−7}", 12345: "12345", -1e9: "−10^{9}", 1.5e12: "1.5×10^{12}"} {
		if got := number(v, false); got != want {
			t.Errorf("%g: %q, want %q", v, got, want)
		}
	}
	if got := number(0.07, true); got != "7%" {
		t.Errorf("%q", got)
	}
}

// One way of writing for a whole axis of samples, and none of it for small or negative values.
func TestNumbersOfAnAxis(t *testing.T) {
	for _, c := range []struct {
		low, high float64
		want      []string
	}{{0, 250e3, []string{"0", "50K", "100K", "150K", "200K", "250K"}}, {0, 3e9, []string{"0", "1B", "2B", "3B"}}, {0, 8000, []string{"0", "2000", "4000", "6000", "8000"}}} {
		s := axisSpan(Axis{}, []float64{c.low, c.high})
		var got []string
		for _, k := range s.ticks(Axis{}, func(string) float64 { return 0.16 }) {
			if k.label != "" {
				got = append(got, k.label)
			}
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%g to %g: %v, want %v", c.low, c.high, got, c.want)
		}
	}
}

// Nothing that is clipped leaves the box, and what lies within stays as it was.
func TestClipping(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	b := box{10, 20, 110, 90}
	for range 500 {
		points := make([]point, 3+random.IntN(20))
		for i := range points {
			points[i] = point{300*random.Float64() - 100, 300*random.Float64() - 100}
		}
		slack := box{b.left - 1e-9, b.top - 1e-9, b.right + 1e-9, b.bottom + 1e-9}
		for _, part := range append(b.line(points), b.polygon(points)) {
			for _, p := range part {
				if !slack.holds(p) {
					t.Fatalf("%v left the box", p)
				}
			}
		}
	}
	inside := []point{{20, 30}, {50, 60}, {100, 40}}
	if parts := b.line(inside); len(parts) != 1 || !slices.Equal(parts[0], inside) {
		t.Errorf("%v", parts)
	}
	if area := b.polygon(inside); !slices.Equal(area, inside) {
		t.Errorf("%v", area)
	}
}
