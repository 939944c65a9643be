package activities

import (
	"cmp"
	"context"
	"fmt"

	"github.com/scalelaw/scalelaw/fit"
	"github.com/scalelaw/scalelaw/sweep"
)

// FitInput asks for laws to be fitted to a sweep's results.
type FitInput struct {
	Sweep  string         `json:"sweep"`
	Asks   []sweep.FitAsk `json:"asks"`
	Record bool           `json:"record"` // store them; otherwise a look at how things stand
}

// FitResult tells how each turned out; the records are in Postgres.
type FitResult struct {
	Fits []FitOutcome `json:"fits"`
}

// FitOutcome is one law in a line.
type FitOutcome struct {
	ID      string `json:"id"`
	Metric  string `json:"metric"`
	Group   string `json:"group,omitempty"`
	Rule    string `json:"rule"`
	Status  string `json:"status"`
	Formula string `json:"formula"` // or the reason of the refusal
	Used    int    `json:"used"`
	Points  int    `json:"points"`
}

// Fit fits every law asked for. A refusal is an outcome, not an error.
func (a *Activities) Fit(ctx context.Context, in FitInput) (FitResult, error) {
	var result FitResult
	for _, ask := range in.Asks {
		records, err := FitAsked(ctx, a.Store, a.Version, in.Sweep, ask, fit.Options{}, in.Record)
		if err != nil {
			return FitResult{}, fail(err)
		}
		for _, r := range records {
			result.Fits = append(result.Fits, outcome(r))
		}
	}
	return result, nil
}

// FitAsked fits one ask, a record a group, and stores them if wanted. Options that are not
// zero in more replace the defaults; law, rule, group and convention are the ask's.
func FitAsked(ctx context.Context, store Store, version, name string, ask sweep.FitAsk, more fit.Options, record bool) ([]fit.Record, error) {
	if err := ask.Check(); err != nil {
		return nil, fmt.Errorf("fit sweep %s: %w", name, err)
	}
	runs, err := store.FitInputs(ctx, name, ask.Metric)
	if err != nil {
		return nil, fmt.Errorf("fit sweep %s: %w", name, err)
	}
	var fitted []fit.Record
	for _, q := range Questions(name, runs, ask) {
		q.Options = asked(q.Options, more)
		q.Options.Version = version
		if Converted(ask.Metric) {
			q.Options.Notes = []fit.Note{{Code: "converted", Text: ask.Metric + " is a share of successes; E is 1 minus it"}}
		}
		r, err := fit.NewRecord(ctx, q)
		if err != nil {
			return nil, fmt.Errorf("fit sweep %s: %w", name, err)
		}
		if record {
			if err := store.AddFit(ctx, r); err != nil {
				return nil, err
			}
		}
		fitted = append(fitted, r)
	}
	return fitted, nil
}

// asked is more with what a question itself decides.
func asked(question, more fit.Options) fit.Options {
	pad := cmp.Or(more.Pad, question.Pad)
	more.Law, more.Rule, more.Group, more.Convention, more.Pad = question.Law, question.Rule, question.Group, question.Convention, pad
	return more
}

func outcome(r fit.Record) FitOutcome {
	o := FitOutcome{ID: r.ID, Metric: r.Metric, Rule: r.Options.Rule, Status: r.Result.Status, Formula: r.Result.Formula, Used: r.Result.NUsed, Points: r.Result.NPoints}
	if r.Options.Group != nil {
		o.Group = *r.Options.Group
	}
	if r.Result.Reason != nil {
		o.Formula = r.Result.Reason.Text
	}
	return o
}
