package figure

import (
	"fmt"
	"image/color"
	"io"
	"time"

	"codeberg.org/go-pdf/fpdf"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/goregular"
)

// points of PDF a pixel.
const pointsPerPixel = 0.75

// PDF writes the figure as one page of its size, with its fonts embedded and its text
// selectable.
func (f Figure) PDF(w io.Writer, look Look) error {
	p := f.plan(look)
	doc := fpdf.NewCustom(&fpdf.InitType{UnitStr: "pt", Size: fpdf.SizeType{Wd: p.width * pointsPerPixel, Ht: p.height * pointsPerPixel}})
	doc.SetCreationDate(time.Unix(0, 0).UTC()) // the same figure is the same bytes
	doc.SetModificationDate(time.Unix(0, 0).UTC())
	doc.SetCatalogSort(true)
	doc.SetMargins(0, 0, 0)
	doc.SetAutoPageBreak(false, 0)
	doc.SetTitle(known(unmarked(f.Title)), true)
	doc.SetSubject(known(unmarked(f.Subtitle)), true)
	doc.AddUTF8FontFromBytes("go", "", goregular.TTF)
	doc.AddUTF8FontFromBytes("go", "B", gobold.TTF)
	doc.AddPage()
	doc.SetLineJoinStyle("round")
	p.draw(&page{doc: doc})
	if err := doc.Output(w); err != nil {
		return fmt.Errorf("write the PDF: %w", err)
	}
	return nil
}

// page is a surface of PDF.
type page struct{ doc *fpdf.Fpdf }

func (g *page) open(string, []Datum, string) {}
func (g *page) close()                       {}

func (g *page) path(points []point, closed bool, p pen) {
	if len(points) < 2 {
		return
	}
	g.paint(p, func(style string) {
		for i, at := range points {
			if i == 0 {
				g.doc.MoveTo(at.x*pointsPerPixel, at.y*pointsPerPixel)
			} else {
				g.doc.LineTo(at.x*pointsPerPixel, at.y*pointsPerPixel)
			}
		}
		if closed {
			g.doc.ClosePath()
		}
		g.doc.DrawPath(style)
	})
}

func (g *page) circle(at point, radius float64, p pen) {
	g.paint(p, func(style string) {
		g.doc.Circle(at.x*pointsPerPixel, at.y*pointsPerPixel, radius*pointsPerPixel, style)
	})
}

func (g *page) dots(points []point, radius float64, c color.NRGBA) {
	for _, at := range points {
		g.circle(at, radius, pen{fill: c})
	}
}

// paint fills, then outlines: the two may differ in transparency.
func (g *page) paint(p pen, shape func(style string)) {
	if p.fill.A > 0 {
		g.doc.SetFillColor(int(p.fill.R), int(p.fill.G), int(p.fill.B))
		g.alpha(p.fill)
		shape("F")
	}
	if p.stroke.A > 0 && p.width > 0 {
		g.doc.SetDrawColor(int(p.stroke.R), int(p.stroke.G), int(p.stroke.B))
		g.doc.SetLineWidth(p.width * pointsPerPixel)
		dash := make([]float64, len(p.dash))
		for i, d := range p.dash {
			dash[i] = d * pointsPerPixel
		}
		g.doc.SetDashPattern(dash, 0)
		g.alpha(p.stroke)
		shape("D")
	}
}

func (g *page) alpha(c color.NRGBA) { g.doc.SetAlpha(float64(c.A)/255, "Normal") }

func (g *page) write(at point, text string, l lettering) {
	text = known(text)
	g.doc.SetTextColor(int(l.ink.R), int(l.ink.G), int(l.ink.B))
	g.alpha(l.ink)
	if l.upright {
		g.doc.TransformBegin()
		g.doc.TransformRotate(90, at.x*pointsPerPixel, at.y*pointsPerPixel)
		defer g.doc.TransformEnd()
	}
	style := ""
	if l.bold {
		style = "B"
	}
	x := at.x - width(text, l.size, l.bold)*l.anchor
	for _, piece := range runs(text) {
		size, raise := l.size, 0.0
		if piece.sup {
			size, raise = supSize*l.size, supRaise*l.size
		}
		g.doc.SetFont("go", style, size*pointsPerPixel)
		g.doc.Text(x*pointsPerPixel, (at.y-raise)*pointsPerPixel, piece.text)
		x += width(piece.text, size, l.bold)
	}
}
