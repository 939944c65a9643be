package web

import (
	"cmp"
	"slices"

	"github.com/scalelaw/scalelaw/fit"
)

// runRow is a point of a law in the table of runs.
type runRow struct {
	Point, Model, Data, Group string
	Runs                      []string // behind it
	Samples                   int64
	C, E                      float64 // E is 0 where there is none
	Used                      bool
	Why                       string // it is not used
}

// allRows are the points of every law: those that it rests on first, then by compute.
func (a *lawAnswer) allRows(c choices) []runRow {
	var all []runRow
	for _, r := range a.Records {
		for _, in := range r.Inputs {
			all = append(all, a.row(r, in))
		}
	}
	slices.SortStableFunc(all, func(x, y runRow) int {
		return cmp.Or(cmp.Compare(btoi(y.Used), btoi(x.Used)), cmp.Compare(btoi(x.E == 0), btoi(y.E == 0)), cmp.Compare(x.C, y.C), cmp.Compare(x.E, y.E))
	})
	return all
}

func (a *lawAnswer) row(r fit.Record, in fit.Evidence) runRow {
	row := runRow{Point: in.ID, Runs: in.Runs, C: in.C, E: in.E, Used: in.Used, Why: in.Reason}
	if r.Options.Group != nil {
		row.Group = *r.Options.Group
	}
	if len(in.Runs) > 0 {
		run := a.runs[in.Runs[0]]
		row.Model, row.Data, row.Samples = run.Model.Name, run.Data.Name, run.SamplesSeen
	}
	return row
}

// rows are a part of the table.
func (a *lawAnswer) rows(first, n int) []runRow {
	first = min(first, len(a.Rowed))
	return a.Rowed[first:min(first+n, len(a.Rowed))]
}

// Used is how many points the laws rest on.
func (a *lawAnswer) Used() (n int) {
	for _, r := range a.Rowed {
		n += btoi(r.Used)
	}
	return n
}
