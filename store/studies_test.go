package store

import (
	"strings"
	"testing"
	"time"

	"github.com/scalelaw/scalelaw/sweep"
)

// study is a sweep of 12 runs: the first ten have a score of their number in tenths, the eleventh
// failed, and the last one trains.
func study(t *testing.T) (*Store, []sweep.Run) {
	t.Helper()
	s, runs := open(t), makeRuns(t, 12)
	create(t, s, "grid", runs, 12, 0)
	for i, r := range runs[:10] {
		succeed(t, s, r, float64(i+1)/10)
	}
	must(t, s.SetRunState(ctx, runs[10].ID, sweep.Failed, "Out of Luck"))
	n := begin(t, s, runs[11].ID, 0)
	must(t, s.AddMetrics(ctx, runs[11].ID, n, []sweep.Metric{
		{Name: "loss", Step: 2, SamplesSeen: 512, Value: 3}, {Name: "samples_per_second", Step: 2, SamplesSeen: 512, Value: 64}}))
	return s, runs
}

func idsOf(runs []sweep.Run, places ...int) (ids []string) {
	for _, i := range places {
		ids = append(ids, runs[i].ID)
	}
	return ids
}

func TestStudies(t *testing.T) {
	s, runs := study(t)
	must(t, s.AddFit(ctx, fitOf("f1", "grid", runs[:3], -0.1)))
	time.Sleep(2 * time.Millisecond)
	must(t, s.AddFit(ctx, fitOf("f2", "grid", runs[:3], -0.1)))
	create(t, s, "later", runs[:1], 1, 1)
	got, err := s.Studies(ctx, "", Page{})
	must(t, err)
	if len(got.Rows) != 2 || got.Rows[0].Name != "later" || got.Rows[0].Laws == nil {
		t.Fatalf("newest first: %+v", got.Rows)
	}
	g := got.Rows[1]
	equal(t, "counts", g.Counts, map[sweep.State]int{sweep.Succeeded: 10, sweep.Failed: 1, sweep.Running: 1})
	equal(t, "device seconds", g.DeviceSeconds, 20.0)
	half := runs[11].GMACsPerSample * (1024 - 512)
	if g.Total != 12 || g.SecondsLeft == nil || *g.SecondsLeft < 7.999 || *g.SecondsLeft > 8.001 {
		t.Errorf("%d cells; left %v, want %g s", g.Total, g.SecondsLeft, half/(runs[11].GMACsPerSample*64))
	}
	if len(g.Laws) != 1 || g.Laws[0].Fit != "f2" || g.Laws[0].Alpha == nil || g.Laws[0].Interval == nil {
		t.Errorf("its newest law: %+v", g.Laws)
	}
	part, err := s.Studies(ctx, "", Page{Limit: 1})
	must(t, err)
	rest, err := s.Studies(ctx, "", Page{Limit: 1, After: part.Next})
	must(t, err)
	named, err := s.Studies(ctx, "RI", Page{})
	must(t, err)
	if len(named.Rows) != 1 || named.Rows[0].Name != "grid" {
		t.Errorf("by name: %+v", named.Rows)
	}
	recent, err := s.RecentSweeps(ctx, 1)
	must(t, err)
	equal(t, "recent", recent, []string{"later"})
	points, err := s.FittedPoints(ctx, []string{"f2", "none"})
	must(t, err)
	if len(points) != 1 || len(points["f2"]) == 0 || len(points["f2"]) > 3 || points["f2"][0][0] <= 0 {
		t.Errorf("points of fits: %v", points)
	}
	equal(t, "the rest", []string{rest.Rows[0].Name, rest.Next}, []string{"grid", ""})
}

func TestNearestNames(t *testing.T) {
	s, runs := study(t)
	create(t, s, "grids", runs[:1], 1, 1)
	must(t, s.AddFit(ctx, fitOf("abcdef0123", "grid", runs[:3], -0.1)))
	near, err := s.NearestSweeps(ctx, "gird")
	must(t, err)
	equal(t, "sweeps", near, []string{"grid"})
	near, err = s.NearestSweeps(ctx, "Grid-s")
	must(t, err)
	equal(t, "sweeps", near, []string{"grids", "grid"})
	mistyped := runs[5].ID[:8] + "ffff"
	near, err = s.NearestRuns(ctx, mistyped)
	must(t, err)
	equal(t, "runs", near, idsOf(runs, 5))
	near, err = s.NearestFits(ctx, "ABCDx")
	must(t, err)
	equal(t, "fits", near, []string{"abcdef0123"})
	for _, none := range []string{"", "zzzz", strings.Repeat("f", 1000)} {
		near, err = s.NearestRuns(ctx, none)
		if err != nil || len(near) > 0 {
			t.Errorf("%.10q is like %v (%v)", none, near, err)
		}
	}
}
