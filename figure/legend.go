package figure

// Sizes of the legend in pixels.
const (
	keyRoom  = 30.0
	keyLine  = 19.0
	blockGap = 12.0
)

// item is a key or a line of the legend in its place.
type item struct {
	at    point // of the text's baseline
	text  string
	key   *Key
	title bool
}

// legend is items and where they end.
type legend struct {
	items  []item
	bottom float64
}

// legendWidth is what the legend would like, at most a given width.
func (f Figure) legendWidth(most float64) float64 {
	var w float64
	for _, b := range f.Legend {
		w = max(w, width(b.Title, normal, true))
		for _, k := range b.Keys {
			w = max(w, keyRoom+width(k.Text, normal, false))
		}
		for _, l := range b.Lines {
			w = max(w, min(width(l, small, false), 190))
		}
	}
	return min(w, most)
}

// legendHeight is that of the legend beside the plot, with its lines unbroken.
func (f Figure) legendHeight() float64 {
	return f.beside(0, 0, 190).bottom
}

// beside stacks the blocks in a column.
func (f Figure) beside(x, y, w float64) legend {
	l := legend{bottom: y}
	for i, b := range f.Legend {
		if i > 0 {
			l.bottom += blockGap
		}
		l.head(b.Title, x, w)
		for k := range b.Keys {
			l.bottom += keyLine
			l.items = append(l.items, item{at: point{x, l.bottom - 5}, text: shorten(b.Keys[k].Text, normal, w-keyRoom), key: &b.Keys[k]})
		}
		l.lines(b, x, w)
	}
	return l
}

// below lets the keys of each block run from left to right.
func (f Figure) below(x, y, w float64) legend {
	l := legend{bottom: y}
	for i, b := range f.Legend {
		if i > 0 {
			l.bottom += blockGap / 2
		}
		l.head(b.Title, x, w)
		at := x
		for k := range b.Keys {
			text := shorten(b.Keys[k].Text, normal, w-keyRoom)
			need := keyRoom + width(text, normal, false) + 16
			if k == 0 || at+need-16 > x+w {
				at = x
				l.bottom += keyLine
			}
			l.items = append(l.items, item{at: point{at, l.bottom - 5}, text: text, key: &b.Keys[k]})
			at += need
		}
		l.lines(b, x, w)
	}
	return l
}

func (l *legend) head(title string, x, w float64) {
	if title == "" {
		return
	}
	l.bottom += keyLine
	l.items = append(l.items, item{at: point{x, l.bottom - 5}, text: shorten(title, normal, w), title: true})
}

func (l *legend) lines(b Block, x, w float64) {
	for _, line := range b.Lines {
		for _, part := range wrap(line, small, max(w, 60)) {
			l.bottom += small + 5
			l.items = append(l.items, item{at: point{x, l.bottom - 4}, text: part})
		}
	}
}

func (l legend) draw(s surface, t Theme) {
	s.open("legend", nil, "")
	for _, i := range l.items {
		switch {
		case i.key != nil:
			if len(i.key.Data) > 0 {
				s.open("key", i.key.Data, "")
			}
			i.key.draw(s, t, point{i.at.x + 11, i.at.y - normal*0.35})
			s.write(point{i.at.x + keyRoom, i.at.y}, i.text, lettering{size: normal, ink: t.color(Text)})
			if len(i.key.Data) > 0 {
				s.close()
			}
		case i.title:
			s.write(i.at, i.text, lettering{size: normal, bold: true, ink: t.color(Text)})
		default:
			s.write(i.at, i.text, lettering{size: small, ink: t.color(Muted)})
		}
	}
	s.close()
}

// draw puts the sample of a key around a place.
func (k Key) draw(s surface, t Theme, at point) {
	switch k.Kind {
	case Points:
		marker(s, at, k.Shape, k.Size, markerPen(t, k.Ink, k.Ring, k.Hollow))
	case Band:
		s.path(box{at.x - 11, at.y - 6, at.x + 11, at.y + 6}.corners(), true, bandPen(t, k.Ink, k.Thin))
	case Cross:
		cross(s, at, 4.5, pen{stroke: t.color(k.Ink), width: 1.6})
	case Miss:
		s.path([]point{{at.x, at.y - 7}, {at.x, at.y + 7}}, false, pen{stroke: t.color(k.Ink), width: 1.6})
	case Cells:
		s.path(box{at.x - 8, at.y - 7, at.x + 8, at.y + 7}.corners(), true, pen{fill: t.heat(k.Size)})
	default:
		s.path([]point{{at.x - 11, at.y}, {at.x + 11, at.y}}, false, linePen(t, k.Kind, k.Ink, k.Dash, k.Thin))
	}
}
