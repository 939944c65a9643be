package figure

import (
	"image/color"
	"math"
	"testing"
)

func themes() []Theme { return []Theme{Light(), Dark()} }

// Markers and lines stand out by 3:1 and text by 4.5:1, as WCAG 2.2 wants (1.4.11, 1.4.3).
func TestContrast(t *testing.T) {
	for _, theme := range themes() {
		paper := theme.color(Paper)
		for i, c := range theme.Palette {
			if got := contrast(c, paper); got < 3 {
				t.Errorf("%s: palette %d has a contrast of %.2f", theme.Name, i, got)
			}
		}
		for _, role := range []Ink{Text, Muted, Law, Warn} {
			if got := contrast(theme.color(role), paper); got < 4.5 {
				t.Errorf("%s: role %d has a contrast of %.2f", theme.Name, role, got)
			}
		}
		for v := 0.0; v <= 1; v += 0.01 {
			if got := contrast(theme.color(along(v)), paper); got < 3 {
				t.Errorf("%s: the ramp's ink at %.2f has a contrast of %.2f", theme.Name, v, got)
			}
			if c := theme.heat(v); contrast(c, readable(c)) < 4.3 {
				t.Errorf("%s: text on the ramp at %.2f has a contrast of %.2f", theme.Name, v, contrast(c, readable(c)))
			}
		}
	}
	if got := contrast(rgb(0), rgb(0xffffff)); math.Abs(got-21) > 1e-9 {
		t.Errorf("black on white is %g", got)
	}
}

// deficiencies are the matrices of Machado, Oliveira and Fernandes (2009, IEEE TVCG 15(6)) at
// severity 1, on linear RGB.
var deficiencies = map[string][9]float64{
	"none":       {1, 0, 0, 0, 1, 0, 0, 0, 1},
	"protanopia": {0.152286, 1.052583, -0.204868, 0.114503, 0.786281, 0.099216, -0.003882, -0.048116, 1.051998},
	"deutanopia": {0.367322, 0.860646, -0.227968, 0.280085, 0.672501, 0.047413, -0.011820, 0.042940, 0.968881},
	"tritanopia": {1.255528, -0.076749, -0.178779, -0.078411, 0.930809, 0.147602, 0.004733, 0.691367, 0.303900},
}

// Any two colours of the palette differ by 15 in CIE 1976 Lab (2.3 is just noticeable) for every
// eye.
func TestPaletteForEveryEye(t *testing.T) {
	const least = 15
	for _, theme := range themes() {
		for name, matrix := range deficiencies {
			for i, a := range theme.Palette {
				for j, b := range theme.Palette[:i] {
					if d := apartInLab(seen(a, matrix), seen(b, matrix)); d < least {
						t.Errorf("%s, %s: colours %d and %d differ by %.1f", theme.Name, name, i, j, d)
					}
				}
			}
		}
	}
}

// seen is a colour's linear RGB to an eye.
func seen(c color.NRGBA, m [9]float64) (out [3]float64) {
	linear := func(v uint8) float64 {
		if s := float64(v) / 255; s > 0.04045 {
			return math.Pow((s+0.055)/1.055, 2.4)
		}
		return float64(v) / 255 / 12.92
	}
	in := [3]float64{linear(c.R), linear(c.G), linear(c.B)}
	for i := range 3 {
		for j := range 3 {
			out[i] += m[3*i+j] * in[j]
		}
		out[i] = min(max(out[i], 0), 1)
	}
	return out
}

func apartInLab(a, b [3]float64) float64 {
	p, q := lab(a), lab(b)
	return math.Sqrt((p[0]-q[0])*(p[0]-q[0]) + (p[1]-q[1])*(p[1]-q[1]) + (p[2]-q[2])*(p[2]-q[2]))
}

// lab is CIE 1976 L*a*b* under D65.
func lab(c [3]float64) [3]float64 {
	f := func(v float64) float64 {
		if v > 216.0/24389 {
			return math.Cbrt(v)
		}
		return (24389.0/27*v + 16) / 116
	}
	x := f((0.4124*c[0] + 0.3576*c[1] + 0.1805*c[2]) / 0.95047)
	y := f(0.2126*c[0] + 0.7152*c[1] + 0.0722*c[2])
	z := f((0.0193*c[0] + 0.1192*c[1] + 0.9505*c[2]) / 1.08883)
	return [3]float64{116*y - 16, 500 * (x - y), 200 * (y - z)}
}

func TestThemeNamed(t *testing.T) {
	for _, theme := range themes() {
		if got, err := ThemeNamed(theme.Name); err != nil || got.Name != theme.Name {
			t.Errorf("%s: %v, %v", theme.Name, got.Name, err)
		}
	}
	if _, err := ThemeNamed("sepia"); err == nil {
		t.Error("sepia is a theme")
	}
}
