package figure

import (
	"fmt"
	"image/color"
)

// Ink is a colour by its role, so that a figure is described without one: 0 to 7 are the
// palette's, the roles below have a name.
type Ink int

// The roles beside the palette.
const (
	Text Ink = -1 - iota
	Muted
	Grid
	Faint
	Law
	Warn
	Paper
)

// ramp is the first of the inks of a ramp, for things in an order that are more than the palette.
const ramp, rampSteps Ink = 1000, 1000

// along is the ink at a share of the ramp.
func along(share float64) Ink { return ramp + Ink(share*float64(rampSteps)) }

// Theme is the colours of a figure.
type Theme struct {
	Name    string
	Palette [8]color.NRGBA
	Roles   map[Ink]color.NRGBA
	Ramp    []color.NRGBA // of heat maps, from low to high
	Shown   [2]float64    // the part of it that stands out from the paper

	dark map[color.NRGBA]color.NRGBA // of Both: what each colour is on dark paper
}

func rgb(hex uint32) color.NRGBA {
	return color.NRGBA{R: uint8(hex >> 16), G: uint8(hex >> 8), B: uint8(hex), A: 255}
}

// Light has the hues of Okabe and Ito (2008, "Color Universal Design", jfly.uni-koeln.de/color):
// blue and vermilion as they are, the rest moved within their hue until each stands out from the
// paper by 3:1 (WCAG 2.2, 1.4.11) and any two differ by 15 in Lab for normal eyes and for the
// three dichromacies (Machado et al. 2009). A violet stands for their black, which is the text's.
func Light() Theme {
	return Theme{
		Name:    "light",
		Palette: palette(0x0072b2, 0xd55e00, 0x13a870, 0xcb79a8, 0x8a6936, 0x2d97f3, 0x4f339a, 0x504a00),
		Roles: roles(map[Ink]uint32{
			Text: 0x1b1f24, Muted: 0x59636e, Grid: 0xe1e4e8, Faint: 0xf1f3f5, Law: 0x8a1c1c, Warn: 0xa3380a, Paper: 0xffffff,
		}),
		Ramp: cividis(), Shown: [2]float64{0, 0.62},
	}
}

// Dark is the same on dark paper.
func Dark() Theme {
	return Theme{
		Name:    "dark",
		Palette: palette(0x2075b7, 0xcd5600, 0x13b17b, 0xb36c96, 0xe6a002, 0x6dc8ff, 0x6b4eca, 0xf3e644),
		Roles: roles(map[Ink]uint32{
			Text: 0xe6e9ed, Muted: 0x9aa4af, Grid: 0x2d333b, Faint: 0x20252b, Law: 0xff9d8a, Warn: 0xffa657, Paper: 0x14171c,
		}),
		Ramp: cividis(), Shown: [2]float64{0.4, 1},
	}
}

// Both is light or dark as the page around an SVG is, by the CSS function light-dark(). Other
// formats are drawn as Light.
func Both() Theme {
	light, dark := Light(), Dark()
	light.Name, light.dark = "both", map[color.NRGBA]color.NRGBA{}
	for i := range light.Palette {
		light.dark[light.Palette[i]] = dark.Palette[i]
	}
	for ink, c := range light.Roles {
		light.dark[c] = dark.Roles[ink]
	}
	return light
}

// ThemeNamed is light or dark.
func ThemeNamed(name string) (Theme, error) {
	switch name {
	case "light":
		return Light(), nil
	case "dark":
		return Dark(), nil
	}
	return Theme{}, fmt.Errorf("there is no theme %q; there are light and dark", name)
}

func palette(hex ...uint32) (p [8]color.NRGBA) {
	for i, h := range hex {
		p[i] = rgb(h)
	}
	return p
}

func roles(hex map[Ink]uint32) map[Ink]color.NRGBA {
	all := map[Ink]color.NRGBA{}
	for role, h := range hex {
		all[role] = rgb(h)
	}
	return all
}

// cividis is the ramp of Nuñez, Anderton and Renslow (2018, PLOS ONE 13(7) e0199239) at nine
// places: even in lightness, and the same for people with and without red-green deficiency.
func cividis() []color.NRGBA {
	var ramp []color.NRGBA
	for _, h := range []uint32{0x00224e, 0x1a386f, 0x434e6c, 0x61656f, 0x7d7c78, 0x9c9677, 0xbcaf6f, 0xdfcb5d, 0xfee838} {
		ramp = append(ramp, rgb(h))
	}
	return ramp
}

// color of an ink; beyond the palette it begins again.
func (t Theme) color(i Ink) color.NRGBA {
	if i >= ramp {
		return t.heat(t.Shown[0] + (t.Shown[1]-t.Shown[0])*float64(i-ramp)/float64(rampSteps))
	}
	if i >= 0 {
		return t.Palette[int(i)%len(t.Palette)]
	}
	return t.Roles[i]
}

// heat is the ramp's colour at v in [0, 1].
func (t Theme) heat(v float64) color.NRGBA {
	x := min(max(v, 0), 1) * float64(len(t.Ramp)-1)
	i := min(int(x), len(t.Ramp)-2)
	return blend(t.Ramp[i], t.Ramp[i+1], x-float64(i))
}

func blend(a, b color.NRGBA, share float64) color.NRGBA {
	mix := func(p, q uint8) uint8 { return uint8(float64(p) + share*(float64(q)-float64(p)) + 0.5) }
	return color.NRGBA{mix(a.R, b.R), mix(a.G, b.G), mix(a.B, b.B), 255}
}
