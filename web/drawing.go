package web

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"strconv"

	"github.com/scalelaw/scalelaw/figure"
	"github.com/scalelaw/scalelaw/sweep"
)

// drawing makes the figure that a request asks for; its address without the ending is a page's,
// and the query string is the page's too.
type drawing func(ctx context.Context, s *Server, r *http.Request) (figure.Figure, error)

// defaultWidth of figures in pixels.
const defaultWidth = 960

// forms are the endings of figures.
var forms = []struct {
	ending, kind string
	write        func(b *bytes.Buffer, f figure.Figure, l figure.Look) error
}{
	{".svg", "image/svg+xml", func(b *bytes.Buffer, f figure.Figure, l figure.Look) error { return f.SVG(b, l) }},
	{".png", "image/png", func(b *bytes.Buffer, f figure.Figure, l figure.Look) error { return f.PNG(b, l) }},
	{".pdf", "application/pdf", func(b *bytes.Buffer, f figure.Figure, l figure.Look) error { return f.PDF(b, l) }},
	{".csv", "text/csv; charset=utf-8", func(b *bytes.Buffer, f figure.Figure, _ figure.Look) error { return f.CSV(b) }},
	{".tex", "text/x-tex; charset=utf-8", func(b *bytes.Buffer, f figure.Figure, _ figure.Look) error { return latex(b, f) }},
}

// drawn are the routes of a figure in every form: PATTERN.svg, .png, .pdf, .csv, .tex, with
// ?theme=light|dark and ?width= in pixels.
func drawn(pattern, does string, d drawing) []route {
	var all []route
	for _, form := range forms {
		all = append(all, route{"GET " + pattern + form.ending, does + ", as " + form.ending[1:], func(ctx context.Context, s *Server, r *http.Request) (view, error) {
			look, err := lookOf(r)
			if err != nil {
				return view{}, err
			}
			f, err := d(ctx, s, r)
			if err != nil {
				return view{}, err
			}
			var b bytes.Buffer
			err = form.write(&b, f, look)
			return view{raw: b.Bytes(), kind: form.kind}, err
		}})
	}
	return all
}

// picture is a figure as templates show it: its address without the ending, and its query.
type picture struct {
	at    string
	query url.Values
	Alt   string
}

// newPicture is for templates; query is a page's query string.
func newPicture(at, query, alt string) (picture, error) {
	q, err := url.ParseQuery(query)
	return picture{at, q, alt}, err
}

// URL is the address of the figure in a form; theme may be empty.
func (p picture) URL(form, theme string) string {
	q := maps.Clone(p.query)
	if theme != "" {
		q.Set("theme", theme)
	}
	if len(q) == 0 {
		return p.at + "." + form
	}
	return p.at + "." + form + "?" + q.Encode()
}

// narrowWidth is that of a picture on a telephone, in pixels.
const narrowWidth = 380

// Narrow is the address of the picture for a narrow page.
func (p picture) Narrow(theme string) string {
	narrow := picture{p.at, maps.Clone(p.query), p.Alt}
	narrow.query.Set("width", strconv.Itoa(narrowWidth))
	return narrow.URL("svg", theme)
}

// lookOf reads ?theme= and ?width=.
func lookOf(r *http.Request) (figure.Look, error) {
	q := r.URL.Query()
	look := figure.Look{Theme: figure.Light(), Width: defaultWidth}
	if name := q.Get("theme"); name == "page" { // for a narrow page, which puts it in place of the wide one
		look.Theme, look.Bare = figure.Both(), true
	} else if name != "" {
		theme, err := figure.ThemeNamed(name)
		if err != nil {
			return look, fmt.Errorf("theme: %w: %w", sweep.ErrBadInput, err)
		}
		look.Theme = theme
	}
	if text := q.Get("width"); text != "" {
		width, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return look, fmt.Errorf("width: %w: %q is no number of pixels", sweep.ErrBadInput, text)
		}
		look.Width = width
	}
	if err := look.Check(); err != nil {
		return look, fmt.Errorf("width: %w: %w", sweep.ErrBadInput, err)
	}
	return look, nil
}

// latex writes a figure as one file: its tables first, then the picture that reads them.
func latex(b *bytes.Buffer, f figure.Figure) error {
	tex, data := f.LaTeX("figure-data.tex")
	_, err := fmt.Fprintf(b, "\\begin{filecontents*}[overwrite]{figure-data.tex}\n%s\\end{filecontents*}\n%s", data, tex)
	return err
}
