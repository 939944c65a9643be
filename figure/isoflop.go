package figure

import (
	"fmt"
	"math"
	"strings"

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
	profiles := fit.Profiles(in.Points)
	reasons := reasons{}
	for i, p := range profiles {
		key := profileKey(i, len(profiles))
		c := number(rounded(middle(p.Points), 3), false)
		name := "C = " + c
		points := Layer{Kind: Points, Name: unmarked(name), Ink: key.Ink}
		for _, q := range p.Points {
			m := Mark{ID: q.ID, X: q.N, Y: q.E, Ink: key.Ink, Shape: key.Shape, Size: 4.2}
			m.Data, m.Hint = []Datum{{"c", full(q.C)}, {"n", full(q.N)}, {"e", full(q.E)}}, fmt.Sprintf("%s\nC = %.4g, N = %.4g, E = %.4g", q.ID, q.C, q.N, q.E)
			points.Marks = append(points.Marks, m)
		}
		runs = append(runs, points)
		if key.Text = c; inLegend(i, len(profiles)) {
			legend.Keys = append(legend.Keys, key)
		}
		if l := parabola(p, key.Ink); len(l.Marks) > 0 {
			l.Name = points.Name + ", parabola"
			lines = append(lines, l)
		}
		if p.Reason != "" {
			reasons.add(p.Reason, c)
			continue
		}
		best := Mark{X: p.Best.N, Y: p.Best.E, ID: points.Name}
		bottoms.Marks, path.Marks = append(bottoms.Marks, best), append(path.Marks, best)
	}
	f.Notes = reasons.notes()
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

// fewProfiles have a colour and a shape each; more have the colours of a ramp.
const fewProfiles = 8

func profileKey(i, n int) Key {
	k := Key{Kind: Points, Ink: Ink(i), Shape: Shape(i), Size: 4.6}
	if n > fewProfiles {
		k.Ink, k.Shape = along(float64(i)/float64(n-1)), 0
	}
	return k
}

// inLegend picks all of a few profiles, and some of many.
func inLegend(i, n int) bool {
	return n <= fewProfiles || i*(fewProfiles-1)/(n-1) != (i-1)*(fewProfiles-1)/(n-1) || i == 0
}

// reasons are why some profiles have no bottom, each with the compute of those.
type reasons struct {
	order   []string
	compute map[string][]string
}

func (r *reasons) add(reason, c string) {
	if r.compute == nil {
		r.compute = map[string][]string{}
	}
	if _, ok := r.compute[reason]; !ok {
		r.order = append(r.order, reason)
	}
	r.compute[reason] = append(r.compute[reason], c)
}

func (r *reasons) notes() []string {
	var notes []string
	for _, reason := range r.order {
		notes = append(notes, "C = "+strings.Join(r.compute[reason], ", ")+": "+reason)
	}
	return notes
}
