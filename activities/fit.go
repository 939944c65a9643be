package activities

import (
	"context"

	"github.com/scalelaw/scalelaw/fit"
	"github.com/scalelaw/scalelaw/study"
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
		records, err := study.Ask{FitAsk: ask}.Put(ctx, a.Store, a.Version, in.Sweep, in.Record)
		if err != nil {
			return FitResult{}, fail(err)
		}
		for _, r := range records {
			result.Fits = append(result.Fits, outcome(r))
		}
	}
	return result, nil
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
