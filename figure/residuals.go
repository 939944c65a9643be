package figure

import (
	"fmt"
	"math"

	"github.com/scalelaw/scalelaw/fit"
)

// ResidualsInput is what a figure of a law's residuals shows.
type ResidualsInput struct {
	Title, Subtitle, Unit string
	Runs                  []Run
	Result                fit.Result
	Encoding              Encoding
}

// NewResiduals shows how far runs lie from the law, as ln of their error over the law's: runs
// that the law rests on are outlined; the band is the root mean square of theirs, twice. Runs
// off the frontier lie above by what they give away.
func NewResiduals(in ResidualsInput) Figure {
	r := in.Result
	f := Figure{Kind: "residuals", Title: in.Title, Subtitle: in.Subtitle}
	f.X, f.Y = Axis{Label: computeLabel(in.Unit), Scale: Log}, Axis{Label: "ln (error / law)"}
	if r.Status != "ok" {
		f.addLaw(FittedLaw{Result: r}, LawInput{}, Law)
	}
	e := newEncoder(in.Encoding, in.Runs)
	f.Legend = append(e.legend(), f.Legend...)
	var marks []Mark
	var scored []float64
	role := map[string]int{}
	for _, id := range r.Used {
		role[id] = used
	}
	for _, run := range in.Runs {
		law, ok := r.At(run.Point)
		if !ok {
			continue
		}
		m := e.mark(run)
		m.Y = math.Log(run.E / law)
		m.Data = append(m.Data, Datum{"residual", full(m.Y)})
		m.Hint += fmt.Sprintf("\n%+.1f %% of the law", 100*(run.E/law-1))
		if role[run.ID] == used {
			scored = append(scored, m.Y)
			m.Ring = true
		}
		marks = append(marks, m)
	}
	low, high := reach(pointsOf(in.Runs))
	if spread := rms(scored, len(r.Coefficients)); finite(spread) && r.Status == "ok" {
		f.Layers = append(f.Layers, Layer{Kind: Band, Name: "2 rms", Ink: Law, Marks: []Mark{{X: low, Low: -2 * spread, High: 2 * spread}, {X: high, Low: -2 * spread, High: 2 * spread}}, Data: []Datum{{"rms", full(spread)}}})
		f.Corner = append(f.Corner, Formula(r.Formula), fmt.Sprintf("rms of the %d used runs %.3g", len(scored), spread))
		f.Legend = append(f.Legend, Block{Title: "Law", Keys: []Key{{Kind: Band, Ink: Law, Text: "± 2 rms of used runs"}, {Kind: Points, Ink: Muted, Ring: true, Size: 5.5, Text: "used"}}, Lines: f.tests(r)})
	}
	if r.Status == "ok" {
		f.Layers = append(f.Layers, Layer{Kind: Line, Name: "law", Ink: Law, Data: lawData(r), Marks: []Mark{{X: low}, {X: high}}})
	}
	f.Layers = append(f.Layers, Layer{Kind: Points, Name: "runs", Marks: marks})
	return f
}

// tests are what the fit found in its residuals.
func (f *Figure) tests(r fit.Result) []string {
	if r.Goodness == nil {
		return nil
	}
	return []string{fmt.Sprintf("no bend in log C: p = %.2g", r.Goodness.QuadraticP), fmt.Sprintf("no runs of one sign: p = %.2g", r.Goodness.RunsP)}
}

func pointsOf(runs []Run) []fit.Point {
	points := make([]fit.Point, len(runs))
	for i, r := range runs {
		points[i] = r.Point
	}
	return points
}

// rms is the root mean square per degree of freedom; NaN where none is left.
func rms(v []float64, coefficients int) float64 {
	var sum float64
	for _, x := range v {
		sum += x * x
	}
	if len(v) <= coefficients {
		return math.NaN()
	}
	return math.Sqrt(sum / float64(len(v)-coefficients))
}
