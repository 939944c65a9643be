package store

import (
	"errors"
	"math"
	"testing"

	"github.com/scalelaw/scalelaw/sweep"
)

func TestGridRuns(t *testing.T) {
	s := open(t)
	runs := makeRuns(t, 4)
	create(t, s, "before", runs[:1], 1, 0)
	succeed(t, s, runs[0], 0.3)
	create(t, s, "s", runs, 4, 1)
	n := begin(t, s, runs[1].ID, 0)
	must(t, s.SetRunState(ctx, runs[1].ID, sweep.Running, ""))
	must(t, s.AddMetrics(ctx, runs[1].ID, n, []sweep.Metric{
		{Name: "loss", Step: 1, SamplesSeen: 256, Value: 3}, {Name: "loss", Step: 2, SamplesSeen: 512, Value: 2}, {Name: "samples_per_second", Step: 2, SamplesSeen: 512, Value: 100},
	}))
	must(t, s.SetRunState(ctx, runs[2].ID, sweep.Diverged, "the loss is NaN"))
	if _, err := s.Exclude(ctx, Exclusion{RunID: runs[0].ID, Author: "a", Reason: "bad host"}); err != nil {
		t.Fatal(err)
	}
	got, err := s.GridRuns(ctx, "s", "icons-test/top1_error", []string{"learning_rate", "moon"})
	if err != nil || len(got) != 4 {
		t.Fatalf("%d runs (%v)", len(got), err)
	}
	done, running, diverged, left := got[0], got[1], got[2], got[3]
	if done.State != sweep.Succeeded || done.Origin != sweep.Reused || done.Progress != 1 || done.Excluded != "bad host" || done.Worker != "" || done.Score == nil || *done.Score != 0.3 {
		t.Errorf("reused: %+v", done)
	}
	if running.State != sweep.Running || running.Progress != 0.5 || running.Speed != 100 || running.Worker != "w" || running.Device != "cpu" || running.Score != nil {
		t.Errorf("running: %+v", running)
	}
	if diverged.State != sweep.Diverged || diverged.Reason != "the loss is NaN" || diverged.Progress != 0 {
		t.Errorf("diverged: %+v", diverged)
	}
	if left.Model != runs[3].Model.Name || left.GMACs != runs[3].GMACsTotal || left.Seed != 3 {
		t.Errorf("planned: %+v", left)
	}
	equal(t, "fields", left.Fields, []string{"0.001", ""})
	must(t, s.AddMetrics(ctx, runs[1].ID, n, []sweep.Metric{{Name: "samples_per_second", Step: 3, SamplesSeen: 768, Value: math.Inf(1)}}))
	if got, err := s.GridRuns(ctx, "s", "", nil); err != nil || got[1].Speed != 0 || len(got[1].Fields) != 0 {
		t.Errorf("a speed that is no number: %+v (%v)", got, err)
	}
	if _, err := s.GridRuns(ctx, "none", "", nil); !errors.Is(err, sweep.ErrNotFound) {
		t.Errorf("no such sweep: %v", err)
	}
}
