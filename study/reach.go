package study

import (
	"cmp"
	"context"
	"slices"

	"github.com/scalelaw/scalelaw/fit"
	"github.com/scalelaw/scalelaw/store"
)

// Reached is what it takes to reach an error, by the law that was asked or, where it is that of
// one data set, by its neighbours of the other data sets, too.
type Reached struct {
	Fit   string  `json:"fit"`
	Group *string `json:"group"`
	fit.Target
	Cell     *Cell `json:"cell"`     // what to train; null when the law is refused there
	Cheapest *bool `json:"cheapest"` // of the laws that reach this error; null where no two do
}

// Reach turns laws round: from errors to compute and cells. It gives the laws that it asked, the
// first of them the one named.
func Reach(ctx context.Context, s Reader, asked fit.Record, targets []float64) ([]Reached, []fit.Record, error) {
	laws, err := neighbours(ctx, s, asked)
	if err != nil {
		return nil, nil, err
	}
	var all []Reached
	for _, law := range laws {
		found, err := reachBy(ctx, s, law, targets)
		if err != nil {
			return nil, nil, err
		}
		all = append(all, found...)
	}
	markCheapest(all)
	return all, laws, nil
}

// neighbours are the newest fits of the same question about the other data sets, the asked one
// first. A law over all data, or of one model, stands alone.
func neighbours(ctx context.Context, s Reader, asked fit.Record) ([]fit.Record, error) {
	laws := []fit.Record{asked}
	if asked.GroupBy != "data" {
		return laws, nil
	}
	all, err := s.Fits(ctx, store.FitFilter{Sweep: asked.Sweep, Metric: asked.Metric, Law: asked.Options.Law, Rule: asked.Options.Rule})
	for _, f := range all {
		if f.GroupBy == "data" && f.Select == asked.Select && *f.Options.Group != *asked.Options.Group {
			laws = append(laws, f)
		}
	}
	return laws, err
}

func reachBy(ctx context.Context, s Reader, law fit.Record, errs []float64) ([]Reached, error) {
	targets, err := law.Reach(ctx, errs)
	if err != nil || len(targets) == 0 {
		return nil, err
	}
	family, err := familyOf(ctx, s, law)
	if err != nil {
		return nil, err
	}
	var all []Reached
	for _, t := range targets {
		v := Reached{Fit: law.ID, Group: law.Options.Group, Target: t}
		if t.Status == "ok" {
			best, err := law.Split(t.C)
			if err != nil {
				return nil, err
			}
			v.Cell = family.cell(t, best)
			v.Warnings = append(v.Warnings, v.Cell.notes...)
		}
		all = append(all, v)
	}
	return all, nil
}

// Spend is the cell that a law finds best for each amount of compute, in GMACs, with warnings
// about it; nothing for a law that was refused.
func Spend(ctx context.Context, s Reader, law fit.Record, compute []float64) ([]Cell, error) {
	if law.Result.Status != "ok" {
		return nil, nil
	}
	family, err := familyOf(ctx, s, law)
	if err != nil {
		return nil, err
	}
	var cells []Cell
	for _, c := range compute {
		best, err := law.Split(c)
		if err != nil {
			return nil, err
		}
		cell := family.cell(fit.Target{C: c}, best)
		cell.Warnings = cell.notes
		cells = append(cells, *cell)
	}
	return cells, nil
}

// markCheapest tells, for each error that several laws reach, which gets there with the least
// compute.
func markCheapest(all []Reached) {
	reaching := map[float64][]int{}
	for i, v := range all {
		if v.Status == "ok" {
			reaching[v.E] = append(reaching[v.E], i)
		}
	}
	for _, laws := range reaching {
		if len(laws) < 2 {
			continue
		}
		best := slices.MinFunc(laws, func(a, b int) int { return cmp.Compare(all[a].C, all[b].C) })
		for _, i := range laws {
			is := i == best
			all[i].Cheapest = &is
		}
	}
}
