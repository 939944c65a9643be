package figure

import (
	"fmt"
	"io"
	"time"

	"codeberg.org/go-pdf/fpdf"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/goregular"
)

// Document is A4 pages with words, tables and figures, as PDF with embedded fonts and
// selectable text. Lengths are in points.
type Document struct{ doc *fpdf.Fpdf }

const (
	paperMargin = 48.0
	paperText   = 9.5
	paperLine   = 13.0
)

// NewDocument begins a document. at is when it was made.
func NewDocument(title string, at time.Time) *Document {
	doc := fpdf.New("P", "pt", "A4", "")
	doc.SetCreationDate(at)
	doc.SetModificationDate(at)
	doc.SetCatalogSort(true)
	doc.SetMargins(paperMargin, paperMargin, paperMargin)
	doc.SetAutoPageBreak(true, paperMargin)
	doc.SetTitle(known(title), true)
	doc.AddUTF8FontFromBytes("go", "", goregular.TTF)
	doc.AddUTF8FontFromBytes("go", "B", gobold.TTF)
	doc.SetLineJoinStyle("round")
	doc.SetFooterFunc(func() {
		doc.SetY(-paperMargin + 14)
		doc.SetFont("go", "", 8)
		doc.SetTextColor(0x59, 0x63, 0x6e)
		doc.CellFormat(0, 10, fmt.Sprintf("%s · %d", known(title), doc.PageNo()), "", 0, "R", false, 0, "")
	})
	doc.AddPage()
	return &Document{doc}
}

// width of the text on a page.
func (p *Document) width() float64 {
	w, _ := p.doc.GetPageSize()
	return w - 2*paperMargin
}

func (p *Document) ink(c Ink) {
	rgb := Light().color(c)
	p.doc.SetTextColor(int(rgb.R), int(rgb.G), int(rgb.B))
}

// room begins a page when less than a height is left on this one.
func (p *Document) room(height float64) {
	if _, h := p.doc.GetPageSize(); p.doc.GetY()+height > h-paperMargin {
		p.doc.AddPage()
	}
}

// Heading of a level from 1, the title of the document, to 3.
func (p *Document) Heading(level int, text string) {
	size := []float64{19, 14, 11}[level-1]
	p.room(size + 60)
	p.doc.Ln(size * 0.6)
	p.doc.SetFont("go", "B", size)
	p.ink(Text)
	p.doc.MultiCell(0, size*1.3, known(text), "", "L", false)
	p.doc.Ln(3)
}

// Text is a paragraph.
func (p *Document) Text(text string) { p.paragraph(text, Text) }

// Warning is a paragraph in the colour of warnings.
func (p *Document) Warning(text string) { p.paragraph(text, Warn) }

func (p *Document) paragraph(text string, ink Ink) {
	p.doc.SetFont("go", "", paperText)
	p.ink(ink)
	p.doc.MultiCell(0, paperLine, known(unmarked(text)), "", "L", false)
	p.doc.Ln(3)
}

// Table has a header and rows as wide as their words; the last column takes what is left, cut
// where it is longer.
func (p *Document) Table(header []string, rows [][]string) {
	widths := p.widths(header, rows)
	p.line(header, widths, "B")
	for _, row := range rows {
		p.room(paperLine)
		p.line(row, widths, "")
	}
	p.doc.Ln(6)
}

func (p *Document) widths(header []string, rows [][]string) []float64 {
	widths := make([]float64, len(header))
	for i := range header {
		widths[i] = width(header[i], paperText, true) + 10
		for _, row := range rows {
			widths[i] = max(widths[i], width(row[i], paperText, false)+10)
		}
		if i < len(header)-1 {
			widths[i] = min(widths[i], p.width()/3)
		}
	}
	rest := p.width()
	for i := range widths {
		widths[i] = max(0, min(widths[i], rest))
		rest -= widths[i]
	}
	return widths
}

func (p *Document) line(cells []string, widths []float64, style string) {
	p.doc.SetFont("go", style, paperText)
	p.ink(Text)
	p.doc.SetDrawColor(0xe1, 0xe4, 0xe8)
	p.doc.SetLineWidth(0.5)
	p.doc.SetAlpha(1, "Normal")
	p.doc.SetDashPattern(nil, 0)
	for i, text := range cells {
		p.doc.CellFormat(widths[i], paperLine+2, known(shorten(text, paperText, widths[i]-6)), "B", 0, "L", false, 0, "")
	}
	p.doc.Ln(-1)
}

// Figure draws a figure as wide as the text.
func (p *Document) Figure(f Figure) {
	pixels := p.width() / pointsPerPixel
	drawn := f.plan(Look{Theme: Light(), Width: pixels})
	height := drawn.height * pointsPerPixel
	p.room(height)
	x, y := paperMargin, p.doc.GetY()
	p.doc.TransformBegin()
	p.doc.TransformTranslate(x, y)
	drawn.draw(&page{doc: p.doc})
	p.doc.TransformEnd()
	p.doc.SetAlpha(1, "Normal")
	p.doc.SetXY(x, y+height+8)
}

// Write ends the document.
func (p *Document) Write(w io.Writer) error {
	if err := p.doc.Output(w); err != nil {
		return fmt.Errorf("write the PDF: %w", err)
	}
	return nil
}
