package store

import (
	"slices"
	"strings"
	"testing"

	"github.com/scalelaw/scalelaw/sweep"
)

// Deleting a sweep takes the runs that nobody else uses, and their artifacts.
func TestDelete(t *testing.T) {
	s, runs := open(t), makeRuns(t, 4)
	create(t, s, "one", runs[:3], 3, 0)
	create(t, s, "two", runs[2:], 2, 0)
	for _, r := range runs[:3] {
		succeed(t, s, r, 0.5)
	}
	must(t, s.AddFit(ctx, fitOf("of-one", "one", runs[:3], -0.1)))
	must(t, s.AddFit(ctx, fitOf("of-two", "two", []sweep.Run{runs[2], runs[1]}, -0.1))) // uses a run of the other
	last := checkpoint(runs[0], 1, runs[0].Steps(), true)
	want := Removal{Sweeps: []string{"one"}, Runs: []string{runs[0].ID}, Fits: []string{"of-one"}, Artifacts: []sweep.Artifact{last.Weights, *last.State}, Bytes: 300}
	for _, dry := range []bool{true, true, false} {
		got, err := s.Delete(ctx, "one", dry)
		must(t, err)
		slices.SortFunc(got.Artifacts, func(a, b sweep.Artifact) int { return -strings.Compare(a.SHA256, b.SHA256) })
		equal(t, "removal", got, want)
	}
	if n := count(t, s, "select count(*) from runs"); n != 3 {
		t.Errorf("%d runs are left, want 3", n)
	}
	if n := count(t, s, "select count(*) from fits"); n != 1 {
		t.Errorf("%d fits are left, want 1", n)
	}
	if n := count(t, s, "select count(*) from metrics") + count(t, s, "select count(*) from checkpoints"); n != 4 {
		t.Errorf("%d metrics and checkpoints are left, want those of 2 runs", n)
	}
	if _, err := s.Sweep(ctx, "two"); err != nil {
		t.Error(err)
	}
}

// Prune takes what no sweep and no fit uses, which a deletion had to leave.
func TestPrune(t *testing.T) {
	s, runs := open(t), makeRuns(t, 3)
	create(t, s, "one", runs, 3, 0)
	succeed(t, s, runs[0], 0.5)
	if got, err := s.Prune(ctx, false); err != nil || len(got.Runs) != 0 {
		t.Errorf("pruned %v (%v) of a sweep that is there", got.Runs, err)
	}
	_, err := s.exec(ctx, "orphan", "delete from sweeps")
	must(t, err)
	dry, err := s.Prune(ctx, true)
	must(t, err)
	got, err := s.Prune(ctx, false)
	must(t, err)
	equal(t, "dry and real", got, dry)
	if len(got.Runs) != 3 || got.Bytes != 300 || len(got.Artifacts) != 2 {
		t.Errorf("%+v", got)
	}
	if n := count(t, s, "select count(*) from runs"); n != 0 {
		t.Errorf("%d runs are left", n)
	}
}
