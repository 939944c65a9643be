package figure

import (
	"bytes"
	"context"
	"image/color"
	"image/png"
	"math"
	"strings"
	"testing"

	"github.com/scalelaw/scalelaw/fit"
)

// odd are inputs that a figure meets on a bad day.
func odd() map[string]Figure {
	run := func(id string, c, e float64) Run { return Run{Point: fit.Point{ID: id, C: c, E: e}} }
	refused := FittedLaw{Result: fit.Result{Status: "refused", Rule: "pareto", Reason: &fit.Note{Code: "x", Text: strings.Repeat("a reason that goes on ", 30)}}}
	law := func(runs ...Run) Figure { return NewLaw(LawInput{Title: "t", Runs: runs, Laws: []FittedLaw{refused}}) }
	long := strings.Repeat("averylongname", 40)
	return map[string]Figure{
		"nothing":        {},
		"empty":          law(),
		"one point":      law(run("a", 1e10, 0.5)),
		"equal C":        law(run("a", 1e10, 0.5), run("b", 1e10, 0.4)),
		"equal E":        law(run("a", 1e10, 0.5), run("b", 1e12, 0.5)),
		"huge range":     law(run("a", 1e-300, 1e-300), run("b", 1e300, 1)),
		"not a number":   law(run("a", math.NaN(), 0.5), run("b", 1e10, math.Inf(1)), run("c", -1, 0.3), run("d", 1e9, 0)),
		"long names":     law(Run{Point: fit.Point{ID: long, C: 1, E: 0.5}, Model: long, Data: long}),
		"markup":         law(Run{Point: fit.Point{ID: `<script>"&'`, C: 1, E: 0.5}, Model: "<b>\x00&amp;^{", Data: "\u2028漢字🎈"}),
		"no curves":      NewCurves(CurvesInput{}),
		"a lone step":    NewCurves(CurvesInput{Curves: []Curve{{X: []float64{0}, Y: []float64{0}}}}),
		"diverged":       NewCurves(CurvesInput{LogX: true, LogY: true, Curves: []Curve{{X: []float64{0, 1, 2, 3}, Y: []float64{5, math.NaN(), math.Inf(1), 2}}}}),
		"flat":           NewCurves(CurvesInput{Curves: []Curve{{X: []float64{1, 2}, Y: []float64{1e-320, 1e-320}}}}),
		"no grid":        NewHeatmap(HeatmapInput{}),
		"one cell":       NewHeatmap(HeatmapInput{Cells: []Cell{{Run: run("a", 1, 0.5), Known: true}}}),
		"no shift":       NewRobustness(RobustnessInput{}),
		"all right":      NewRobustness(RobustnessInput{Runs: []Run{run("a", 1, 0), run("b", 1, 1)}, Shifted: []float64{0, 1}}),
		"no profiles":    NewIsoflop(IsoflopInput{Result: refused.Result}),
		"one profile":    NewIsoflop(IsoflopInput{Result: refused.Result, Points: []fit.Point{{ID: "a", C: 1, E: 2, N: 1, D: 1}}}),
		"no residuals":   NewResiduals(ResidualsInput{Result: refused.Result}),
		"no data scales": NewIsodata(IsodataInput{Runs: []Run{run("a", 1, 0.5)}}),
	}
}

func TestOddInputs(t *testing.T) {
	for name, f := range odd() {
		for _, look := range []Look{lightPhone, {Theme: Dark(), Width: Narrowest, Scale: 0.5}, {Theme: Light(), Width: 1200, Scale: 0.5}} {
			sane(t, name, f, look)
		}
		for _, format := range Formats() {
			var b bytes.Buffer
			if err := f.Write(&b, "f"+format, Look{Theme: Light(), Width: 400, Scale: 0.5}); err != nil || b.Len() == 0 {
				t.Errorf("%s as %s: %v, %d bytes", name, format, err, b.Len())
			}
		}
		if tex, data := f.LaTeX("d.tex"); !balanced(tex) || !balanced(data) {
			t.Errorf("%s: braces of the LaTeX do not match", name)
		}
	}
}

// sane wants a well-formed picture with numbers for places, none far outside of it.
func sane(t testing.TB, name string, f Figure, look Look) {
	t.Helper()
	svg := svgOf(t, f, look)
	for _, e := range elements(t, svg) {
		for _, a := range []string{"x", "y", "cx", "cy", "r", "d", "width", "height", "font-size", "dy"} {
			if v := e.attr[a]; strings.Contains(v, "NaN") || strings.Contains(v, "Inf") {
				t.Errorf("%s: <%s %s=%q>", name, e.name, a, v)
			}
		}
		for _, a := range []string{"x", "cx"} {
			if v, ok := e.attr[a]; ok && !(value(t, v) >= -1 && value(t, v) <= look.Width+1) {
				t.Errorf("%s: <%s %s=%q> of %q outside of %g", name, e.name, a, v, e.text, look.Width)
			}
		}
	}
}

func balanced(text string) bool {
	depth := 0
	for _, line := range strings.Split(text, "\n") {
		line = strings.NewReplacer(`\\`, "", `\{`, "", `\}`, "", `\%`, "").Replace(line)
		line, _, _ = strings.Cut(line, "%")
		depth += strings.Count(line, "{") - strings.Count(line, "}")
	}
	return depth == 0
}

// What cannot be drawn is counted in a note.
func TestLostMarksAreSaid(t *testing.T) {
	svg := svgOf(t, odd()["not a number"], lightWide)
	if !strings.Contains(svg, "4 values have no place on these axes") {
		t.Errorf("no note in %s", svg)
	}
}

// The same figure is the same bytes in every format.
func TestDeterministic(t *testing.T) {
	for name, f := range map[string]Figure{"law": examples(t)["law"], "heatmap": examples(t)["heatmap"]} {
		for _, format := range Formats() {
			var a, b bytes.Buffer
			for _, into := range []*bytes.Buffer{&a, &b} {
				if err := f.Write(into, format, Look{Theme: Dark(), Width: 500, Scale: 1}); err != nil {
					t.Fatal(err)
				}
			}
			if !bytes.Equal(a.Bytes(), b.Bytes()) {
				t.Errorf("%s%s differs from itself", name, format)
			}
		}
	}
}

// Pixels: paper in the corner, and each run's colour where its marker is.
func TestPNGShowsTheRuns(t *testing.T) {
	f := examples(t)["law"]
	look := Look{Theme: Dark(), Width: 700, Scale: 2}
	var b bytes.Buffer
	if err := f.PNG(&b, look); err != nil {
		t.Fatal(err)
	}
	image, err := png.Decode(&b)
	if err != nil {
		t.Fatal(err)
	}
	if image.Bounds().Dx() != 1400 || image.At(1, 1) != rgba(look.Theme.color(Paper)) {
		t.Errorf("%v with a corner of %v", image.Bounds(), image.At(1, 1))
	}
	p := f.plan(look)
	seen := 0
	for _, l := range p.f.Layers {
		for _, m := range l.Marks {
			if at := p.at(m.X, m.Y); l.Kind == Points && image.At(int(2*at.x), int(2*at.y)) == rgba(look.Theme.color(m.Ink)) {
				seen++
			}
		}
	}
	if seen < 24 { // some lie under others
		t.Errorf("the colours of only %d of 29 runs are where they should be", seen)
	}
}

func FuzzLaw(f *testing.F) {
	f.Add(1e10, 0.5, 1e12, 0.3, 1e14, 0.2, "a", 390.0)
	f.Add(1.0, 1.0, 1.0, 1.0, 1.0, 1.0, "<", 280.0)
	f.Add(1e-300, 1e-300, 1e300, 0.9, math.NaN(), math.Inf(-1), "\xff\x00", 4000.0)
	f.Fuzz(func(t *testing.T, c1, e1, c2, e2, c3, e3 float64, name string, w float64) {
		look := Look{Theme: Light(), Width: w}
		if look.Check() != nil {
			return
		}
		runs := []Run{{Point: fit.Point{ID: name, C: c1, E: e1}, Model: name, Samples: c3}, {Point: fit.Point{ID: "b", C: c2, E: e2}, Data: name}, {Point: fit.Point{ID: "c", C: c3, E: e3}}}
		in := LawInput{Title: name, Runs: runs}
		if r, err := fit.Fit(context.Background(), pointsOf(runs), fit.Options{Bootstrap: 100}); err == nil {
			in.Laws = []FittedLaw{{Result: r, Course: []fit.Prediction{{C: c1, Value: e2}, {C: c2, Value: e1}}}}
		}
		sane(t, "fuzzed", NewLaw(in), look)
	})
}

func rgba(c interface{ RGBA() (r, g, b, a uint32) }) color.RGBA {
	r, g, b, a := c.RGBA()
	return color.RGBA{uint8(r >> 8), uint8(g >> 8), uint8(b >> 8), uint8(a >> 8)}
}
