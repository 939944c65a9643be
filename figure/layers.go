package figure

import (
	"image/color"
	"maps"
	"slices"
)

// Dashes of lines that are extrapolated, and of stairs and rules.
var (
	dashed = []float64{7, 5}
	dotted = []float64{2, 3}
)

// layer draws the marks of a layer within the plot.
func (p *plan) layer(s surface, l Layer) {
	switch l.Kind {
	case Band:
		p.band(s, l)
	case Line, Stair:
		p.line(s, l)
	case Rule:
		p.rule(s, l)
	case Miss:
		p.misses(s, l)
	case Points:
		p.points(s, l)
	case Cloud:
		p.cloud(s, l)
	case Cross:
		for _, m := range l.Marks {
			cross(s, p.at(m.X, m.Y), 4.5, pen{stroke: p.ink(l.Ink, 1), width: 1.6})
		}
	case Cells:
		p.cells(s, l)
	}
}

// linePen is how lines of a layer are drawn, in the plot and in the legend.
func linePen(t Theme, kind Kind, ink Ink, dash, thin bool) pen {
	n := pen{stroke: t.color(ink), width: 2.4}
	if thin {
		n.width = 1.3
	}
	switch {
	case kind == Stair || kind == Rule:
		n.dash, n.width = dotted, 1.2
	case dash:
		n.dash = dashed
	}
	return n
}

// bandPen is how areas of a layer are filled: thin bands are the wide, pale ones.
func bandPen(t Theme, ink Ink, thin bool) pen {
	c := t.color(ink)
	c.A = 56
	if thin {
		c.A = 26
	}
	return pen{fill: c}
}

func (p *plan) band(s surface, l Layer) {
	var area []point
	for _, m := range l.Marks {
		area = append(area, p.at(m.X, m.High))
	}
	for i := len(l.Marks) - 1; i >= 0; i-- {
		area = append(area, p.at(l.Marks[i].X, l.Marks[i].Low))
	}
	if area = p.plot.polygon(area); len(area) > 2 {
		s.path(area, true, bandPen(p.theme, l.Ink, l.Thin))
	}
}

func (p *plan) line(s surface, l Layer) {
	var way []point
	for i, m := range l.Marks {
		at := p.at(m.X, m.Y)
		if l.Kind == Stair && i > 0 {
			way = append(way, point{at.x, way[len(way)-1].y})
		}
		way = append(way, at)
	}
	for _, part := range p.plot.line(way) {
		s.path(part, false, linePen(p.theme, l.Kind, l.Ink, l.Dash, l.Thin))
	}
}

func (p *plan) rule(s surface, l Layer) {
	for _, m := range l.Marks {
		y := p.plot.bottom - p.y.place(m.Y)*p.plot.height()
		if y < p.plot.top || y > p.plot.bottom {
			continue
		}
		s.path([]point{{p.plot.left, y}, {p.plot.right, y}}, false, linePen(p.theme, Rule, l.Ink, false, true))
		label := lettering{size: small, ink: p.theme.color(l.Ink), anchor: 1, halo: p.theme.color(Paper)}
		s.write(point{p.plot.right - 6, y - 5}, l.Name, label)
	}
}

func (p *plan) misses(s surface, l Layer) {
	n := pen{stroke: p.ink(l.Ink, 1), width: 1.6}
	for _, m := range l.Marks {
		low, high := p.at(m.X, m.Low), p.at(m.X, m.High)
		if from, to, ok := p.plot.segment(low, high); ok {
			s.path([]point{from, to}, false, n)
		}
		if m.Label != "" {
			s.write(point{high.x + 12, (low.y+high.y)/2 - 2}, m.Label, lettering{size: small, ink: p.ink(l.Ink, 1), halo: p.theme.color(Paper)})
		}
	}
}

func (p *plan) points(s surface, l Layer) {
	for _, m := range l.Marks {
		at := p.at(m.X, m.Y)
		if !p.plot.holds(at) {
			continue
		}
		s.open("point", append([]Datum{{"id", m.ID}}, m.Data...), m.Hint)
		marker(s, at, m.Shape, m.Size, p.markerPen(m.Ink, m.Ring, m.Hollow))
		if m.Label != "" {
			s.write(point{at.x + m.Size + 4, at.y + 4}, m.Label, lettering{size: small, ink: p.theme.color(Muted), halo: p.theme.color(Paper)})
		}
		s.close()
	}
}

// cloud draws dots, those of one colour together.
func (p *plan) cloud(s surface, l Layer) {
	byInk := map[Ink][]point{}
	for _, m := range l.Marks {
		if at := p.at(m.X, m.Y); p.plot.holds(at) {
			byInk[m.Ink] = append(byInk[m.Ink], at)
		}
	}
	for _, ink := range slices.Sorted(maps.Keys(byInk)) {
		s.dots(byInk[ink], cloudDot, p.ink(ink, 0.5))
	}
}

// cloudDot is the radius of a dot in pixels.
const cloudDot = 1.5

func (p *plan) markerPen(ink Ink, ring, hollow bool) pen {
	return markerPen(p.theme, ink, ring, hollow)
}

func markerPen(t Theme, ink Ink, ring, hollow bool) pen {
	n := pen{fill: t.color(ink), stroke: t.color(Paper), width: 0.8}
	if ring {
		n.stroke, n.width = t.color(Text), 1.4
	}
	if hollow {
		n.fill, n.stroke, n.width = t.color(Paper), t.color(ink), 1.8
	}
	return n
}

func cross(s surface, at point, r float64, n pen) {
	s.path([]point{{at.x - r, at.y - r}, {at.x + r, at.y + r}}, false, n)
	s.path([]point{{at.x - r, at.y + r}, {at.x + r, at.y - r}}, false, n)
}

// cells fills a square a mark; one without a value is paper with its label.
func (p *plan) cells(s surface, l Layer) {
	for _, m := range l.Marks {
		a, b := p.at(m.X-0.5, m.Y+0.5), p.at(m.X+0.5, m.Y-0.5)
		cell := box{a.x + 1, a.y + 1, b.x - 1, b.y - 1}
		n, ink := pen{fill: p.theme.color(Faint)}, p.theme.color(Muted)
		if !m.Hollow && finite(m.Low) {
			n.fill = p.theme.heat(m.Low)
			ink = readable(n.fill)
		}
		s.open("cell", append([]Datum{{"id", m.ID}}, m.Data...), m.Hint)
		s.path(cell.corners(), true, n)
		p.cellLabel(s, cell, m.Label, ink)
		s.close()
	}
}

// cellLabel writes a cell's value lying or, where it is too long, upright.
func (p *plan) cellLabel(s surface, cell box, text string, ink color.NRGBA) {
	l := lettering{size: normal, ink: ink, anchor: 0.5}
	if width(text, l.size, false) > cell.width()-4 {
		l.size = small
	}
	middle := point{(cell.left + cell.right) / 2, (cell.top + cell.bottom) / 2}
	if width(text, l.size, false) <= cell.width()-2 {
		s.write(point{middle.x, middle.y + l.size*0.35}, text, l)
		return
	}
	l.upright = true
	if cell.width() > l.size {
		s.write(point{middle.x + l.size*0.35, middle.y}, shorten(text, l.size, cell.height()-2), l)
	}
}
