package study

import (
	"cmp"
	"context"
	"fmt"

	"github.com/scalelaw/scalelaw/fit"
	"github.com/scalelaw/scalelaw/sweep"
)

// Ask is a question about a sweep's runs. Options that are not zero replace the defaults; law,
// rule, group and convention are the question's.
type Ask struct {
	sweep.FitAsk
	Cut
	Unit    Unit
	Options fit.Options
}

// Cut leaves runs out of a question, each with the reason on the record. Zero cuts nothing.
type Cut struct {
	ComputeFrom float64 // runs of less compute, in GMACs, are left out
	ErrorUpTo   float64 // runs of a higher error are left out
}

// Check names what cannot be asked. The error wraps sweep.ErrBadInput.
func (a Ask) Check() error {
	if err := a.FitAsk.Check(); err != nil {
		return err
	}
	if !(a.ComputeFrom >= 0) || !(a.ErrorUpTo >= 0) {
		return fmt.Errorf("%w: compute from %g, error up to %g: both are numbers above 0, or 0 for all runs", sweep.ErrBadInput, a.ComputeFrom, a.ErrorUpTo)
	}
	return a.Unit.check(a.GroupBy)
}

// Fit answers a question about runs, a record a group. A refusal is an answer.
func (a Ask) Fit(ctx context.Context, version, name string, runs []sweep.ScoredRun) ([]fit.Record, error) {
	if err := a.Check(); err != nil {
		return nil, fmt.Errorf("fit sweep %s: %w", name, err)
	}
	var fitted []fit.Record
	for _, q := range Questions(name, runs, a.FitAsk) {
		a.Cut.apply(&q)
		a.Unit.apply(&q)
		q.Options = asked(q.Options, a.Options)
		q.Options.Version = version
		if Converted(a.Metric) {
			q.Options.Notes = []fit.Note{{Code: "converted", Text: a.Metric + " is a share of successes; E is 1 minus it"}}
		}
		r, err := fit.NewRecord(ctx, q)
		if err != nil {
			return nil, fmt.Errorf("fit sweep %s: %w", name, err)
		}
		fitted = append(fitted, r)
	}
	return fitted, nil
}

// Keeper is what a question is put to, and its answer kept by.
type Keeper interface {
	FitInputs(ctx context.Context, name, metric string) ([]sweep.ScoredRun, error)
	AddFit(ctx context.Context, r fit.Record) error
}

// Put puts the question to a sweep as it stands, and stores the answers if wanted.
func (a Ask) Put(ctx context.Context, k Keeper, version, name string, record bool) ([]fit.Record, error) {
	if err := a.Check(); err != nil {
		return nil, fmt.Errorf("fit sweep %s: %w", name, err)
	}
	runs, err := k.FitInputs(ctx, name, a.Metric)
	if err != nil {
		return nil, fmt.Errorf("fit sweep %s: %w", name, err)
	}
	fitted, err := a.Fit(ctx, version, name, runs)
	if err != nil || !record {
		return fitted, err
	}
	for _, r := range fitted {
		if err := k.AddFit(ctx, r); err != nil {
			return nil, err
		}
	}
	return fitted, nil
}

// asked is more with what a question itself decides.
func asked(question, more fit.Options) fit.Options {
	pad := cmp.Or(more.Pad, question.Pad)
	more.Law, more.Rule, more.Group, more.Convention, more.Pad = question.Law, question.Rule, question.Group, question.Convention, pad
	return more
}

// apply leaves out the inputs that the cut is about.
func (c Cut) apply(r *fit.Record) {
	for i := range r.Inputs {
		in := &r.Inputs[i]
		switch {
		case in.E <= 0:
		case in.C < c.ComputeFrom:
			in.E, in.Reason = 0, fmt.Sprintf("left out as asked: its compute is below %.4g GMACs", c.ComputeFrom)
		case c.ErrorUpTo > 0 && in.E > c.ErrorUpTo:
			in.E, in.Reason = 0, fmt.Sprintf("left out as asked: its error is %.4g, above %.4g", in.E, c.ErrorUpTo)
		}
	}
}

// Command puts the same question on the command line, and stores the answer.
func (a Ask) Command(name string) string {
	text := "scalelaw fit new " + name + " --metric " + a.Metric
	for _, o := range []struct{ flag, value, usual string }{{"law", a.Law, "power"}, {"rule", a.Rule, ""}, {"group-by", a.GroupBy, ""}, {"select", a.Select, "best"}} {
		if o.value != "" && o.value != o.usual {
			text += " --" + o.flag + " " + o.value
		}
	}
	for _, o := range []struct {
		flag         string
		value, usual float64
	}{{"level", a.Options.Level, 0.95}, {"compute-from", a.ComputeFrom, 0}, {"error-up-to", a.ErrorUpTo, 0}, {"chance", a.Options.Chance, 0}, {"holdout-above", a.Options.HoldoutAbove, 0}} {
		if o.value != 0 && o.value != o.usual {
			text += fmt.Sprintf(" --%s %g", o.flag, o.value)
		}
	}
	return text
}
