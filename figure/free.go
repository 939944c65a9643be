package figure

// occupied are places in pixels where the figure has marks.
func (p *plan) occupied() []point {
	var all []point
	for _, l := range p.f.Layers {
		switch l.Kind {
		case Band, Cells:
			continue
		case Rule:
			all = append(all, p.along(l)...)
			continue
		}
		var before point
		for i, m := range l.Marks {
			y := m.Y
			if l.Kind == Miss {
				y = m.High
			}
			at := p.at(m.X, y)
			all = append(all, at)
			if (l.Kind == Line || l.Kind == Stair) && i > 0 {
				all = append(all, between(before, at)...)
			}
			before = at
		}
	}
	return all
}

// along are places along a level and its name, which stands above its right end.
func (p *plan) along(l Layer) []point {
	if len(l.Marks) == 0 {
		return nil
	}
	const apart = 16
	var all []point
	y := p.plot.bottom - p.y.place(l.Marks[0].Y)*p.plot.height()
	name := p.plot.right - width(l.Name, small, false)
	for x := p.plot.left; x <= p.plot.right; x += apart {
		if all = append(all, point{x, y}); x >= name {
			all = append(all, point{x, y - small})
		}
	}
	return all
}

// between are places along a line, some pixels apart.
func between(a, b point) []point {
	const pieces = 8
	var all []point
	for i := 1; i < pieces; i++ {
		share := float64(i) / pieces
		all = append(all, point{a.x + share*(b.x-a.x), a.y + share*(b.y-a.y)})
	}
	return all
}

// free is the first of some boxes that covers the fewest places.
func free(boxes []box, places []point) box {
	best, least := boxes[0], len(places)+1
	for _, b := range boxes {
		covered := 0
		around := box{b.left - 8, b.top - 8, b.right + 8, b.bottom + 8}
		for _, at := range places {
			if around.holds(at) {
				covered++
			}
		}
		if covered < least {
			best, least = b, covered
		}
	}
	return best
}

// corners of the plot with room for text of a size, the lower left one first: a law falls, and
// nothing is better than the frontier.
func (p *plan) cornersFor(w, h float64) []box {
	b := box{p.plot.left + 12, p.plot.top + 8, p.plot.right - 12, p.plot.bottom - 8}
	return []box{
		{b.left, b.bottom - h, b.left + w, b.bottom}, {b.right - w, b.top, b.right, b.top + h},
		{b.left, b.top, b.left + w, b.top + h}, {b.right - w, b.bottom - h, b.right, b.bottom},
	}
}

// inward are boxes above or below those in the corners, by thirds of their height: where a level
// runs through every corner.
func (p *plan) inward(corners []box) []box {
	var all []box
	for _, b := range corners {
		for _, thirds := range []float64{1, 2, 3, 4} {
			step := thirds / 3 * b.height()
			if b.bottom > (p.plot.top+p.plot.bottom)/2 {
				step = -step
			}
			all = append(all, box{b.left, b.top + step, b.right, b.bottom + step})
		}
	}
	return all
}

// levels are boxes of a size in the middle of the plot, then higher and lower.
func (p *plan) levels(w, h float64) []box {
	x := (p.plot.left + p.plot.right - w) / 2
	room := p.plot.height() - h - 16
	var all []box
	for _, share := range []float64{0.5, 0.3, 0.7, 0.12, 0.88, 0} {
		y := p.plot.top + 8 + share*room
		all = append(all, box{x, y, x + w, y + h})
	}
	return all
}

func longest(lines []string, size float64) float64 {
	var w float64
	for _, line := range lines {
		w = max(w, width(line, size, false))
	}
	return w
}
