package web

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/scalelaw/scalelaw/figure"
	"github.com/scalelaw/scalelaw/fit"
	"github.com/scalelaw/scalelaw/store"
	"github.com/scalelaw/scalelaw/study"
	"github.com/scalelaw/scalelaw/sweep"
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

// Here is the page's address with its choices, changed as pairs of a name and a value say.
func (p lawPage) Here(pairs ...string) string { return p.at("", pairs) }

// Form is the address of the figure in a form.
func (p lawPage) Form(ending string) string { return p.at(ending, nil) }

// Row is the address of the part of the table from a row on.
func (p lawPage) Row(n int) string { return p.at("", []string{"first", fmt.Sprint(n)}) + "#runs" }

func (p lawPage) at(ending string, pairs []string) string {
	return lawAddress(p.Name, "law"+ending, p.query(), pairs)
}

// lawAddress is that of a page of a study with choices, some of them changed.
func lawAddress(name, page string, q url.Values, pairs []string) string {
	for i := 0; i+1 < len(pairs); i += 2 {
		q.Set(pairs[i], pairs[i+1])
		if pairs[i+1] == "" {
			q.Del(pairs[i])
		}
	}
	if len(q) == 0 {
		return sweepAddress(name) + "/" + page
	}
	return sweepAddress(name) + "/" + page + "?" + q.Encode()
}

// Command asks the same on the command line.
func (p lawPage) Command() string { return p.command(p.Name) }

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

// storeLaw stores what the page shows as records. They are in GMACs, whatever the page counts in.
func storeLaw(ctx context.Context, s *Server, q *http.Request) (view, error) {
	name := q.PathValue("sweep")
	c, err := s.posted(ctx, q)
	if err != nil {
		return view{}, err
	}
	records, err := s.storeAsked(ctx, name, c)
	if err != nil {
		return view{}, err
	}
	to := lawAddress(name, "law", c.query(), nil)
	if len(records) == 1 {
		to = fitAddress(records[0].ID)
	}
	var all []lawFit
	for _, r := range records {
		all = append(all, lawFit{Fit: r.ID, Sweep: r.Sweep, Metric: r.Metric, Result: r.Result})
	}
	return view{redirect: to, data: all}, nil
}

// posted are the choices of a form, with the study's own metric where none was chosen.
func (s *Server) posted(ctx context.Context, q *http.Request) (c choices, err error) {
	if err := q.ParseForm(); err != nil {
		return c, fmt.Errorf("%w: the form: %w", sweep.ErrBadInput, err)
	}
	if c, err = readChoices(q.Form); err == nil {
		c.Metric, err = study.MetricOf(ctx, s.backend, q.PathValue("sweep"), c.Metric)
	}
	return c, err
}

func (s *Server) storeAsked(ctx context.Context, name string, c choices) ([]fit.Record, error) {
	summary, err := s.backend.SweepSummary(ctx, name)
	if err != nil {
		return nil, err
	}
	c.Unit, c.Checks = "", true
	if c.GroupBy == "" {
		c.Group = ""
	}
	note(ctx, "store fit", name, c.key())
	ask, err := c.ask(summary.Total)
	if err != nil {
		return nil, err
	}
	value, err := s.answers.must(ctx, "store "+name+"?"+c.key(), freshFor, func(ctx context.Context, _ any) (any, error) {
		return ask.Put(ctx, s.backend, s.options.Version, name, true)
	})
	if err != nil {
		return nil, err
	}
	return value.([]fit.Record), nil
}

// fitAddress is the page of a stored fit.
func fitAddress(id string) string { return "/fits/" + url.PathEscape(id) }

// Query, Laws, Groupings and Narrowed are for the form of choices.
func (p lawPage) Query() url.Values { return p.query() }

// Laws are those that there are.
func (p lawPage) Laws() []string { return sweep.FitLaws }

// Groupings are what there can be one law of each of.
func (p lawPage) Groupings() []string { return sweep.FitGroups }

// Narrowed reports choices that the form folds away otherwise.
func (p lawPage) Narrowed() bool {
	return p.From+p.UpTo+p.Chance+p.Holdout > 0 || p.Level != 0.95 || p.Further != 4 || p.Checks
}

// Plot is the figure of the law.
func (p lawPage) Plot() (plot, error) {
	made, err := newPlot(p.Answer.Figure, sweepAddress(p.Name)+"/law", p.query())
	made.Zoomable = true
	made.Readings, made.At, made.Level, made.Loss = p.Answer.Readings, p.At, fmt.Sprintf("%g %%", 100*p.choices.Level), study.IsLoss(p.Metric)
	made.Unit = study.Unit(strings.TrimPrefix(p.Unit, "gmacs")).Label()
	made.Notes = nil // the page has the warnings in its own words
	for _, n := range p.Answer.Figure.Notes {
		if !strings.HasPrefix(n, "Warning") && !strings.HasPrefix(n, "Surface") {
			made.Notes = append(made.Notes, n)
		}
	}
	return made, err
}

// Says is what is to be known of the answer as a whole.
func (p lawPage) Says() []string {
	var all []string
	if p.Rule != p.rule() {
		all = append(all, fmt.Sprintf("The rule %s does not suit the law %s; it is fitted by its own, %s.", p.Rule, p.Law, p.Rules()[0]))
	}
	if p.Answer.Many {
		all = append(all, "There are so many runs that the page draws 400 resamples and leaves checks of the intervals out; the command below does all.")
	}
	return all
}

// Empty says why there is no figure.
func (p lawPage) Empty() string {
	switch {
	case p.Answer.Total == 0:
		return "This study has no runs."
	case p.From > 0 || p.UpTo > 0:
		return "No run that was scored on " + p.Metric + " is left with these limits; the table says why."
	}
	return "No run has been scored on " + p.Metric + " yet. The law appears here when three have landed."
}
