package figure

// box is a rectangle in pixels.
type box struct{ left, top, right, bottom float64 }

func (b box) width() float64  { return b.right - b.left }
func (b box) height() float64 { return b.bottom - b.top }
func (b box) holds(p point) bool {
	return p.x >= b.left && p.x <= b.right && p.y >= b.top && p.y <= b.bottom
}

// segment is the part of a to b within the box (Liang and Barsky 1984); ok is false when
// there is none.
func (b box) segment(p, q point) (point, point, bool) {
	t0, t1 := 0.0, 1.0
	dx, dy := q.x-p.x, q.y-p.y
	for _, side := range [4][2]float64{{-dx, p.x - b.left}, {dx, b.right - p.x}, {-dy, p.y - b.top}, {dy, b.bottom - p.y}} {
		d, room := side[0], side[1]
		switch {
		case d == 0 && room < 0:
			return p, q, false
		case d < 0:
			t0 = max(t0, room/d)
		case d > 0:
			t1 = min(t1, room/d)
		}
	}
	return point{p.x + t0*dx, p.y + t0*dy}, point{p.x + t1*dx, p.y + t1*dy}, t0 <= t1
}

// line is the parts of a line within the box.
func (b box) line(points []point) [][]point {
	var parts [][]point
	var part []point
	for i := 1; i < len(points); i++ {
		p, q, ok := b.segment(points[i-1], points[i])
		if ok && len(part) > 0 && part[len(part)-1] == p {
			part = append(part, q)
			continue
		}
		if len(part) > 1 {
			parts = append(parts, part)
		}
		if part = nil; ok {
			part = []point{p, q}
		}
	}
	if len(part) > 1 {
		parts = append(parts, part)
	}
	return parts
}

// polygon is the part of an area within the box (Sutherland and Hodgman 1974).
func (b box) polygon(points []point) []point {
	for _, side := range []func(p point) float64{
		func(p point) float64 { return p.x - b.left }, func(p point) float64 { return b.right - p.x },
		func(p point) float64 { return p.y - b.top }, func(p point) float64 { return b.bottom - p.y },
	} {
		points = within(points, side)
	}
	return points
}

// within keeps the part of an area where inside is not negative.
func within(points []point, inside func(p point) float64) []point {
	var kept []point
	for i, q := range points {
		p := points[(i+len(points)-1)%len(points)]
		a, c := inside(p), inside(q)
		if a < 0 != (c < 0) {
			t := a / (a - c)
			kept = append(kept, point{p.x + t*(q.x-p.x), p.y + t*(q.y-p.y)})
		}
		if c >= 0 {
			kept = append(kept, q)
		}
	}
	return kept
}
