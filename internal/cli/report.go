package cli

import (
	"bytes"
	"context"
	"fmt"
	"os"
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
	files := make([]bytes.Buffer, len(out))
	for i, path := range out {
		write := r.HTML
		if strings.EqualFold(filepath.Ext(path), ".pdf") {
			write = r.PDF
		}
		if err := write(&files[i]); err != nil {
			return err
		}
	}
	t := &table{header: []string{"file", "bytes"}}
	type view struct {
		File  string `json:"file"`
		Bytes int    `json:"bytes"`
	}
	var views []view
	for i, path := range out {
		if err := os.WriteFile(path, files[i].Bytes(), 0o644); err != nil {
			return fmt.Errorf("write the report: %w", err)
		}
		t.add(path, files[i].Len())
		views = append(views, view{path, files[i].Len()})
	}
	return s.app.print(views, t)
}
