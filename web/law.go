package web

import (
	"bytes"
	"context"
	"encoding/json"
	"html/template"
	"net/http"
	"slices"

	"github.com/scalelaw/scalelaw/figure"
	"github.com/scalelaw/scalelaw/fit"
	"github.com/scalelaw/scalelaw/store"
	"github.com/scalelaw/scalelaw/study"
)

// lawFit is a fit as programs are given it: the contract of `fit new -o json`.
type lawFit struct {
	Fit    string  `json:"fit"` // the id that it has, or would have, as a record
	Sweep  string  `json:"sweep"`
	Metric string  `json:"metric"`
	Stale  *string `json:"stale"`
	fit.Result
}

// lawPage is the page of a sweep's law. As JSON it is the fit or, where there are several, a list.
type lawPage struct {
	choices
	Name    string
	Answer  *lawAnswer // nil: not there yet
	Late    bool       // it is not there, or of what was there before
	Stored  []store.Coefficient
	Metrics []string
	Studies []string // others, to lay over this one
	Rows    []runRow
	Next    int // first row of the next part of the table; 0: there is none
}

// MarshalJSON gives the fits.
func (p lawPage) MarshalJSON() ([]byte, error) {
	all := []lawFit{}
	for _, r := range p.Answer.Records {
		all = append(all, lawFit{Fit: r.ID, Sweep: r.Sweep, Metric: r.Metric, Result: r.Result})
	}
	if len(all) == 1 && p.GroupBy == "" {
		return json.Marshal(all[0])
	}
	return json.Marshal(all)
}

// lawChoices are those of a request, with its metric filled in. A rule that does not suit the
// law stays in the address and is not used.
func (s *Server) lawChoices(ctx context.Context, q *http.Request) (choices, error) {
	c, err := readChoices(q.URL.Query())
	if err == nil {
		c.Metric, err = study.MetricOf(ctx, s.backend, q.PathValue("sweep"), c.Metric)
	}
	return c, err
}

// lawOf waits for the answer as long as the request can.
func (s *Server) lawOf(ctx context.Context, name string, c choices, patient bool) (*lawAnswer, bool, error) {
	key := "law " + name + "?" + c.key()
	do := func(ctx context.Context, last any) (any, error) { return s.answerLaw(ctx, name, c, last) }
	if patient || c.Wait {
		value, err := s.answers.must(ctx, key, freshFor, do)
		if err != nil {
			return nil, false, err
		}
		return value.(*lawAnswer), false, nil
	}
	value, late, err := s.answers.ask(ctx, key, patience, freshFor, do)
	a, _ := value.(*lawAnswer)
	return a, late, err
}

func law(ctx context.Context, s *Server, q *http.Request) (view, error) {
	name := q.PathValue("sweep")
	c, err := s.lawChoices(ctx, q)
	if err != nil {
		return view{}, err
	}
	p := lawPage{choices: c, Name: name}
	if p.Answer, p.Late, err = s.lawOf(ctx, name, c, wantsJSON(q)); err != nil {
		return view{}, err
	}
	if !wantsJSON(q) {
		if err := s.around(ctx, &p); err != nil {
			return view{}, err
		}
	}
	return view{template: "law", title: "Law", tab: "law", sweep: name, data: p}, nil
}

// storedRows is how many coefficients of stored fits the page lists.
const storedRows = 24

// around reads what surrounds the answer.
func (s *Server) around(ctx context.Context, p *lawPage) error {
	stored, err := s.backend.Coefficients(ctx, store.FitFilter{Sweep: p.Name, Metric: p.Metric}, store.Page{Limit: storedRows})
	if err != nil {
		return err
	}
	p.Stored = slices.DeleteFunc(stored.Rows, func(c store.Coefficient) bool { return c.Name != "alpha" && c.Name != "c" })
	if p.Metrics, err = study.MetricsAsked(ctx, s.backend, p.Name); err != nil {
		return err
	}
	scored, err := s.backend.MetricsScored(ctx, p.Name)
	if err != nil {
		return err
	}
	for _, m := range append(scored, p.Metric) {
		if !slices.Contains(p.Metrics, m) {
			p.Metrics = append(p.Metrics, m)
		}
	}
	names, err := s.backend.RecentSweeps(ctx, studiesOffered)
	for _, name := range names {
		if name != p.Name {
			p.Studies = append(p.Studies, name)
		}
	}
	if p.Answer != nil {
		p.Rows = p.Answer.rows(p.First, rowsShown)
		if n := p.First + rowsShown; n < p.Answer.Total {
			p.Next = n
		}
	}
	return err
}

// studiesOffered is how many studies can be chosen for an overlay; the address takes any.
const studiesOffered = 100

// rowsShown is how many runs a part of the table has.
const rowsShown = 60

// lawFigure is the page's figure in other forms.
func lawFigure(ctx context.Context, s *Server, q *http.Request) (figure.Figure, error) {
	c, err := s.lawChoices(ctx, q)
	if err != nil {
		return figure.Figure{}, err
	}
	a, _, err := s.lawOf(ctx, q.PathValue("sweep"), c, true)
	if err != nil {
		return figure.Figure{}, err
	}
	return a.Figure, nil
}

// inline draws a figure into a page, in the page's theme.
func inline(f figure.Figure, width float64) (template.HTML, error) {
	var b bytes.Buffer
	if err := f.SVG(&b, figure.Look{Theme: figure.Both(), Width: width, Bare: true}); err != nil {
		return "", err
	}
	return template.HTML(b.String()), nil // our own writer, which escapes every text
}
