package figure

import (
	"fmt"
	"slices"

	"gonum.org/v1/gonum/stat"
)

// RobustnessInput is what a figure of effective robustness shows: of each run the error in
// distribution (Point.E) and, at the same place in Shifted, the error under shift.
type RobustnessInput struct {
	Title, Subtitle string
	Metric, Shift   string
	Runs            []Run
	Shifted         []float64
	Encoding        Encoding
	Missing         int // runs that lack a score
}

// NewRobustness shows accuracy under shift against accuracy in distribution on logit axes
// (Taori et al. 2020, arXiv 2007.00644): the line is least squares through the sweep's own
// runs, the dotted one would be no loss at all. What a run lies above the line is its effective
// robustness, with this sweep as the baseline.
func NewRobustness(in RobustnessInput) Figure {
	f := Figure{Kind: "robustness", Title: in.Title, Subtitle: in.Subtitle}
	f.X, f.Y = Axis{Label: in.Metric, Scale: Logit, Percent: true}, Axis{Label: in.Shift, Scale: Logit, Percent: true}
	e := newEncoder(in.Encoding, in.Runs)
	f.Legend = e.legend()
	marks := Layer{Kind: Points, Name: "runs"}
	var xs, ys []float64
	for i, r := range in.Runs {
		m := e.mark(r)
		m.X, m.Y = 1-r.E, 1-in.Shifted[i]
		m.Hint += fmt.Sprintf("\n%.1f %% in distribution, %.1f %% under shift", 100*m.X, 100*m.Y)
		m.Data = append(m.Data, Datum{"accuracy", full(m.X)}, Datum{"shifted", full(m.Y)})
		marks.Marks = append(marks.Marks, m)
		if Logit.shows(m.X) && Logit.shows(m.Y) {
			xs, ys = append(xs, Logit.even(m.X)), append(ys, Logit.even(m.Y))
		}
	}
	if in.Missing > 0 {
		f.Notes = append(f.Notes, fmt.Sprintf("%d runs lack one of the two scores and are not shown", in.Missing))
	}
	f.baseline(xs, ys)
	f.Layers = append(f.Layers, marks)
	return f
}

// baseline adds the lines through runs, in logits, and of no loss.
func (f *Figure) baseline(xs, ys []float64) {
	if len(xs) == 0 {
		f.Refusal = "No run has been scored on both"
		return
	}
	low, high := slices.Min(xs), slices.Max(xs)
	straight := func(a, b float64) (marks []Mark) {
		for i := range coursePoints {
			x := low + (high-low)*float64(i)/(coursePoints-1)
			marks = append(marks, Mark{X: Logit.uneven(x), Y: Logit.uneven(a + b*x)})
		}
		return marks
	}
	lines := Block{Title: "Lines"}
	if low < high && len(xs) >= 3 {
		a, b := stat.LinearRegression(xs, ys, nil, false)
		r2 := stat.RSquared(xs, ys, nil, a, b)
		f.Layers = append(f.Layers, Layer{Kind: Line, Name: "baseline of this sweep", Ink: Law, Marks: straight(a, b), Data: []Datum{{"intercept", full(a)}, {"slope", full(b)}, {"r2", full(r2)}}})
		f.Corner = []string{fmt.Sprintf("logit y = %.3f + %.3f logit x", a, b), fmt.Sprintf("R² %.3f, %d runs", r2, len(xs))}
		lines.Keys = append(lines.Keys, Key{Kind: Line, Ink: Law, Text: "line of these runs"})
	}
	f.Layers = append(f.Layers, Layer{Kind: Line, Name: "no loss under shift", Ink: Muted, Dash: true, Thin: true, Marks: straight(0, 1)})
	lines.Keys = append(lines.Keys, Key{Kind: Line, Ink: Muted, Dash: true, Thin: true, Text: "no loss under shift"})
	f.Legend = append(f.Legend, lines)
}
