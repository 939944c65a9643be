package web

import (
	"fmt"
	"net/url"
	"strings"

	"github.com/scalelaw/scalelaw/study"
	"github.com/scalelaw/scalelaw/sweep"
)

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
