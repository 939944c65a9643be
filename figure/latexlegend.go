package figure

import (
	"fmt"
	"slices"
	"strings"
)

// legend repeats that of the figure, with titles of blocks in bold.
func (l *latex) legend() string {
	var b strings.Builder
	for _, block := range l.f.Legend {
		if block.Title != "" {
			fmt.Fprintf(&b, "\\addlegendimage{empty legend}\\addlegendentry{\\textbf{%s}}\n", tex(block.Title))
		}
		for _, k := range block.Keys {
			fmt.Fprintf(&b, "\\addlegendimage{%s}\\addlegendentry{%s}\n", l.keyStyle(k), tex(k.Text))
		}
		for _, line := range block.Lines {
			fmt.Fprintf(&b, "\\addlegendimage{empty legend}\\addlegendentry{%s}\n", tex(line))
		}
	}
	return b.String()
}

func (l *latex) keyStyle(k Key) string {
	ink := colourName(k.Ink)
	switch k.Kind {
	case Points:
		return "only marks, " + markStyle(k.Ink, k.Shape, k.Size, k.Ring, k.Hollow)
	case Band:
		return fmt.Sprintf("area legend, draw=none, fill=%s, fill opacity=%s", ink, opacity(k.Thin))
	case Cells:
		return "area legend, draw=none, fill=" + inline(l.theme.heat(k.Size))
	case Cross:
		return ink + ", only marks, mark=x, thick"
	}
	return ink + lineStyle(Layer{Kind: k.Kind, Dash: k.Dash, Thin: k.Thin}) + ", no marks"
}

// texts are the numbers in the corner and the reason of a refusal; notes are comments.
func (l *latex) texts() string {
	var b strings.Builder
	if len(l.f.Corner) > 0 {
		lines := make([]string, len(l.f.Corner))
		for i, line := range l.f.Corner {
			lines[i] = tex(line)
		}
		fmt.Fprintf(&b, "\\node[font=\\scriptsize, %s {%s};\n", l.corner(), strings.Join(lines, `\\`))
	}
	if l.f.Refusal != "" {
		fmt.Fprintf(&b, "\\node[draw=scalelawwarn, text=scalelawwarn, fill=white, text width=8cm, align=center, font=\\small] at (rel axis cs:0.5,0.75) {%s};\n", tex(l.f.Refusal))
	}
	for _, n := range l.f.Notes {
		b.WriteString("% " + comment(unmarked(n)) + "\n")
	}
	return b.String()
}

// corner is where the lines in the corner stand: in that one which covers the fewest marks.
func (l *latex) corner() string {
	p := l.f.plan(Look{Theme: l.theme, Width: 640})
	boxes := p.cornersFor(longest(l.f.Corner, normal), float64(len(l.f.Corner))*(normal+6))
	places := []string{
		"anchor=south west, align=left] at (rel axis cs:0.02,0.02)", "anchor=north east, align=right] at (rel axis cs:0.98,0.98)",
		"anchor=north west, align=left] at (rel axis cs:0.02,0.98)", "anchor=south east, align=right] at (rel axis cs:0.98,0.02)",
	}
	return places[slices.Index(boxes, free(boxes, p.occupied()))]
}

func opacity(thin bool) string {
	if thin {
		return "0.1"
	}
	return "0.2"
}

func markStyle(ink Ink, shape Shape, size float64, ring, hollow bool) string {
	fill, edge := colourName(ink), colourName(ink)
	if hollow {
		fill = "white"
	}
	if ring {
		edge = "black"
	}
	return fmt.Sprintf("mark=%s, mark size=%.2fpt, mark options={fill=%s, draw=%s}", latexMarks[int(shape)%len(latexMarks)], size*0.55, fill, edge)
}
