package cli

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/scalelaw/scalelaw/figure"
)

func (a *app) figureCommand() *cobra.Command {
	return group("figure", "Draw laws, curves and grids as SVG, PNG or PDF, with their data and LaTeX",
		a.figureLawCommand(), a.figureResidualsCommand(), a.figureIsoflopCommand(),
		a.figureCurvesCommand(), a.figureIsodataCommand(), a.figureRobustnessCommand(), a.figureHeatmapCommand())
}

// figureFlags are those of every figure.
type figureFlags struct {
	out         []string
	theme       string
	title       string
	latex, data bool
	look        figure.Look
}

func (f *figureFlags) register(c *cobra.Command) {
	o := c.Flags()
	o.StringArrayVar(&f.out, "out", nil, "file to write, by its ending: "+strings.Join(figure.Formats(), ", ")+"; may be given again (default: SVG on stdout)")
	o.StringVar(&f.theme, "theme", "light", "light or dark")
	o.Float64Var(&f.look.Width, "width", 960, "width in pixels; below 640 the legend goes under the plot")
	o.Float64Var(&f.look.Scale, "scale", 2, "image pixels a pixel, for PNG")
	o.StringVar(&f.title, "title", "", "title (default: what is shown)")
	o.BoolVar(&f.latex, "latex", false, "write the figure as pgfplots beside --out: NAME.tex, which reads NAME-data.tex")
	o.BoolVar(&f.data, "data", false, "write what is drawn as NAME.csv beside --out")
}

// check refuses what cannot be drawn before anything is fitted.
func (f *figureFlags) check() error {
	theme, err := figure.ThemeNamed(f.theme)
	if err != nil {
		return usage("--theme: %v", err)
	}
	f.look.Theme = theme
	if f.look.Scale == 0 {
		return usage("--scale is 0; it is from 0.5 to 8")
	}
	if err := f.look.Check(); err != nil {
		return usage("--width, --scale: %v", err)
	}
	for _, name := range f.out {
		if !slices.Contains(figure.Formats(), strings.ToLower(filepath.Ext(name))) {
			return usage("--out is %q; a figure's name ends in %s", name, strings.Join(figure.Formats(), ", "))
		}
	}
	if (f.latex || f.data) && len(f.out) == 0 {
		return usage("--latex and --data write beside --out, which is not given")
	}
	return nil
}

// drawing is a file to write.
type drawing struct {
	path  string
	bytes []byte
}

// draw writes the figure wherever the flags ask for it, and prints the files' names.
func (a *app) draw(f figure.Figure, flags *figureFlags) error {
	if flags.title != "" {
		f.Title = flags.title
	}
	if len(flags.out) == 0 {
		return f.SVG(a.stdout, flags.look)
	}
	files, err := flags.files(f)
	if err != nil {
		return err
	}
	return a.write("figure", files)
}

// write writes files of a thing and prints their names.
func (a *app) write(what string, files []drawing) error {
	t := &table{header: []string{"file", "bytes"}}
	type view struct {
		File  string `json:"file"`
		Bytes int    `json:"bytes"`
	}
	var views []view
	for _, d := range files {
		if err := os.WriteFile(d.path, d.bytes, 0o644); err != nil {
			return fmt.Errorf("write the %s: %w", what, err)
		}
		t.add(d.path, len(d.bytes))
		views = append(views, view{d.path, len(d.bytes)})
	}
	return a.print(views, t)
}

// files draws everything before anything is written.
func (f *figureFlags) files(figure figure.Figure) ([]drawing, error) {
	var files []drawing
	for _, name := range f.out {
		var b bytes.Buffer
		if err := figure.Write(&b, name, f.look); err != nil {
			return nil, fmt.Errorf("draw %s: %w", name, err)
		}
		files = append(files, drawing{name, b.Bytes()})
	}
	if len(f.out) == 0 {
		return files, nil
	}
	base := strings.TrimSuffix(f.out[0], filepath.Ext(f.out[0]))
	if f.data {
		var b bytes.Buffer
		if err := figure.CSV(&b); err != nil {
			return nil, err
		}
		files = append(files, drawing{base + ".csv", b.Bytes()})
	}
	if f.latex {
		tex, data := figure.LaTeX(filepath.Base(base) + "-data.tex")
		files = append(files, drawing{base + ".tex", []byte(tex)}, drawing{base + "-data.tex", []byte(data)})
	}
	return files, nil
}
