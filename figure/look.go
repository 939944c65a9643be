package figure

import (
	"fmt"
	"io"
	"path/filepath"
	"strings"
)

// Look is how a figure is drawn: how wide, in pixels, in which colours, and for PNG with how
// many image pixels a pixel (0: 2). Bare leaves out the title and the notes, for a page that says
// them in its own words.
type Look struct {
	Theme Theme
	Width float64
	Scale float64
	Bare  bool
}

// The widths that a figure can have.
const (
	Narrowest = 280
	Widest    = 4000
)

func (l Look) scale() float64 {
	if l.Scale > 0 {
		return l.Scale
	}
	return 2
}

// Check tells what cannot be drawn.
func (l Look) Check() error {
	if !(l.Width >= Narrowest && l.Width <= Widest) {
		return fmt.Errorf("the width is %g pixels; it is from %d to %d", l.Width, Narrowest, Widest)
	}
	if l.Scale != 0 && !(l.Scale >= 0.5 && l.Scale <= 8) {
		return fmt.Errorf("the scale is %g image pixels a pixel; it is from 0.5 to 8", l.Scale)
	}
	return nil
}

// Formats lists the endings that Write knows.
func Formats() []string { return []string{".svg", ".png", ".pdf"} }

// Write draws the figure in the format of a file's name.
func (f Figure) Write(w io.Writer, name string, look Look) error {
	switch ending := strings.ToLower(filepath.Ext(name)); ending {
	case ".svg":
		return f.SVG(w, look)
	case ".png":
		return f.PNG(w, look)
	case ".pdf":
		return f.PDF(w, look)
	default:
		return fmt.Errorf("%s ends in %q; a figure ends in %s", name, ending, strings.Join(Formats(), ", "))
	}
}
