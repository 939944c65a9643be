package figure

import (
	"fmt"
	"math"

	"github.com/scalelaw/scalelaw/fit"
)

// IsoflopInput is what a figure of isoFLOP profiles shows.
type IsoflopInput struct {
	Title, Subtitle string
	Metric, Size    string // what E and N are
	Points          []fit.Point
	Result          fit.Result // of the law isoflop
	Loss            bool
}

// NewIsoflop shows error against model size, a colour a compute: the runs, the parabola through
// them, and its bottom, which is the best size for that compute (approach 2 of Hoffmann et al.
// 2022). A profile without a bottom says why in the notes.
func NewIsoflop(in IsoflopInput) Figure {
	f := Figure{Kind: "isoflop", Title: in.Title, Subtitle: in.Subtitle}
	f.X, f.Y = Axis{Label: in.Size, Scale: Log}, Axis{Label: in.Metric, Percent: !in.Loss}
	if in.Result.Status != "ok" {
		f.addLaw(FittedLaw{Result: in.Result}, LawInput{}, Law)
	}
	legend := Block{Title: "Compute C"}
	bottoms := Layer{Kind: Cross, Name: "best size", Ink: Text}
	path := Layer{Kind: Line, Name: "path of best sizes", Ink: Law, Dash: true, Thin: true, Data: lawData(in.Result)}
	var lines, runs []Layer
	for i, p := range fit.Profiles(in.Points) {
		ink, hollow := inkAt(i)
		c := middle(p.Points)
		name := fmt.Sprintf("C = %.3g", c)
		points := Layer{Kind: Points, Name: name, Ink: ink}
		for _, q := range p.Points {
			m := Mark{ID: q.ID, X: q.N, Y: q.E, Ink: ink, Hollow: hollow, Shape: Shape(i), Size: 4.2}
			m.Data, m.Hint = []Datum{{"c", full(q.C)}, {"n", full(q.N)}, {"e", full(q.E)}}, fmt.Sprintf("%s\nC = %.4g, N = %.4g, E = %.4g", q.ID, q.C, q.N, q.E)
			points.Marks = append(points.Marks, m)
		}
		runs = append(runs, points)
		legend.Keys = append(legend.Keys, Key{Kind: Points, Ink: ink, Hollow: hollow, Shape: Shape(i), Size: 4.6, Text: number(rounded(c, 3), false)})
		if l := parabola(p, ink); len(l.Marks) > 0 {
			l.Name = name + ", parabola"
			lines = append(lines, l)
		}
		if p.Reason != "" {
			f.Notes = append(f.Notes, fmt.Sprintf("%s: %s", name, p.Reason))
			continue
		}
		best := Mark{X: p.Best.N, Y: p.Best.E, ID: name}
		bottoms.Marks, path.Marks = append(bottoms.Marks, best), append(path.Marks, best)
	}
	f.Layers = append(append(append(f.Layers, lines...), path), append(runs, bottoms)...)
	f.Legend = append([]Block{legend, {Title: "Profiles", Keys: []Key{{Kind: Cross, Ink: Text, Text: "best size"}, {Kind: Line, Ink: Law, Dash: true, Thin: true, Text: "path of best sizes"}}}}, f.Legend...)
	f.exponents(in.Result)
	return f
}

// exponents writes how the best size grows with compute.
func (f *Figure) exponents(r fit.Result) {
	if r.Status != "ok" {
		return
	}
	for _, c := range r.Coefficients {
		if what := map[string]string{"a": "N = G C^{a}, a", "b": "D = H C^{b}, b", "alpha": "E = β C^{α}, α"}[c.Name]; what != "" {
			f.Corner = append(f.Corner, fmt.Sprintf("%s = %s [%s, %s]", what, digits(c.Value), digits(c.Interval[0]), digits(c.Interval[1])))
		}
	}
	f.warn([]FittedLaw{{Result: r}})
}

// middle is the geometric mean of compute.
func middle(points []fit.Point) float64 {
	var sum float64
	for _, p := range points {
		sum += math.Log(p.C)
	}
	return math.Exp(sum / float64(len(points)))
}

// parabola is drawn over the sizes that were run.
func parabola(p fit.Profile, ink Ink) Layer {
	l := Layer{Kind: Line, Ink: ink, Thin: true}
	low, high := math.Inf(1), math.Inf(-1)
	for _, q := range p.Points {
		low, high = min(low, q.N), max(high, q.N)
	}
	if !(low > 0) || !finite(p.At(low)) {
		return l
	}
	for i := range coursePoints {
		n := low * math.Pow(high/low, float64(i)/(coursePoints-1))
		l.Marks = append(l.Marks, Mark{X: n, Y: p.At(n)})
	}
	return l
}
