package figure

import (
	"math"
	"slices"
)

// IsodataInput is what a figure of iso-data curves shows.
type IsodataInput struct {
	Title, Subtitle, Metric, Unit string
	Loss                          bool
	Runs                          []Run
	References                    []Reference
}

// NewIsodata shows what more compute buys with the data at hand: runs of one model on the same
// data joined by a thin line, and, thick, the best error so far of each data scale. Where the
// thick lines part, data is the bottleneck.
func NewIsodata(in IsodataInput) Figure {
	f := Figure{Kind: "isodata", Title: in.Title, Subtitle: in.Subtitle}
	f.X, f.Y = Axis{Label: computeLabel(in.Unit), Scale: Log}, Axis{Label: in.Metric, Scale: Log, Percent: !in.Loss}
	for _, r := range in.References {
		f.Layers = append(f.Layers, Layer{Kind: Rule, Name: r.Name, Ink: Muted, Marks: []Mark{{ID: r.Name, Y: r.Error}}})
	}
	e := newEncoder(Encoding{ByData: true}, in.Runs)
	runs := slices.Clone(in.Runs)
	slices.SortStableFunc(runs, func(a, b Run) int { return int(sign(a.C - b.C)) })
	points := Layer{Kind: Points, Name: "runs"}
	var thin, thick []Layer
	for _, data := range namesOr(e.data) {
		ink, dash := inkAt(slices.Index(e.data, data))
		name := Amount(data)
		thick = append(thick, Layer{Kind: Line, Name: "best of " + name, Ink: ink, Dash: dash, Marks: bestSoFar(runs, data)})
		for _, model := range namesOr(e.models) {
			l := Layer{Kind: Line, Name: model + " on " + name, Ink: ink, Thin: true, Dash: true}
			for _, r := range runs {
				if r.Data == data && r.Model == model {
					l.Marks = append(l.Marks, Mark{ID: r.ID, X: r.C, Y: r.E})
					points.Marks = append(points.Marks, e.mark(r))
				}
			}
			if len(l.Marks) > 1 {
				thin = append(thin, l)
			}
		}
	}
	f.Layers = append(append(append(f.Layers, thin...), thick...), points)
	f.Legend = append(e.legend(), Block{Title: "Lines", Keys: []Key{{Kind: Line, Ink: Muted, Text: "best so far"}, {Kind: Line, Ink: Muted, Thin: true, Dash: true, Text: "one model"}}})
	return f
}

// namesOr is one empty name where there are none, so that unlabelled runs are of one kind.
func namesOr(names []string) []string {
	if len(names) == 0 {
		return []string{""}
	}
	return names
}

// bestSoFar are the runs on some data, by compute, that none of less compute beats.
func bestSoFar(runs []Run, data string) []Mark {
	var marks []Mark
	low := math.Inf(1)
	for _, r := range runs {
		if r.Data == data && r.E < low {
			low = r.E
			marks = append(marks, Mark{ID: r.ID, X: r.C, Y: r.E})
		}
	}
	return marks
}
