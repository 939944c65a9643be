package store

import (
	"errors"
	"slices"
	"testing"

	"github.com/scalelaw/scalelaw/sweep"
)

func TestRunList(t *testing.T) {
	s, runs := open(t), makeRuns(t, 6)
	create(t, s, "grid", runs[:5], 5, 0)
	create(t, s, "other", runs[5:], 1, 0)
	for i, r := range runs[:3] {
		succeed(t, s, r, 0.5-0.1*float64(i))
	}
	_, err := s.Exclude(ctx, Exclusion{RunID: runs[0].ID, Author: "eve", Reason: "odd"})
	must(t, err)
	ids := func(f RunFilter, limit int) (all []string) {
		t.Helper()
		for p := (Page{Limit: limit}); ; {
			part, err := s.RunList(ctx, f, p)
			must(t, err)
			for _, r := range part.Rows {
				all = append(all, r.ID)
			}
			if p.After = part.Next; part.Next == "" {
				return all
			}
		}
	}
	named := func(of ...int) (all []string) {
		for _, i := range of {
			all = append(all, runs[i].ID)
		}
		return all
	}
	score := RunFilter{Sweep: "grid", Metric: "icons-test/top1_error"}
	byError, worst := score, score
	byError.Sort, worst.Sort = "error", "-error"
	for name, c := range map[string]struct {
		f    RunFilter
		want []string
	}{
		"asked for last first": {RunFilter{Sweep: "grid"}, named(4, 3, 2, 1, 0)},
		"of a sweep":           {RunFilter{Sweep: "grid", Sort: "asked"}, named(0, 1, 2, 3, 4)},
		"by error":             {byError, named(2, 1, 0)},
		"worst first":          {worst, named(0, 1, 2)},
		"by state":             {RunFilter{State: sweep.Planned, Sweep: "grid", Sort: "asked"}, named(3, 4)},
		"by id":                {RunFilter{Text: runs[4].ID[:20]}, named(4)},
		"nothing":              {RunFilter{Model: "none"}, nil},
	} {
		for _, limit := range []int{1, 2, 100} {
			got := ids(c.f, limit)
			if c.f.Metric != "" { // those without a score come last, in some order
				got = got[:len(c.want)]
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("%s, %d at once: %v, want %v", name, limit, got, c.want)
			}
		}
	}
	if all := ids(RunFilter{}, 2); len(all) != 6 || all[0] != runs[5].ID {
		t.Errorf("of all sweeps: %v", all)
	}
	first, err := s.RunList(ctx, worst, Page{Limit: 1})
	must(t, err)
	if r := first.Rows[0]; !r.Excluded || r.Score == nil || *r.Score != 0.5 || r.Step != runs[0].Steps() || r.Steps != runs[0].Steps() || r.Loss == nil || r.LearningRate != runs[0].Recipe.LearningRate {
		t.Errorf("%+v", r)
	}
	for _, bad := range []RunFilter{{Sort: "size; drop table runs"}, {Metric: "top1"}} {
		if _, err := s.RunList(ctx, bad, Page{}); !errors.Is(err, sweep.ErrBadInput) {
			t.Errorf("%+v: %v", bad, err)
		}
	}
}
