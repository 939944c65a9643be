package figure

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/scalelaw/scalelaw/fit"
)

// LawInput is what the figure of one or more laws shows.
type LawInput struct {
	Title, Subtitle string
	Metric          string // what E is
	Unit            string // of compute
	Loss            bool   // E is a loss, not a fraction
	Runs            []Run
	Laws            []FittedLaw
	References      []Reference
	Encoding        Encoding
	Notes           []string
}

// FittedLaw is a law with its course along compute (see Along), or a refusal.
type FittedLaw struct {
	Result fit.Result
	Course []fit.Prediction
}

// Reference is an error to compare with: of guessing, or of a baseline.
type Reference struct {
	Name  string
	Error float64
}

// coursePoints is how many amounts of compute the course of a law is drawn through.
const coursePoints = 41

// Along are the amounts of compute to predict a law at for its course: through the frontier,
// to the runs on either side, and further up by a factor.
func Along(r fit.Result, runs []fit.Point, further float64) []float64 {
	low, high := math.Inf(1), math.Inf(-1)
	var exact []float64
	for _, p := range r.Frontier {
		exact = append(exact, p.C)
	}
	for _, p := range runs {
		low, high = min(low, p.C), max(high, p.C)
	}
	if len(exact) == 0 || !(low > 0) || !finite(high) {
		return nil
	}
	slices.Sort(exact)
	if top := high * further; finite(top) {
		high = top
	}
	all := []float64{low, exact[0], exact[len(exact)-1], high}
	for i := 1; i < coursePoints-1; i++ {
		share := float64(i) / (coursePoints - 1)
		all = append(all, math.Pow(10, math.Log10(low)+share*math.Log10(high/low)))
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// NewLaw is error against compute in the seed paper's encoding with its laws: the fitted part
// solid, the rest dashed; the band of each law and, paler, that of a new run; the frontier;
// held out runs with their misses; a refusal where the line would be.
func NewLaw(in LawInput) Figure {
	f := Figure{Kind: "law", Title: in.Title, Subtitle: in.Subtitle, Notes: slices.Clone(in.Notes)}
	f.X = Axis{Label: computeLabel(in.Unit), Scale: Log}
	f.Y = Axis{Label: in.Metric, Scale: Log, Percent: !in.Loss}
	for _, r := range in.References {
		f.Layers = append(f.Layers, Layer{Kind: Rule, Name: r.Name, Ink: Muted, Marks: []Mark{{ID: r.Name, Y: r.Error}}})
	}
	e := newEncoder(in.Encoding, in.Runs)
	f.Legend = e.legend()
	for i, l := range in.Laws {
		f.addLaw(l, in, lawInk(i, in))
	}
	for _, l := range in.Laws {
		f.addHeld(l.Result, in)
	}
	f.addRuns(e, in)
	f.warn(in.Laws)
	return f
}

// lawInk is the colour of a law: its own, or that of its group.
func lawInk(i int, in LawInput) Ink {
	if len(in.Laws) == 1 {
		return Law
	}
	ink, _ := inkAt(i)
	if g := in.Laws[i].Result.Group; g != nil && in.Encoding.ByData {
		if k := slices.Index(newEncoder(in.Encoding, in.Runs).data, *g); k >= 0 {
			ink, _ = inkAt(k)
		}
	}
	return ink
}

func computeLabel(unit string) string {
	if unit == "" {
		return "Compute C"
	}
	return "Compute C (" + unit + ")"
}

func (f *Figure) addLaw(l FittedLaw, in LawInput, ink Ink) {
	r := l.Result
	if r.Status != "ok" {
		reason := "refused"
		if r.Reason != nil {
			reason = r.Reason.Text
		}
		f.refuse("No law" + onGroup(r.Group) + ": " + reason)
		f.Legend = append(f.Legend, Block{Title: lawTitle(r), Lines: []string{"refused", fmt.Sprintf("rule %s, %d of %d runs", r.Rule, r.NUsed, r.NPoints)}})
		return
	}
	low, high := reach(r.Frontier)
	name := lawName(r)
	run, law := Layer{Kind: Band, Name: "new run" + onGroup(r.Group), Ink: ink, Thin: true}, Layer{Kind: Band, Name: "law band" + onGroup(r.Group), Ink: ink}
	lines := [3]Layer{{Kind: Line, Ink: ink, Dash: true, Thin: true, Name: name + ", below the frontier"}, {Kind: Line, Ink: ink, Name: name, Data: lawData(r)}, {Kind: Line, Ink: ink, Dash: true, Name: name + ", extrapolated"}}
	for _, p := range l.Course {
		run.Marks = append(run.Marks, Mark{X: p.C, Low: p.RunInterval[0], High: p.RunInterval[1]})
		law.Marks = append(law.Marks, Mark{X: p.C, Low: p.LawInterval[0], High: p.LawInterval[1]})
		for i, within := range [3]bool{p.C <= low, p.C >= low && p.C <= high, p.C >= high} {
			if within {
				lines[i].Marks = append(lines[i].Marks, Mark{X: p.C, Y: p.Value})
			}
		}
	}
	f.Layers = append(f.Layers, run, law)
	f.Layers = append(f.Layers, frontier(r))
	f.Layers = append(f.Layers, lines[:]...)
	f.describe(r, ink, len(in.Laws) == 1)
}

// refuse adds a reason to what is written in the plot.
func (f *Figure) refuse(reason string) {
	if f.Refusal != "" {
		f.Refusal += "; "
	}
	f.Refusal += reason
}

func onGroup(g *string) string {
	if g == nil {
		return ""
	}
	return " on " + Amount(*g)
}

// reach is the range of compute of points.
func reach(points []fit.Point) (low, high float64) {
	low, high = math.Inf(1), math.Inf(-1)
	for _, p := range points {
		low, high = min(low, p.C), max(high, p.C)
	}
	return low, high
}

// frontier marks the points as fitted: by steps through runs, by crosses where the rule puts
// them elsewhere.
func frontier(r fit.Result) Layer {
	l := Layer{Kind: Stair, Name: "frontier" + onGroup(r.Group), Ink: Muted}
	if r.Rule != "pareto" && r.Rule != "pareto-bin" {
		l.Kind, l.Ink = Cross, Text
		l.Name = "as fitted" + onGroup(r.Group)
	}
	if restsOnAll(r) {
		return l
	}
	points := slices.Clone(r.Frontier)
	slices.SortFunc(points, func(a, b fit.Point) int { return int(sign(a.C - b.C)) })
	for _, p := range points {
		l.Marks = append(l.Marks, Mark{ID: p.ID, X: p.C, Y: p.E})
	}
	return l
}

func sign(v float64) float64 {
	switch {
	case v < 0:
		return -1
	case v > 0:
		return 1
	}
	return 0
}

// lawData are the law's numbers as attributes, with every digit.
func lawData(r fit.Result) []Datum {
	data := []Datum{{"law", r.Law}, {"rule", r.Rule}, {"n-used", fmt.Sprint(r.NUsed)}, {"n-points", fmt.Sprint(r.NPoints)}, {"r2", full(r.R2)}, {"inputs", r.InputsSHA256}}
	for _, c := range r.Coefficients {
		name := attribute(c.Name)
		data = append(data, Datum{name, full(c.Value)}, Datum{name + "-low", full(c.Interval[0])}, Datum{name + "-high", full(c.Interval[1])})
	}
	return data
}

// attribute keeps A and a apart, which attributes of HTML do not.
func attribute(name string) string {
	if lower := strings.ToLower(name); lower != name {
		return "upper-" + lower
	}
	return name
}

// restsOnAll reports whether the rule takes no frontier: every run is used.
func restsOnAll(r fit.Result) bool { return r.Rule == "all" || r.Rule == "envelope" }
