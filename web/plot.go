package web

import (
	"html/template"
	"math"
	"net/url"
	"strings"

	"github.com/scalelaw/scalelaw/figure"
)

// plot is a figure in a page: as SVG in the page's theme, as a table, and where it is to be had
// in other forms.
type plot struct {
	Label, Address string // what it shows; its address without the ending
	query          url.Values
	SVG            template.HTML
	Readings       string // for the handle: see readingsJSON
	Loss           bool
	Zoomable       bool
	At             float64 // where the handle stands; 0: nowhere
	Level          string
	Unit           string
	X, Y           string
	Notes          []string
	Twin           []twinRow
	More           int
}

// twinRow is a mark as a row of the table.
type twinRow struct{ Layer, Point, X, Y, Low, High string }

// twinRows is how many the page has; all are in the CSV.
const twinRows = 150

// newPlot draws a figure into a page.
func newPlot(f figure.Figure, address string, q url.Values) (plot, error) {
	f = f.Sparse()
	svg, err := inline(f, defaultWidth)
	p := plot{Label: strings.TrimSpace(f.Title + " " + f.Subtitle), Address: address, query: q, SVG: svg, X: f.X.Label, Y: f.Y.Label, Notes: f.Notes}
	for _, l := range f.Layers {
		for _, m := range l.Marks {
			if len(p.Twin) == twinRows {
				p.More++
				continue
			}
			p.Twin = append(p.Twin, rowOf(f, l, m))
		}
	}
	return p, err
}

func rowOf(f figure.Figure, l figure.Layer, m figure.Mark) twinRow {
	row := twinRow{Layer: l.Name, Point: m.ID, X: significant(m.X), Y: significant(m.Y)}
	switch l.Kind {
	case figure.Band, figure.Miss:
		row.Y, row.Low, row.High = "", significant(m.Low), significant(m.High)
	case figure.Rule:
		row.X = ""
	case figure.Cells:
		row.X, row.Y, row.Point = category(f.X, m.X), category(f.Y, m.Y), m.Label
	}
	return row
}

func category(a figure.Axis, v float64) string {
	if i := int(math.Round(v)); i >= 0 && i < len(a.Categories) {
		return a.Categories[i]
	}
	return significant(v)
}

// Query is the page's query string.
func (p plot) Query() string { return p.query.Encode() }

// export is a link to a figure in another form.
type export struct{ Name, Address, File string }

// Exports are the figure's other forms, with the page's query string.
func (p plot) Exports() []export {
	var all []export
	for _, form := range forms {
		name := strings.ToUpper(form.ending[1:])
		if name == "TEX" {
			name = "LaTeX"
		}
		to := p.Address + form.ending
		if len(p.query) > 0 {
			to += "?" + p.query.Encode()
		}
		file := strings.Trim(strings.ReplaceAll(strings.TrimPrefix(p.Address, "/sweeps/"), "/", "-"), "-")
		all = append(all, export{name, to, file + form.ending})
	}
	return all
}
