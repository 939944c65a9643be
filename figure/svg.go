package figure

import (
	"encoding/xml"
	"fmt"
	"image/color"
	"io"
	"strconv"
	"strings"
)

// families are fonts as wide as, or narrower than, the one that layouts are measured with.
const families = "Go,'Liberation Sans',Helvetica,Arial,sans-serif"

// SVG writes the figure with text as text. Every mark and law carries its numbers as data
// attributes: nothing needs to be measured off the picture.
func (f Figure) SVG(w io.Writer, look Look) error {
	p := f.plan(look)
	s := &svg{dark: look.Theme.dark}
	label := unmarked(strings.TrimSpace(f.Title + ". " + f.Subtitle))
	fmt.Fprintf(&s.b, `<svg xmlns="http://www.w3.org/2000/svg" width="%[1]s" height="%[2]s" viewBox="0 0 %[1]s %[2]s" role="img" aria-label="%[3]s" data-figure="%[4]s" data-theme="%[5]s"%[7]s font-family="%[6]s">`,
		short(p.width), short(p.height), escape(label), escape(f.Kind), escape(look.Theme.Name), families, p.measures())
	s.b.WriteString("\n<title>" + escape(label) + "</title>\n")
	p.draw(s)
	s.b.WriteString("</svg>\n")
	_, err := io.WriteString(w, s.b.String())
	return err
}

// svg is a surface of text.
type svg struct {
	b    strings.Builder
	dark map[color.NRGBA]color.NRGBA // what colours are on dark paper; nil: one theme only
}

func (s *svg) open(class string, data []Datum, hint string) {
	s.b.WriteString(`<g class="` + escape(class) + `"`)
	for _, d := range data {
		s.b.WriteString(` data-` + d.Name + `="` + escape(d.Value) + `"`)
	}
	s.b.WriteString(">")
	if hint != "" {
		s.b.WriteString("<title>" + escape(hint) + "</title>")
	}
}

func (s *svg) close() { s.b.WriteString("</g>\n") }

func (s *svg) path(points []point, closed bool, p pen) {
	if len(points) == 0 {
		return
	}
	s.b.WriteString(`<path d="M`)
	for i, at := range points {
		if i > 0 {
			s.b.WriteString("L")
		}
		s.b.WriteString(short(at.x) + " " + short(at.y))
	}
	if closed {
		s.b.WriteString("Z")
	}
	s.b.WriteString(`"` + s.attributes(p) + "/>")
}

// dots are one path of points with round ends, which is a few bytes a dot.
func (s *svg) dots(points []point, radius float64, c color.NRGBA) {
	if len(points) == 0 {
		return
	}
	s.b.WriteString(`<path d="`)
	for _, at := range points {
		s.b.WriteString("M" + tenth(at.x) + " " + tenth(at.y) + "h0")
	}
	s.b.WriteString(`" stroke-linecap="round"` + s.attributes(pen{stroke: c, width: 2 * radius}) + "/>")
}

func tenth(v float64) string { return strconv.FormatFloat(v, 'f', 1, 64) }

func (s *svg) circle(at point, radius float64, p pen) {
	fmt.Fprintf(&s.b, `<circle cx="%s" cy="%s" r="%s"%s/>`, short(at.x), short(at.y), short(radius), s.attributes(p))
}

// write sets text, and under it the same as a halo: not every reader knows paint-order.
func (s *svg) write(at point, text string, l lettering) {
	if l.halo.A > 0 {
		s.text(at, text, l, fmt.Sprintf(` aria-hidden="true" stroke="%s" stroke-width="3" stroke-linejoin="round"`, s.colour(l.halo)))
	}
	s.text(at, text, l, "")
}

func (s *svg) text(at point, text string, l lettering, more string) {
	fmt.Fprintf(&s.b, `<text x="%s" y="%s" font-size="%s" fill="%s"`, short(at.x), short(at.y), short(l.size), s.colour(l.ink))
	if l.bold {
		s.b.WriteString(` font-weight="700"`)
	}
	if anchor := map[float64]string{0.5: "middle", 1: "end"}[l.anchor]; anchor != "" {
		s.b.WriteString(` text-anchor="` + anchor + `"`)
	}
	if l.upright {
		fmt.Fprintf(&s.b, ` transform="rotate(-90 %s %s)"`, short(at.x), short(at.y))
	}
	s.b.WriteString(more + ">")
	s.runs(text, l.size)
	s.b.WriteString("</text>")
}

// runs raises superscripts, and comes down again after them.
func (s *svg) runs(text string, size float64) {
	raised := false
	for _, r := range runs(text) {
		switch {
		case r.sup:
			fmt.Fprintf(&s.b, `<tspan dy="%s" font-size="%s">%s</tspan>`, short(-supRaise*size), short(supSize*size), escape(r.text))
		case raised:
			fmt.Fprintf(&s.b, `<tspan dy="%s">%s</tspan>`, short(supRaise*size), escape(r.text))
		default:
			s.b.WriteString(escape(r.text))
		}
		raised = r.sup
	}
}

func (s *svg) attributes(p pen) string {
	var b strings.Builder
	b.WriteString(` fill="` + s.colour(p.fill) + `"`)
	if p.fill.A > 0 && p.fill.A < 255 {
		b.WriteString(` fill-opacity="` + short(float64(p.fill.A)/255) + `"`)
	}
	if p.stroke.A > 0 && p.width > 0 {
		fmt.Fprintf(&b, ` stroke="%s" stroke-width="%s"`, s.colour(p.stroke), short(p.width))
		if len(p.dash) > 0 {
			b.WriteString(` stroke-dasharray="` + short(p.dash[0]) + " " + short(p.dash[1]) + `"`)
		}
		if p.stroke.A < 255 {
			b.WriteString(` stroke-opacity="` + short(float64(p.stroke.A)/255) + `"`)
		}
	}
	return b.String()
}

// colour is that of a theme, or of the one that the reader's page has.
func (s *svg) colour(c color.NRGBA) string {
	if other, ok := s.dark[color.NRGBA{c.R, c.G, c.B, 255}]; ok && c.A > 0 {
		return "light-dark(" + hex(c) + "," + hex(other) + ")"
	}
	return hex(c)
}

func hex(c color.NRGBA) string {
	if c.A == 0 {
		return "none"
	}
	return fmt.Sprintf("#%02x%02x%02x", c.R, c.G, c.B)
}

// short writes a length to a hundredth of a pixel.
func short(v float64) string {
	text := strconv.FormatFloat(v, 'f', 2, 64)
	text = strings.TrimRight(strings.TrimRight(text, "0"), ".")
	if text == "-0" {
		return "0"
	}
	return text
}

// escape makes any text fit for XML; characters that XML has no place for are replaced.
func escape(s string) string {
	var b strings.Builder
	if err := xml.EscapeText(&b, []byte(s)); err != nil {
		return ""
	}
	return b.String()
}
