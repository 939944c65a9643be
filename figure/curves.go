package figure

import (
	"cmp"
	"math"
)

// Curve is a measure of a run while it trained.
type Curve struct {
	Name string
	Run  string // id
	X, Y []float64

	Low, High []float64 // the range of each part, where X and Y are means over parts; nil: they are steps
}

// CurvesInput is what a figure of learning curves shows.
type CurvesInput struct {
	Title, Subtitle string
	X, Y            string // what is measured against what
	LogX, LogY      bool
	Curves          []Curve
}

// mostSteps is how many places a curve is drawn through.
const mostSteps = 240

// NewCurves draws each curve in a colour of its own, averaged over equal parts of x where it has
// more steps than a figure shows; a band then holds the least and the largest value of each part.
// Values that are not finite are left out, and counted in a note.
func NewCurves(in CurvesInput) Figure {
	f := Figure{Kind: "curves", Title: in.Title, Subtitle: in.Subtitle}
	f.X, f.Y = Axis{Label: in.X}, Axis{Label: in.Y}
	if in.LogX {
		f.X.Scale = Log
	}
	if in.LogY {
		f.Y.Scale = Log
	}
	b := Block{Title: "Run"}
	var bands, lines []Layer
	for i, c := range in.Curves {
		ink, dash := inkAt(i)
		thinned, ranges := parts(c, f.X.Scale)
		if len(ranges) > 0 {
			bands = append(bands, Layer{Kind: Band, Name: c.Name + ", range", Ink: ink, Thin: true, Marks: ranges})
		}
		lines = append(lines, Layer{Kind: Line, Name: c.Name, Ink: ink, Dash: dash, Thin: true, Marks: thinned, Data: []Datum{{"run", c.Run}, {"steps", full(float64(len(c.X)))}, {"last", full(last(c.Y))}}})
		b.Keys = append(b.Keys, Key{Kind: Line, Ink: ink, Dash: dash, Text: c.Name})
	}
	f.Layers = append(bands, lines...)
	f.Legend = []Block{b}
	if len(bands) > 0 {
		f.Notes = []string{"Lines are means over equal parts of a run, pale bands the range within each part."}
	}
	if len(in.Curves) == 0 {
		f.Refusal = "Nothing was logged yet"
	}
	return f
}

func last(y []float64) float64 {
	if len(y) == 0 {
		return math.NaN()
	}
	return y[len(y)-1]
}

// parts are a curve's steps; of a long one the means, and the ranges, of its parts.
func parts(c Curve, scale Scale) (line, ranges []Mark) {
	n := min(len(c.X), len(c.Y))
	if len(c.Low) == n && len(c.High) == n && n > 0 {
		for i := range n {
			line = append(line, Mark{ID: c.Run, X: c.X[i], Y: c.Y[i]})
			ranges = append(ranges, Mark{X: c.X[i], Low: c.Low[i], High: c.High[i]})
		}
		return line, ranges
	}
	if n <= mostSteps {
		for i := range n {
			line = append(line, Mark{ID: c.Run, X: c.X[i], Y: c.Y[i]})
		}
		return line, nil
	}
	low, high := math.Inf(1), math.Inf(-1)
	for _, x := range c.X[:n] {
		if scale.shows(x) {
			low, high = min(low, scale.even(x)), max(high, scale.even(x))
		}
	}
	group := func(x float64) int {
		return int(mostSteps * (scale.even(x) - low) / (cmp.Or(high-low, 1) * (1 + 1e-9)))
	}
	for i := 0; i < n; {
		j := i + 1
		for j < n && (!scale.shows(c.X[j]) || scale.shows(c.X[i]) && group(c.X[j]) == group(c.X[i])) {
			j++
		}
		mean, span := part(c.X[i:j], c.Y[i:j])
		mean.ID = c.Run
		line, ranges = append(line, mean), append(ranges, span)
		i = j
	}
	return line, ranges
}

// part is the mean of some steps, and their range.
func part(x, y []float64) (mean, span Mark) {
	span.Low, span.High = math.Inf(1), math.Inf(-1)
	for i := range x {
		mean.X, mean.Y = mean.X+x[i]/float64(len(x)), mean.Y+y[i]/float64(len(x))
		span.Low, span.High = min(span.Low, y[i]), max(span.High, y[i])
	}
	span.X = mean.X
	return mean, span
}
