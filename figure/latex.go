package figure

import (
	"fmt"
	"image/color"
	"strings"
)

// LaTeX gives the figure as two sources for pgfplots 1.18: a standalone document, whose picture
// can be pasted into a paper, and the tables that it reads from dataFile. Colours are those of
// the light theme.
func (f Figure) LaTeX(dataFile string) (tex, data string) {
	f, _ = f.sound()
	l := &latex{f: f, theme: Light()}
	for i, layer := range f.Layers {
		if len(layer.Marks) > 0 {
			l.layer(layer, "\\scalelaw"+letters(i))
		}
	}
	head := "\\documentclass[border=4pt]{standalone}\n\\usepackage{pgfplots}\n\\usepgfplotslibrary{fillbetween}\n\\pgfplotsset{compat=1.18}\n"
	tex = head + l.colours() + "\\begin{document}\n\\input{" + dataFile + "}\n\\begin{tikzpicture}\n\\begin{axis}[" + l.axis() + "]\n" + l.plots.String() + l.legend() + l.texts() + "\\end{axis}\n\\end{tikzpicture}\n\\end{document}\n"
	return tex, l.data.String()
}

type latex struct {
	f           Figure
	theme       Theme
	plots, data strings.Builder
}

// letters names the i-th table: names of macros have no digits.
func letters(i int) string {
	if i < 26 {
		return string(rune('A' + i))
	}
	return letters(i/26-1) + string(rune('A'+i%26))
}

func (l *latex) colours() string {
	var b strings.Builder
	define := func(name string, c color.NRGBA) {
		fmt.Fprintf(&b, "\\definecolor{%s}{HTML}{%02X%02X%02X}\n", name, c.R, c.G, c.B)
	}
	for i, c := range l.theme.Palette {
		define(fmt.Sprintf("scalelaw%d", i), c)
	}
	for _, layer := range l.f.Layers {
		if layer.Ink >= ramp {
			define(colourName(layer.Ink), l.theme.color(layer.Ink))
		}
	}
	define("scalelawlaw", l.theme.color(Law))
	define("scalelawmuted", l.theme.color(Muted))
	define("scalelawtext", l.theme.color(Text))
	define("scalelawwarn", l.theme.color(Warn))
	return b.String()
}

func colourName(i Ink) string {
	switch i {
	case Law:
		return "scalelawlaw"
	case Text:
		return "scalelawtext"
	case Warn:
		return "scalelawwarn"
	}
	switch {
	case i >= ramp:
		return fmt.Sprintf("scalelawramp%d", int(i-ramp))
	case i < 0:
		return "scalelawmuted"
	}
	return fmt.Sprintf("scalelaw%d", int(i)%8)
}

// axis are the options of the axis: ranges as drawn elsewhere, so that bands do not stretch them.
func (l *latex) axis() string {
	xs, ys := l.f.values()
	options := []string{"width=13cm, height=9cm", "title={" + tex(l.f.Title) + "}", "scaled ticks=false", "clip marker paths=true", "legend pos=outer north east, legend style={draw=none, font=\\scriptsize}, legend cell align=left"}
	options = append(options, l.direction("x", l.f.X, xs)...)
	options = append(options, l.direction("y", l.f.Y, ys)...)
	return strings.Join(options, ", ")
}

// straight is the span of a log axis, in decades, below which TeX's lengths overflow; a linear
// one looks the same there.
const straight = 0.3

func (l *latex) direction(name string, a Axis, values []float64) []string {
	s := axisSpan(a, values)
	options := []string{name + "label={" + tex(a.Label) + "}"}
	low, high := s.low, s.high
	if a.Scale == Log {
		low, high = s.scale.uneven(low), s.scale.uneven(high)
		if s.high-s.low > straight {
			options = append(options, name+"mode=log")
		}
	}
	options = append(options, fmt.Sprintf("%smin=%s, %smax=%s", name, full(low), name, full(high)))
	var at, texts []string
	for _, t := range s.ticks(a, func(string) float64 { return 0.09 }) {
		if t.label == "" {
			continue
		}
		v := t.value
		if a.Scale == Logit {
			v = s.scale.even(v)
		}
		at, texts = append(at, full(v)), append(texts, "{"+tex(t.label)+"}")
	}
	if len(a.Categories) == 0 {
		options = append(options, name+"majorgrids")
	} else if name == "x" {
		options = append(options, "xticklabel style={rotate=90, anchor=east}")
	}
	return append(options, name+"tick={"+strings.Join(at, ",")+"}", name+"ticklabels={"+strings.Join(texts, ",")+"}")
}

// layer writes a table, and the plots that read it.
func (l *latex) layer(layer Layer, macro string) {
	fmt.Fprintf(&l.data, "%% %s\n\\pgfplotstableread{\nx y low high size\n", comment(layer.Name))
	for _, m := range layer.Marks {
		fmt.Fprintf(&l.data, "%s %s %s %s %s\n", l.coordinate(l.f.X, m.X), l.coordinate(l.f.Y, m.Y), l.coordinate(l.f.Y, m.Low), l.coordinate(l.f.Y, m.High), full(m.Size))
	}
	fmt.Fprintf(&l.data, "}{%s}\n", macro)
	ink := colourName(layer.Ink)
	switch layer.Kind {
	case Band:
		upper, lower := strings.TrimPrefix(macro, "\\")+"high", strings.TrimPrefix(macro, "\\")+"low"
		fmt.Fprintf(&l.plots, "\\addplot[draw=none, forget plot, name path=%s] table[x=x, y=high]{%s};\n\\addplot[draw=none, forget plot, name path=%s] table[x=x, y=low]{%s};\n\\addplot[%s, opacity=%s, forget plot] fill between[of=%s and %s];\n", upper, macro, lower, macro, ink, opacity(layer.Thin), upper, lower)
	case Line, Stair:
		fmt.Fprintf(&l.plots, "\\addplot[%s%s, no marks, forget plot] table[x=x, y=y]{%s};\n", ink, lineStyle(layer), macro)
	case Rule:
		for _, m := range layer.Marks {
			fmt.Fprintf(&l.plots, "\\addplot[%s, densely dotted, forget plot] coordinates {(\\pgfkeysvalueof{/pgfplots/xmin},%s) (\\pgfkeysvalueof{/pgfplots/xmax},%s)} node[pos=1, anchor=south east, font=\\scriptsize] {%s};\n", ink, full(m.Y), full(m.Y), tex(layer.Name))
		}
	case Miss:
		for _, m := range layer.Marks {
			fmt.Fprintf(&l.plots, "\\draw[%s, thick] (axis cs:%s,%s) -- (axis cs:%s,%s) node[midway, right, font=\\scriptsize] {%s};\n", ink, full(m.X), full(m.Low), full(m.X), full(m.High), tex(m.Label))
		}
	case Cross:
		fmt.Fprintf(&l.plots, "\\addplot[%s, only marks, mark=x, thick, forget plot] table[x=x, y=y]{%s};\n", ink, macro)
	case Cells:
		l.cells(layer)
	case Points, Cloud:
		l.points(layer)
	}
}

func lineStyle(layer Layer) string {
	style := ", thick"
	if layer.Thin {
		style = ", thin"
	}
	switch {
	case layer.Kind == Stair:
		return ", densely dotted, semithick, const plot"
	case layer.Dash:
		style += ", dashed"
	}
	return style
}

var latexMarks = []string{"*", "square*", "triangle*", "diamond*", "otimes*", "star", "pentagon*", "x"}

// points are one plot a mark: its colour, shape and size are its own.
func (l *latex) points(layer Layer) {
	for _, m := range layer.Marks {
		fmt.Fprintf(&l.plots, "\\addplot[only marks, forget plot, %s] coordinates {(%s,%s)}; %% %s\n",
			markStyle(m.Ink, m.Shape, m.Size, m.Ring, m.Hollow), l.coordinate(l.f.X, m.X), l.coordinate(l.f.Y, m.Y), comment(m.ID))
	}
}

func (l *latex) cells(layer Layer) {
	for _, m := range layer.Marks {
		c := l.theme.color(Faint)
		if !m.Hollow && finite(m.Low) {
			c = l.theme.heat(m.Low)
		}
		fmt.Fprintf(&l.plots, "\\fill[fill=%s] (axis cs:%s,%s) rectangle (axis cs:%s,%s);\n\\node[text=%s, font=\\scriptsize] at (axis cs:%s,%s) {%s};\n",
			inline(c), full(m.X-0.5), full(m.Y-0.5), full(m.X+0.5), full(m.Y+0.5), inline(readable(c)), full(m.X), full(m.Y), tex(m.Label))
	}
}

// inline is a colour that needs no name.
func inline(c color.NRGBA) string {
	return fmt.Sprintf("{rgb,255:red,%d;green,%d;blue,%d}", c.R, c.G, c.B)
}

// coordinate of a value; pgfplots has no logit axis, so that one is written in logits.
func (l *latex) coordinate(a Axis, v float64) string {
	if a.Scale == Logit && Logit.shows(v) {
		v = Logit.even(v)
	}
	if !finite(v) {
		return "nan"
	}
	return full(v)
}

var texSpecial = strings.NewReplacer(`\`, `\textbackslash{}`, "{", `\{`, "}", `\}`, "%", `\%`, "#", `\#`, "&", `\&`, "_", `\_`, "$", `\$`, "~", `\textasciitilde{}`, "^", `\textasciicircum{}`,
	minus, "$-$", "×", `$\times$`, "·", `$\cdot$`, "α", `$\alpha$`, "β", `$\beta$`, "²", `$^2$`, "∝", `$\propto$`, "±", `$\pm$`, "–", "--", "…", `\ldots{}`, "\n", " ")

// tex escapes text and sets superscripts.
func tex(s string) string {
	var b strings.Builder
	for _, r := range runs(s) {
		if r.sup {
			b.WriteString("$^{\\mathrm{" + strings.ReplaceAll(texSpecial.Replace(r.text), "$", "") + "}}$")
			continue
		}
		b.WriteString(texSpecial.Replace(r.text))
	}
	return b.String()
}

// comment keeps a name on the line of its comment.
func comment(s string) string {
	return strings.Join(strings.Fields(strings.ReplaceAll(s, "%", "")), " ")
}
