package web

import (
	"bytes"
	"context"
	"net/http"
	"time"

	"github.com/scalelaw/scalelaw/report"
)

// reportPage says what the report holds, and where it is to be had.
type reportPage struct {
	Name    string `json:"sweep"`
	HTML    string `json:"html"` // addresses
	PDF     string `json:"pdf"`
	Command string `json:"command"`
}

func reportOf(ctx context.Context, s *Server, q *http.Request) (view, error) {
	name := q.PathValue("sweep")
	if _, err := s.backend.SweepSummary(ctx, name); err != nil {
		return view{}, err
	}
	at := sweepAddress(name) + "/report"
	return view{template: "report", title: "Report", tab: "report", sweep: name, data: reportPage{name, at + ".html", at + ".pdf", "scalelaw report " + name + " --out " + name + ".html"}}, nil
}

// reportFile answers with the report as one file. It is a download: its styles are in it, which
// the policy of these pages would not let a browser use.
func reportFile(kind string, write func(report.Report, *bytes.Buffer) error) answer {
	return func(ctx context.Context, s *Server, q *http.Request) (view, error) {
		name := q.PathValue("sweep")
		value, err := s.answers.must(ctx, "report "+name, 10*freshFor, func(ctx context.Context, _ any) (any, error) {
			return report.Make(ctx, s.backend, name, s.options.Version, time.Now())
		})
		if err != nil {
			return view{}, err
		}
		var b bytes.Buffer
		err = write(value.(report.Report), &b)
		return view{raw: b.Bytes(), kind: kind}, err
	}
}

func reportHTML() answer {
	return reportFile("text/html; charset=utf-8", func(r report.Report, b *bytes.Buffer) error { return r.HTML(b) })
}

func reportPDF() answer {
	return reportFile("application/pdf", func(r report.Report, b *bytes.Buffer) error { return r.PDF(b) })
}
