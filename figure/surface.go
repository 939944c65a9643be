package figure

import (
	"image/color"
	"math"
)

// point is a place in pixels, y downwards.
type point struct{ x, y float64 }

// pen is how a shape is filled and outlined; a zero colour is none.
type pen struct {
	fill, stroke color.NRGBA
	width        float64
	dash         []float64
}

// lettering is how text is set. Its anchor is 0 at the start, 0.5 in the middle, 1 at the end.
type lettering struct {
	size    float64
	bold    bool
	ink     color.NRGBA
	anchor  float64
	upright bool // reads upwards
	halo    color.NRGBA
}

// surface is what a figure is drawn on.
type surface interface {
	open(class string, data []Datum, hint string) // begins a group
	close()
	path(points []point, closed bool, p pen)
	circle(at point, radius float64, p pen)
	dots(points []point, radius float64, c color.NRGBA)
	write(at point, text string, l lettering) // at is on the baseline
}

// Shape is a marker's.
type Shape int

// shapes are corners on a circle around the marker: how many, the turn of the first from
// upright, every second's radius, and a factor that makes areas alike.
var shapes = []struct {
	corners     int
	turn, inner float64
	grow        float64
}{
	{corners: 0, grow: 1},                                  // circle
	{corners: 4, turn: math.Pi / 4, grow: 1.25},            // square
	{corners: 3, grow: 1.45},                               // triangle
	{corners: 4, grow: 1.28},                               // diamond
	{corners: 3, turn: math.Pi, grow: 1.45},                // triangle, down
	{corners: 10, inner: 0.45, grow: 1.5},                  // star
	{corners: 5, grow: 1.15},                               // pentagon
	{corners: 8, inner: 0.5, turn: math.Pi / 4, grow: 1.5}, // cross
}

// marker draws a shape.
func marker(s surface, at point, shape Shape, radius float64, p pen) {
	kind := shapes[int(shape)%len(shapes)]
	if kind.corners == 0 {
		s.circle(at, radius, p)
		return
	}
	s.path(corners(at, kind.corners, kind.turn, kind.inner, radius*kind.grow), true, p)
}

func corners(at point, n int, turn, inner, radius float64) []point {
	var all []point
	for i := range n {
		r := radius
		if inner > 0 && i%2 == 1 {
			r *= inner
		}
		angle := turn + 2*math.Pi*float64(i)/float64(n)
		all = append(all, point{at.x + r*math.Sin(angle), at.y - r*math.Cos(angle)})
	}
	return all
}
