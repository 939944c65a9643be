package figure

import "math"

// outline is the area of a line of a width, with round joints: a quadrilateral a segment and a
// disc a joint, all turning the same way, so that a non-zero rasteriser takes their union.
// dash is in units of scale.
func outline(points []point, width float64, dash []float64, scale float64) [][]point {
	var areas [][]point
	for _, line := range dashes(points, dash, scale) {
		for i := 1; i < len(line); i++ {
			if q := quad(line[i-1], line[i], width); q != nil {
				areas = append(areas, q)
			}
			if i+1 < len(line) && width > 1 {
				areas = append(areas, reversed(corners(line[i], 12, 0, 0, width/2)))
			}
		}
	}
	return areas
}

func quad(p, q point, width float64) []point {
	dx, dy := q.x-p.x, q.y-p.y
	length := math.Hypot(dx, dy)
	if length == 0 {
		return nil
	}
	nx, ny := -dy/length*width/2, dx/length*width/2
	return []point{{p.x + nx, p.y + ny}, {q.x + nx, q.y + ny}, {q.x - nx, q.y - ny}, {p.x - nx, p.y - ny}}
}

// reversed makes discs turn like quadrilaterals.
func reversed(points []point) []point {
	all := make([]point, len(points))
	for i, p := range points {
		all[len(points)-1-i] = p
	}
	return all
}

// dashes cuts a line into those of its parts that are drawn.
func dashes(points []point, dash []float64, scale float64) [][]point {
	if len(dash) < 2 || dash[0] <= 0 || dash[1] <= 0 {
		return [][]point{points}
	}
	var parts [][]point
	on, left := true, dash[0]*scale
	part := []point{points[0]}
	for i := 1; i < len(points); i++ {
		p, q := points[i-1], points[i]
		for length := math.Hypot(q.x-p.x, q.y-p.y); length > left; length = math.Hypot(q.x-p.x, q.y-p.y) {
			p = point{p.x + (q.x-p.x)*left/length, p.y + (q.y-p.y)*left/length}
			if on {
				parts = append(parts, append(part, p))
			}
			on = !on
			part, left = []point{p}, dash[0]*scale
			if !on {
				left = dash[1] * scale
			}
		}
		left -= math.Hypot(q.x-p.x, q.y-p.y)
		part = append(part, q)
	}
	if on && len(part) > 1 {
		parts = append(parts, part)
	}
	return parts
}
