package report

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"io"

	"github.com/scalelaw/scalelaw/figure"
	"github.com/scalelaw/scalelaw/fit"
)

//go:embed report.html
var page string

// HTML writes the report as one file with its styles and figures in it, light or dark as its
// reader's machine is.
func (r Report) HTML(w io.Writer) error {
	t, err := template.New("report").Funcs(template.FuncMap{
		"draw": drawn, "sig": func(v float64) string { return fmt.Sprintf("%.4g", v) }, "short": func(id string) string { return id[:min(12, len(id))] },
		"name": figure.Greek, "used": func(f fit.Record) [][]string { u, _ := runLines(f); return u }, "left": func(f fit.Record) [][]string { _, l := runLines(f); return l },
	}).Parse(page)
	if err != nil {
		return fmt.Errorf("the report's template: %w", err)
	}
	if err := t.Execute(w, r); err != nil {
		return fmt.Errorf("write the report of %s: %w", r.Name, err)
	}
	return nil
}

func drawn(f figure.Figure) (template.HTML, error) {
	var b bytes.Buffer
	err := f.SVG(&b, figure.Look{Theme: figure.Both(), Width: 960})
	return template.HTML(b.String()), err // our own writer, which escapes every text
}
