package cli

import (
	"bytes"
	"context"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/scalelaw/scalelaw/report"
)

func (a *app) reportCommand() *cobra.Command {
	var out []string
	c := &cobra.Command{
		Use: "report SWEEP", Short: "A study in one file: laws with intervals, figures, runs, and the commands that make it again",
		Example: "  scalelaw report quickstart --out quickstart.html --out quickstart.pdf", Args: exactly("a sweep"),
		RunE: func(c *cobra.Command, args []string) error {
			if len(out) == 0 {
				return usage("--out is needed: FILE.html or FILE.pdf")
			}
			for _, name := range out {
				if e := strings.ToLower(filepath.Ext(name)); e != ".html" && e != ".pdf" {
					return usage("--out is %q; a report's name ends in .html or .pdf", name)
				}
			}
			return a.withStore(c.Context(), "report", func(s *session) error { return s.report(c.Context(), args[0], out) })
		},
	}
	c.Flags().StringArrayVar(&out, "out", nil, "file to write, .html or .pdf; may be given again")
	return c
}

// report draws everything before anything is written.
func (s *session) report(ctx context.Context, name string, out []string) error {
	r, err := report.Make(ctx, s.store, name, Version(), time.Now())
	if err != nil {
		return err
	}
	var files []drawing
	for _, path := range out {
		write := r.HTML
		if strings.EqualFold(filepath.Ext(path), ".pdf") {
			write = r.PDF
		}
		var b bytes.Buffer
		if err := write(&b); err != nil {
			return err
		}
		files = append(files, drawing{path, b.Bytes()})
	}
	return s.app.write("report", files)
}
