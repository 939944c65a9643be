package web

import (
	"context"
	"fmt"

	"github.com/scalelaw/scalelaw/fit"
	"github.com/scalelaw/scalelaw/study"
	"github.com/scalelaw/scalelaw/sweep"
)

// versus is a second study laid over the first: the same question put to it, and what the two
// laws tell about each other.
type versus struct {
	Name    string
	records []fit.Record
	fit.Comparison
	Words string // why there is no comparison; empty: there is one
}

func (s *Server) versus(ctx context.Context, name string, c choices, ask study.Ask, first []fit.Record, runs []sweep.ScoredRun) (*versus, error) {
	v := &versus{Name: c.With}
	var err error
	if v.records, err = ask.Fit(ctx, s.options.Version, c.With, runs); err != nil {
		return nil, err
	}
	if len(first) != 1 || len(v.records) != 1 {
		v.Words = "Laws of one group are compared; these are several. Leave out the grouping, or pick one group."
		return v, nil
	}
	a, b := first[0].Side(), v.records[0].Side()
	a.Name, b.Name = name, c.With
	if v.Comparison, err = fit.Compare(ctx, a, b, fit.CompareOptions{Level: c.Level, Bootstrap: ask.Options.Bootstrap, Version: s.options.Version}); err != nil {
		return nil, err
	}
	if v.Reason != nil {
		v.Words = "The two are not compared: " + v.Reason.Text + "."
	}
	return v, nil
}

// Says is the verdict in a sentence.
func (v *versus) Says() string {
	if v.Verdict == nil {
		return v.Words
	}
	text := fmt.Sprintf("The laws of %s and %s are %s at level %g, over compute from %.4g to %.4g (bootstrap p = %.2g", v.A.Name, v.B.Name, v.Verdict.Text, v.Level, v.Verdict.Over[0], v.Verdict.Over[1], v.Verdict.P)
	if v.Verdict.StudentP != nil {
		text += fmt.Sprintf(", F-test p = %.2g", *v.Verdict.StudentP)
	}
	text += ")."
	if x := v.Crossing; x != nil {
		better := v.A.Name
		if x.Better == "b" {
			better = v.B.Name
		}
		text += fmt.Sprintf(" They cross at C = %.4g; above it %s has the lower error.", x.C, better)
	}
	return text
}
