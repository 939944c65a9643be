package figure

import (
	"image/color"
	"math"
)

// draw puts everything on a surface, the lowest first.
func (p *plan) draw(s surface) {
	s.path([]point{{0, 0}, {p.width, 0}, {p.width, p.height}, {0, p.height}}, true, pen{fill: p.theme.color(Paper)})
	p.head(s)
	p.axes(s)
	for _, l := range p.f.Layers {
		s.open("layer "+string(l.Kind), append([]Datum{{"name", l.Name}}, l.Data...), "")
		p.layer(s, l)
		s.close()
	}
	p.corner(s)
	p.refusal(s)
	p.legend.draw(s, p.theme)
	y := p.notesTop
	for _, n := range p.notes {
		y += small + 4
		s.write(point{margin, y}, n, p.letters(small, Muted))
	}
}

func (p *plan) letters(size float64, ink Ink) lettering {
	return lettering{size: size, ink: p.theme.color(ink)}
}

func (p *plan) head(s surface) {
	y := margin
	for _, line := range p.title {
		y += large + 2
		s.write(point{margin, y}, line, lettering{size: large, bold: true, ink: p.theme.color(Text)})
		y += 4
	}
	for _, line := range p.sub {
		y += normal + 3
		s.write(point{margin, y}, line, p.letters(normal, Muted))
		y += 3
	}
}

func (p *plan) axes(s surface) {
	s.open("axes", nil, "")
	if len(p.f.X.Categories) == 0 {
		for _, faint := range []bool{true, false} {
			for _, t := range p.xt {
				x := p.plot.left + t.at*p.plot.width()
				p.gridline(s, t, faint, point{x, p.plot.top}, point{x, p.plot.bottom})
			}
			for _, t := range p.yt {
				y := p.plot.bottom - t.at*p.plot.height()
				p.gridline(s, t, faint, point{p.plot.left, y}, point{p.plot.right, y})
			}
		}
	}
	p.xLabels(s)
	p.yLabels(s)
	s.close()
}

func (p *plan) gridline(s surface, t tick, faint bool, from, to point) {
	if (t.label == "") != faint {
		return
	}
	ink := Grid
	if faint {
		ink = Faint
	}
	s.path([]point{from, to}, false, pen{stroke: p.theme.color(ink), width: 1})
}

func (p *plan) xLabels(s surface) {
	l := p.letters(normal, Muted)
	l.anchor = 0.5
	slanted := p.slanted()
	y := p.plot.bottom + normal + 7
	for _, t := range p.xt {
		x := p.plot.left + t.at*p.plot.width()
		switch {
		case t.label == "":
		case slanted:
			l.upright, l.anchor = true, 1
			s.write(point{x + normal/3, p.plot.bottom + 8}, shorten(t.label, normal, maxSlanted), l)
		default:
			s.write(point{x, y}, t.label, l)
		}
	}
	if p.f.X.Label != "" {
		label := p.letters(normal, Text)
		label.anchor = 0.5
		s.write(point{(p.plot.left + p.plot.right) / 2, p.plot.bottom + p.under() - 8}, shorten(p.f.X.Label, normal, p.plot.width()+60), label)
	}
}

func (p *plan) yLabels(s surface) {
	l := p.letters(normal, Muted)
	l.anchor = 1
	for _, t := range p.yt {
		if t.label != "" {
			s.write(point{p.plot.left - 8, p.plot.bottom - t.at*p.plot.height() + normal*0.35}, shorten(t.label, normal, p.labelRoom()), l)
		}
	}
	if p.f.Y.Label != "" {
		label := p.letters(normal, Text)
		label.anchor, label.upright = 0.5, true
		s.write(point{margin + normal - 2, (p.plot.top + p.plot.bottom) / 2}, shorten(p.f.Y.Label, normal, p.plot.height()), label)
	}
}

// ink is a layer's or mark's colour at an opacity.
func (p *plan) ink(i Ink, opacity float64) color.NRGBA {
	c := p.theme.color(i)
	c.A = uint8(math.Round(255 * opacity))
	return c
}

// corner writes lines in the corner that covers the fewest marks.
func (p *plan) corner(s surface) {
	const line = normal + 6
	lines := make([]string, len(p.f.Corner))
	for i, text := range p.f.Corner {
		lines[i] = shorten(text, normal, p.plot.width()-24)
	}
	if len(lines) == 0 {
		return
	}
	corners := p.cornersFor(longest(lines, normal), float64(len(lines))*line)
	b := free(append(corners, p.inward(corners)...), p.occupied())
	l := p.letters(normal, Text)
	l.halo = p.theme.color(Paper)
	x := b.left
	if b.right > p.plot.right-13 {
		x, l.anchor = b.right, 1
	}
	s.open("numbers", nil, "")
	for i, text := range lines {
		s.write(point{x, b.top + float64(i+1)*line - 5}, text, l)
	}
	s.close()
}

// refusal writes why there is no law in the middle of the plot, or where it hides no run.
func (p *plan) refusal(s surface) {
	if p.f.Refusal == "" {
		return
	}
	const line = normal + 6
	lines := wrap(p.f.Refusal, normal, min(p.plot.width()-48, 420))
	b := free(p.levels(longest(lines, normal)+28, float64(len(lines))*line+20), p.occupied())
	s.open("refusal", nil, "")
	s.path(b.corners(), true, pen{fill: p.theme.color(Paper), stroke: p.theme.color(Warn), width: 1.2})
	for i, text := range lines {
		s.write(point{(b.left + b.right) / 2, b.top + 10 + float64(i+1)*line - 6}, text, lettering{size: normal, ink: p.theme.color(Warn), anchor: 0.5})
	}
	s.close()
}

func (b box) corners() []point {
	return []point{{b.left, b.top}, {b.right, b.top}, {b.right, b.bottom}, {b.left, b.bottom}}
}
