package web

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/scalelaw/scalelaw/figure"
	"github.com/scalelaw/scalelaw/fit"
	"github.com/scalelaw/scalelaw/store"
	"github.com/scalelaw/scalelaw/study"
	"github.com/scalelaw/scalelaw/sweep"
)

// fitPage is a stored fit: the record, the figure of its law, the runs behind it.
type fitPage struct {
	lawFit
	GroupBy string              `json:"group_by"`
	Select  string              `json:"select"`
	Options fit.Options         `json:"options"`
	Inputs  []fit.Evidence      `json:"inputs"`
	Plot    *plot               `json:"-"`
	Others  []store.Coefficient `json:"-"` // to compare with
	First   int                 `json:"-"`
	Rows    []runRow            `json:"-"`
	Next    int                 `json:"-"`
}

// drawnFit is a stored fit with its figure.
type drawnFit struct {
	record fit.Record
	runs   map[string]sweep.Run
	figure figure.Figure
	json   string
}

// drawFit reads a fit and draws its law; the law's course takes as long as the fit did.
func (s *Server) drawFit(ctx context.Context, id string) (*drawnFit, error) {
	r, err := s.backend.Fit(ctx, id)
	if err != nil {
		return nil, err
	}
	value, err := s.answers.must(ctx, "fit "+r.ID, 0, func(ctx context.Context, _ any) (any, error) {
		laws, err := study.OfRecords(ctx, s.backend, []fit.Record{r})
		if err != nil {
			return nil, err
		}
		d := &drawnFit{record: r, runs: map[string]sweep.Run{}}
		in, readings, err := laws.Drawn(ctx, false, 4)
		if err != nil {
			return nil, err
		}
		d.figure = figure.NewLaw(in)
		d.json, err = readingsJSON(readings)
		return d, err
	})
	if err != nil {
		return nil, err
	}
	return value.(*drawnFit), nil
}

func oneFit(ctx context.Context, s *Server, q *http.Request) (view, error) {
	r, err := s.backend.Fit(ctx, q.PathValue("fit"))
	if err != nil {
		return view{}, err
	}
	c, err := readChoices(q.URL.Query())
	if err != nil {
		return view{}, err
	}
	stale, err := s.backend.Stale(ctx, r.ID)
	if err != nil {
		return view{}, err
	}
	p := fitPage{lawFit: lawFit{Fit: r.ID, Sweep: r.Sweep, Metric: r.Metric, Result: r.Result}, GroupBy: r.GroupBy, Select: r.Select, Options: r.Options, Inputs: r.Inputs}
	if reason, is := stale[r.ID]; is {
		p.Stale = &reason
	}
	v := view{template: "fit", title: "Fit " + short(r.ID), tab: "law", sweep: r.Sweep}
	if !wantsJSON(q) {
		if err := s.aroundFit(ctx, &p, r, c.First); err != nil {
			return view{}, err
		}
	}
	v.data = p
	return v, nil
}

func (s *Server) aroundFit(ctx context.Context, p *fitPage, r fit.Record, first int) error {
	var ids []string
	for _, in := range r.Inputs {
		ids = append(ids, in.Runs[:min(1, len(in.Runs))]...)
	}
	runs, err := s.backend.Runs(ctx, ids)
	if err != nil {
		return err
	}
	a := &lawAnswer{Records: []fit.Record{r}, runs: map[string]sweep.Run{}}
	for _, run := range runs {
		a.runs[run.ID] = run
	}
	a.Rowed = a.allRows(choices{})
	p.First, p.Rows = first, a.rows(first, rowsShown)
	if n := first + rowsShown; n < len(a.Rowed) {
		p.Next = n
	}
	if r.Result.NPoints > 0 {
		d, err := s.drawFit(ctx, r.ID)
		if err != nil {
			return err
		}
		drawn, err := newPlot(d.figure, fitAddress(r.ID)+"/law", url.Values{})
		if err != nil {
			return err
		}
		drawn.Readings, drawn.Level, drawn.Unit, drawn.Loss = d.json, level(r.Result.Level), study.ConventionLabel(r.Options.Convention), r.Options.YIs == "loss"
		drawn.Notes = nil
		p.Plot = &drawn
	}
	others, err := s.backend.Coefficients(ctx, store.FitFilter{Sweep: r.Sweep, Metric: r.Metric, All: true}, store.Page{Limit: 60})
	seen := map[string]bool{r.ID: true}
	for _, c := range others.Rows {
		if !seen[c.Fit] {
			seen[c.Fit] = true
			p.Others = append(p.Others, c)
		}
	}
	return err
}

// fitFigure is the law's figure of a stored fit.
func fitFigure(ctx context.Context, s *Server, q *http.Request) (figure.Figure, error) {
	d, err := s.drawFit(ctx, q.PathValue("fit"))
	if err != nil {
		return figure.Figure{}, err
	}
	return d.figure, nil
}

// diffPage is what changed from one fit to another.
type diffPage struct {
	fit.Difference
	Shown []fit.RunChange `json:"-"`
	More  int             `json:"-"`
}

// runsOfADifference is how many runs the page shows; JSON has all.
const runsOfADifference = 100

func diffFits(ctx context.Context, s *Server, q *http.Request) (view, error) {
	first, err := s.backend.Fit(ctx, q.PathValue("fit"))
	if err != nil {
		return view{}, err
	}
	with, err := s.otherFit(ctx, q, first)
	if err != nil {
		return view{}, err
	}
	second, err := s.backend.Fit(ctx, with)
	if err != nil {
		return view{}, err
	}
	d, err := fit.Diff(first, second)
	if err != nil {
		return view{}, err
	}
	p := diffPage{Difference: d, Shown: d.Runs[:min(len(d.Runs), runsOfADifference)]}
	p.More = len(d.Runs) - len(p.Shown)
	return view{template: "fitdiff", title: "Two fits", tab: "law", sweep: first.Sweep, data: p}, nil
}

// otherFit is ?with= or, without it, the newest fit of the same question.
func (s *Server) otherFit(ctx context.Context, q *http.Request, f fit.Record) (string, error) {
	if with := strings.TrimSpace(q.URL.Query().Get("with")); with != "" {
		return with, nil
	}
	newest, err := s.backend.Fits(ctx, store.FitFilter{Sweep: f.Sweep, Metric: f.Metric, Law: f.Options.Law, Rule: f.Options.Rule})
	for _, r := range newest {
		if r.GroupBy == f.GroupBy && groupOf(r) == groupOf(f) {
			return r.ID, err
		}
	}
	return f.ID, err
}

func groupOf(f fit.Record) string {
	if f.Options.Group == nil {
		return ""
	}
	return *f.Options.Group
}

// reproduceFit computes a fit again. It changes nothing, and is posted because it is work.
func reproduceFit(ctx context.Context, s *Server, q *http.Request) (view, error) {
	r, err := s.backend.Fit(ctx, q.PathValue("fit"))
	if err != nil {
		return view{}, err
	}
	note(ctx, "reproduce fit", r.ID, "")
	value, err := s.answers.must(ctx, "reproduce "+r.ID, time.Nanosecond, func(ctx context.Context, _ any) (any, error) {
		return study.Reproduce(ctx, r, s.options.Version)
	})
	if err != nil {
		return view{}, err
	}
	return view{template: "reproduction", title: "Fit " + short(r.ID) + ", again", tab: "law", sweep: r.Sweep, data: value.(study.Reproduction)}, nil
}
