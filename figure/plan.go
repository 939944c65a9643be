package figure

import (
	"fmt"
	"math"
)

// Sizes of letters in pixels.
const (
	small  = 11.5
	normal = 13.0
	large  = 17.0
)

// plan is a figure with everything in its place.
type plan struct {
	f             Figure
	theme         Theme
	width, height float64
	narrow        bool
	plot          box
	x, y          span
	xt, yt        []tick
	title, sub    []string
	legend        legend
	notes         []string
	notesTop      float64
}

// plan lays the figure out.
func (f Figure) plan(look Look) *plan {
	f, lost := f.sound()
	if look.Bare {
		f.Title, f.Subtitle, f.Notes = "", "", nil
	}
	p := &plan{f: f, theme: look.Theme, width: look.Width, narrow: look.Width < 640}
	xs, ys := f.values()
	p.x, p.y = axisSpan(f.X, xs), axisSpan(f.Y, ys)
	p.place()
	notes := f.Notes
	if lost > 0 {
		notes = append(append([]string{}, notes...), fmt.Sprintf("%d values have no place on these axes and are not drawn", lost))
	}
	for _, n := range notes {
		p.notes = append(p.notes, wrap(n, small, p.width-2*margin)...)
	}
	if len(p.notes) > 0 {
		p.notesTop = p.height
		p.height += float64(len(p.notes))*(small+4) + 10
	}
	return p
}

const margin = 16.0

// place finds the plot's box, its ticks and the legend.
func (p *plan) place() {
	side := 0.0
	if !p.narrow {
		if side = p.f.legendWidth(p.width * 0.3); side > 0 {
			side += 24
		}
	}
	p.title, p.sub = wrap(p.f.Title, large, p.width-2*margin), wrap(p.f.Subtitle, normal, p.width-2*margin)
	top := margin + float64(len(p.title))*(large+6) + float64(len(p.sub))*(normal+6) + 8
	rough := p.width - side - 2*margin
	high := p.f.tall(rough, p.narrow)
	if !p.narrow {
		high = max(high, p.f.legendHeight()-40)
	}
	p.yt = p.y.ticks(p.f.Y, func(string) float64 { return (normal + 6) / high })
	left := margin + widest(p.yt, p.labelRoom()) + 10
	if p.f.Y.Label != "" {
		left += normal + 8
	}
	p.plot = box{left, top, p.width - margin - side, top + high}
	p.xt = p.x.ticks(p.f.X, func(l string) float64 { return (width(l, normal, false) + 14) / p.plot.width() })
	p.height = p.plot.bottom + p.under()
	if p.narrow {
		p.legend = p.f.below(margin, p.height+6, p.width-2*margin)
		p.height = p.legend.bottom + 8
	} else {
		p.legend = p.f.beside(p.plot.right+24, p.plot.top, side-24)
		p.height = max(p.height, p.legend.bottom+margin)
	}
}

// labelRoom is the most that labels of the y axis may take.
func (p *plan) labelRoom() float64 { return p.width * 0.3 }

func widest(ticks []tick, most float64) float64 {
	var w float64
	for _, t := range ticks {
		w = max(w, width(t.label, normal, false))
	}
	return min(w, most)
}

// under is the room for labels below the plot.
func (p *plan) under() float64 {
	room := normal + 14.0
	if p.slanted() {
		room = widest(p.xt, maxSlanted) + 14
	}
	if p.f.X.Label != "" {
		room += normal + 8
	}
	return room + 4
}

const maxSlanted = 120.0

// slanted reports whether names of categories are too wide to stand side by side.
func (p *plan) slanted() bool {
	if len(p.f.X.Categories) == 0 {
		return false
	}
	return widest(p.xt, math.Inf(1))+8 > p.plot.width()/float64(len(p.f.X.Categories))
}

// tall is the height of a plot of a width.
func (f Figure) tall(w float64, narrow bool) float64 {
	if n := len(f.Y.Categories); n > 0 {
		if narrow {
			return float64(n) * 50
		}
		return float64(n) * 34
	}
	if narrow {
		return max(240, 0.86*w)
	}
	return min(max(300, 0.62*w), 760)
}

// values are those that the axes must hold.
func (f Figure) values() (xs, ys []float64) {
	for _, l := range f.Layers {
		for _, m := range l.Marks {
			x, y := m.numbers(l.Kind)
			xs = append(xs, x...)
			if l.Kind != Band {
				ys = append(ys, y...)
			}
		}
	}
	return xs, ys
}

// measures are where the plot lies in the picture and which values its axes run between, for
// programs that zoom or read off it.
func (p *plan) measures() string {
	side := func(name string, s span) string {
		return fmt.Sprintf(` data-%s="%s %s %s"`, name, map[Scale]string{Linear: "linear", Log: "log", Logit: "logit"}[s.scale], full(s.low), full(s.high))
	}
	plot := fmt.Sprintf(` data-plot="%s %s %s %s"`, short(p.plot.left), short(p.plot.top), short(p.plot.right), short(p.plot.bottom))
	return plot + side("x-axis", p.x) + side("y-axis", p.y)
}

// at is the place of values in pixels.
func (p *plan) at(x, y float64) point {
	return point{p.plot.left + p.x.place(x)*p.plot.width(), p.plot.bottom - p.y.place(y)*p.plot.height()}
}
