package web

import (
	"embed"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"path"
	"strings"
	"time"
)

//go:embed templates
var templateFiles embed.FS

// templates are the pages, each parsed with the layout and the parts.
type templates map[string]*template.Template

// parseTemplates reads templates/*.html (pages), templates/layout.html and templates/parts/*.html.
func parseTemplates(a assets) (templates, error) {
	base, err := template.New("").Funcs(functions(a)).ParseFS(templateFiles, "templates/layout.html", "templates/parts/*.html")
	if err != nil {
		return nil, fmt.Errorf("templates: %w", err)
	}
	pages, err := fs.Glob(templateFiles, "templates/*.html")
	if err != nil {
		return nil, fmt.Errorf("templates: %w", err)
	}
	all := templates{}
	for _, file := range pages {
		if path.Base(file) == "layout.html" {
			continue
		}
		page, err := base.Clone()
		if err == nil {
			page, err = page.ParseFS(templateFiles, file)
		}
		if err != nil {
			return nil, fmt.Errorf("template %s: %w", file, err)
		}
		all[strings.TrimSuffix(path.Base(file), ".html")] = page
	}
	return all, nil
}

// frame is what a template sees: the view's data, and what surrounds every page.
type frame struct {
	Title, Tab, Sweep string
	Data              any
	Path              string // of the request, with its query
	Version           string
	TemporalUI        string
	Pages, Tabs       []link
	Style, Script     string // addresses of the page's own files; empty: it has none
	Notices           []notice
	AsOf              time.Time // of the data, where that is not now
	Stream            string    // address of the events after what is shown; empty: there are none
	Visitor           visitor
	MayWrite          bool
}

func (s *Server) frame(v view, q *http.Request) frame {
	f := frame{
		Title: v.title, Tab: v.tab, Sweep: v.sweep, Data: v.data, Path: q.URL.RequestURI(), Version: s.options.Version, TemporalUI: s.options.TemporalUI,
		Pages: links(pages, "", v.tab), Style: s.assets.own(v.template + ".css"), Script: s.assets.own(v.template + ".js"),
		Notices: s.outages.notices(), AsOf: v.asOf, Stream: s.stream(v), Visitor: visitorOf(q), MayWrite: mayWrite(q),
	}
	if v.sweep != "" {
		f.Tabs = links(studyPages, v.sweep, v.tab)
	}
	return f
}
