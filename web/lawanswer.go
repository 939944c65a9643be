package web

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html/template"
	"math"
	"strings"

	"github.com/scalelaw/scalelaw/figure"
	"github.com/scalelaw/scalelaw/fit"
	"github.com/scalelaw/scalelaw/study"
	"github.com/scalelaw/scalelaw/sweep"
)

// lawAnswer is what a question of the law page came to.
type lawAnswer struct {
	sum      string // of the runs that it is of
	Records  []fit.Record
	Readings string // what each law expects along compute, as JSON, for the handle
	Figure   figure.Figure
	SVG      template.HTML
	Table    []fit.Sensitivity // what other rules make of the same runs; of one law
	Versus   *versus
	runs     map[string]sweep.Run
	Rowed    []runRow
	Total    int  // rows
	Many     bool // so many runs that resamples are few and checks left to the command line
}

// answerLaw fits and draws, unless the runs are those of the last answer.
func (s *Server) answerLaw(ctx context.Context, name string, c choices, last any) (any, error) {
	runs, err := s.backend.FitInputs(ctx, name, c.Metric)
	if err != nil {
		return nil, err
	}
	var others []sweep.ScoredRun
	if c.With != "" {
		if others, err = s.backend.FitInputs(ctx, c.With, c.Metric); err != nil {
			return nil, fmt.Errorf("the study laid over this one: %w", err)
		}
	}
	sum := sumOf(runs, others)
	if l, ok := last.(*lawAnswer); ok && l.sum == sum {
		return l, nil
	}
	a := &lawAnswer{sum: sum, runs: map[string]sweep.Run{}, Many: len(runs) > fewResamples}
	ask, err := c.ask(len(runs))
	if err != nil {
		return nil, err
	}
	if a.Records, err = ask.Fit(ctx, s.options.Version, name, runs); err != nil {
		return nil, err
	}
	a.narrow(c.Group)
	if len(a.Records) == 1 {
		if r := a.Records[0]; r.Result.NPoints > 0 {
			if a.Table, err = fit.Sensitivities(r.Side().Points, r.Options); err != nil {
				return nil, err
			}
		}
	}
	for _, r := range append(runs, others...) {
		a.runs[r.ID] = r.Run
	}
	if c.With != "" {
		if a.Versus, err = s.versus(ctx, name, c, ask, a.Records, others); err != nil {
			return nil, err
		}
	}
	a.Rowed = a.allRows(c)
	a.Total = len(a.Rowed)
	return a, a.draw(ctx, name, c)
}

// narrow keeps the law of one group.
func (a *lawAnswer) narrow(group string) {
	for _, r := range a.Records {
		if group != "" && r.Options.Group != nil && *r.Options.Group == group {
			a.Records = []fit.Record{r}
			return
		}
	}
}

// draw makes the figure and what is read off it.
func (a *lawAnswer) draw(ctx context.Context, name string, c choices) error {
	records := a.Records
	if a.Versus != nil {
		records = append(named(records, name), named(a.Versus.records, c.With)...)
	}
	var runs []sweep.Run
	for _, r := range a.runs {
		runs = append(runs, r)
	}
	laws := study.Together(records, runs)
	laws.Title, laws.Subtitle, laws.Unit = name, c.Metric, study.Unit(strings.TrimPrefix(c.Unit, "gmacs")).Label()
	in, readings, err := laws.Drawn(ctx, c.Colour == "data", c.Further)
	if err != nil {
		return err
	}
	if len(laws.Runs) == 0 {
		return nil // the page says so in words
	}
	a.Figure = figure.NewLaw(in)
	if ends, err := c.zoomed(); err == nil && ends != nil {
		a.Figure.X.Min, a.Figure.X.Max, a.Figure.Y.Min, a.Figure.Y.Max = ends[0], ends[1], ends[2], ends[3]
	}
	if a.SVG, err = inline(a.Figure, defaultWidth); err != nil {
		return err
	}
	a.Readings, err = readingsJSON(readings)
	return err
}

// named gives laws the name of their study as a group, to tell two studies apart in one figure.
func named(records []fit.Record, study string) []fit.Record {
	all := append([]fit.Record{}, records...)
	for i := range all {
		name := study
		if g := all[i].Result.Group; g != nil {
			name += ", " + *g
		}
		all[i].Result.Group = &name
	}
	return all
}

// readingsJSON is [{"name", "at": [[c, value, law low, law high, run low, run high], ...]}, ...],
// to six digits.
func readingsJSON(readings []study.Reading) (string, error) {
	type line struct {
		Name string       `json:"name"`
		At   [][6]float64 `json:"at"`
	}
	lines := []line{}
	for _, r := range readings {
		l := line{At: [][6]float64{}}
		if r.Group != nil {
			l.Name = *r.Group
		}
		for _, p := range r.Points {
			at := [6]float64{p.C, p.Value, p.LawInterval[0], p.LawInterval[1], p.RunInterval[0], p.RunInterval[1]}
			for i, v := range at {
				at[i] = sixDigits(v)
			}
			l.At = append(l.At, at)
		}
		lines = append(lines, l)
	}
	text, err := json.Marshal(lines)
	return string(text), err
}

func sixDigits(v float64) float64 {
	if v == 0 || math.IsInf(v, 0) || math.IsNaN(v) {
		return 0
	}
	scale := math.Pow(10, 5-math.Floor(math.Log10(math.Abs(v))))
	if math.IsInf(scale, 0) || scale == 0 {
		return v
	}
	return math.Round(v*scale) / scale
}

// sumOf is a checksum of what a fit would be of.
func sumOf(lists ...[]sweep.ScoredRun) string {
	h := sha256.New()
	for _, runs := range lists {
		for _, r := range runs {
			value := math.NaN()
			if r.Score != nil {
				value = r.Score.Value
			}
			fmt.Fprintln(h, r.ID, r.State, r.Reason, value, r.Checkpoint)
		}
		fmt.Fprintln(h)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// Law is the one law of the answer; nil: there are several, or none.
func (a *lawAnswer) Law() *fit.Record {
	if len(a.Records) != 1 {
		return nil
	}
	return &a.Records[0]
}

// Scored is how many points there are in all.
func (a *lawAnswer) Scored() (n int) {
	for _, r := range a.Records {
		n += r.Result.NPoints
	}
	return n
}
