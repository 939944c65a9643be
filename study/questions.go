package study

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/scalelaw/scalelaw/fit"
	"github.com/scalelaw/scalelaw/sweep"
)

// Questions turns a sweep's scored runs into what the fits of one ask are about: a record
// without its result a group. With select best, the seeds of a cell (model, data, samples
// seen) and recipe are averaged into one point and the recipe with the lowest mean stands for
// the cell; with all, each run is a point. Runs that are left out stay on the record with the
// reason.
func Questions(name string, runs []sweep.ScoredRun, ask sweep.FitAsk) []fit.Record {
	var records []fit.Record
	for _, group := range groupsOf(runs, ask.GroupBy) {
		var inputs []fit.Evidence
		if ask.Select == "all" {
			inputs = everyRun(group.runs, ask.Metric)
		} else {
			inputs = bestOfCells(group.runs, ask.Metric)
		}
		records = append(records, fit.Record{
			Sweep: name, Metric: ask.Metric, GroupBy: ask.GroupBy, Select: cmp.Or(ask.Select, "best"), Inputs: inputs,
			Options: fit.Options{Law: ask.Law, Rule: ask.Rule, Pad: fit.DefaultPad, Group: group.name, Convention: sweep.ComputeConvention},
		})
	}
	return records
}

// Converted reports whether a metric is a share of successes, whose error is 1 minus it.
func Converted(metric string) bool {
	_, name, _ := strings.Cut(metric, "/")
	return strings.Contains(name, "recall") || strings.Contains(name, "accuracy")
}

type runGroup struct {
	name *string
	runs []sweep.ScoredRun
}

// groupsOf splits runs by a field, in order of first appearance.
func groupsOf(runs []sweep.ScoredRun, by string) []runGroup {
	if by == "" {
		return []runGroup{{runs: runs}}
	}
	var groups []runGroup
	for _, r := range runs {
		name := r.Data.Name
		if by == "model" {
			name = r.Model.Name
		}
		i := slices.IndexFunc(groups, func(g runGroup) bool { return *g.name == name })
		if i < 0 {
			i = len(groups)
			groups = append(groups, runGroup{name: &name})
		}
		groups[i].runs = append(groups[i].runs, r)
	}
	return groups
}

func cellOf(r sweep.ScoredRun) string {
	return fmt.Sprintf("%s on %s, %d samples seen", r.Model.Name, r.Data.Name, r.ActualSamplesSeen)
}

// everyRun makes each run a point; seeds of a cell are one cluster of the bootstrap.
func everyRun(runs []sweep.ScoredRun, metric string) []fit.Evidence {
	var all []fit.Evidence
	for _, r := range runs {
		e := evidence(r, metric)
		e.Cluster = cellOf(r)
		all = append(all, e)
	}
	return all
}

// evidence is a run as one point, or as an input without a score and the reason.
func evidence(r sweep.ScoredRun, metric string) fit.Evidence {
	e := fit.Evidence{Point: pointOf(r), Runs: []string{r.ID}, Reason: r.Reason}
	if r.Score == nil {
		return e
	}
	if v := r.Score.Value; !math.IsNaN(v) && !math.IsInf(v, 0) { // a record is JSON, which has no such number
		e.Scores = []fit.Score{{Run: r.ID, Step: r.Score.Step, Checkpoint: r.Checkpoint, Revision: r.Score.Revision, Evaluator: r.Score.Evaluator, Value: v}}
	}
	e.E, e.Step, e.Revision, e.Evaluator = errorOf(metric, r.Score.Value), r.Score.Step, r.Score.Revision, r.Score.Evaluator
	if e.E == 0 {
		e.Reason = "its error is 0, which a power law cannot have"
	} else if !(e.E > 0 && e.E <= 1) { // one such run must not keep all others from being fitted
		e.E, e.Reason = 0, fmt.Sprintf("its error is %g, which is no fraction above 0", e.E)
	}
	return e
}

// pointOf is a run without its error: N is GMACs a sample, so that C = N D.
func pointOf(r sweep.ScoredRun) fit.Point {
	return fit.Point{ID: r.ID, C: r.GMACsTotal, N: r.GMACsPerSample, D: float64(r.ActualSamplesSeen), U: float64(r.Data.Pairs)}
}

func errorOf(metric string, value float64) float64 {
	if Converted(metric) {
		return 1 - value
	}
	return value
}

// recipeGroup is the seeds of one cell and recipe.
type recipeGroup struct {
	cell string
	runs []fit.Evidence
	mean float64
}

// bestOfCells averages seeds and keeps the best recipe of each cell.
func bestOfCells(runs []sweep.ScoredRun, metric string) []fit.Evidence {
	var out []fit.Evidence
	var groups []*recipeGroup
	byKey := map[string]*recipeGroup{}
	for _, r := range runs {
		e := evidence(r, metric)
		if e.E == 0 {
			out = append(out, e)
			continue
		}
		key := fmt.Sprintf("%s %+v", cellOf(r), r.Recipe)
		g, ok := byKey[key]
		if !ok {
			g = &recipeGroup{cell: cellOf(r)}
			byKey[key], groups = g, append(groups, g)
		}
		g.runs = append(g.runs, e)
	}
	best := map[string]*recipeGroup{}
	for _, g := range groups {
		for _, e := range g.runs {
			g.mean += e.E / float64(len(g.runs))
		}
		if b, ok := best[g.cell]; !ok || g.mean < b.mean {
			best[g.cell] = g
		}
	}
	for _, g := range groups {
		out = append(out, g.point(best[g.cell])...)
	}
	return out
}

// point is the group's mean when it is the best of its cell; else its runs, with the reason
// why they do not count.
func (g *recipeGroup) point(best *recipeGroup) []fit.Evidence {
	if g != best {
		out := slices.Clone(g.runs)
		for i := range out {
			out[i].E, out[i].Reason = 0, fmt.Sprintf("another recipe is better on %s: mean error %.4g instead of %.4g", g.cell, best.mean, g.mean)
		}
		return out
	}
	p := g.runs[0]
	p.E, p.Runs, p.Scores = g.mean, nil, nil
	for _, e := range g.runs {
		p.Runs, p.Scores = append(p.Runs, e.ID), append(p.Scores, e.Scores...)
	}
	if len(g.runs) > 1 {
		p.ID = g.cell
	}
	return []fit.Evidence{p}
}
