package store

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/scalelaw/scalelaw/sweep"
)

func TestCreateExtendReuse(t *testing.T) {
	s, runs := open(t), makeRuns(t, 12)
	for range 2 { // a retried activity
		create(t, s, "first", runs[:8], 8, 0)
	}
	create(t, s, "first", append(slices.Clone(runs[6:]), runs[0]), 12, 0) // extended, in another order
	cells, err := s.Cells(ctx, "first", 0, 100)
	must(t, err)
	for i, c := range cells {
		equal(t, "cell", c, sweep.Cell{Sweep: "first", Ordinal: i, RunID: runs[i].ID, Origin: sweep.Planned, State: sweep.Planned})
	}
	some, err := s.Cells(ctx, "first", 5, 3)
	if err != nil || len(some) != 3 || some[0].Ordinal != 5 {
		t.Errorf("cells from 5: %+v (%v)", some, err)
	}
	succeed(t, s, runs[1], 0.5)
	create(t, s, "second", runs[:2], 2, 1)
	create(t, s, "second", runs[:2], 2, 1)
	read, err := s.Runs(ctx, []string{runs[3].ID, runs[0].ID})
	must(t, err)
	equal(t, "runs in the order asked", read, []sweep.Run{runs[3], runs[0]})
	if _, err := s.Runs(ctx, []string{runs[0].ID, "none"}); !errors.Is(err, sweep.ErrNotFound) {
		t.Errorf("a run that is not there: %v", err)
	}
	known, err := s.KnownRuns(ctx, []string{runs[0].ID, runs[1].ID, "none"})
	must(t, err)
	equal(t, "known", known, sweep.Known{runs[0].ID: {State: sweep.Planned}, runs[1].ID: {State: sweep.Succeeded, Checkpoints: 1}})
	names, err := s.RunSweeps(ctx, runs[0].ID)
	must(t, err)
	equal(t, "sweeps of a run", names, []string{"first", "second"})
	if n := count(t, s, "select count(*) from models"); n != 4 {
		t.Errorf("%d models, want 4", n)
	}
}

// Sweeps that share cells and are created at once, in opposite orders, make each run once.
func TestCreateAtOnce(t *testing.T) {
	s, runs := open(t), makeRuns(t, 400)
	backwards := slices.Clone(runs)
	slices.Reverse(backwards)
	var wait sync.WaitGroup
	for i, plan := range [][]sweep.Run{runs, backwards, runs, backwards} {
		wait.Go(func() {
			if total, _, err := s.CreateSweep(ctx, record("sweep-"+string(rune('a'+i))), plan); err != nil || total != 400 {
				t.Errorf("%d cells: %v", total, err)
			}
		})
	}
	wait.Wait()
	if n := count(t, s, "select count(*) from runs"); n != 400 {
		t.Errorf("%d runs, want 400", n)
	}
}

// A plan with a run that the schema refuses leaves nothing behind.
func TestCreateIsAllOrNothing(t *testing.T) {
	s, runs := open(t), makeRuns(t, 3)
	runs[2].ActualSamplesSeen = 0
	if _, _, err := s.CreateSweep(ctx, record("broken"), runs); err == nil || !strings.Contains(err.Error(), "runs_actual_samples_positive") {
		t.Errorf("a run without samples: %v", err)
	}
	if n := count(t, s, "select (select count(*) from sweeps) + (select count(*) from runs) + (select count(*) from models)"); n != 0 {
		t.Errorf("%d rows are left", n)
	}
}

func TestSweepStates(t *testing.T) {
	s, runs := open(t), makeRuns(t, 4)
	create(t, s, "icons-ladder", runs, 4, 0)
	for range 2 {
		must(t, s.SetSweepState(ctx, "icons-ladder", sweep.Failed, "a run failed"))
	}
	r, err := s.Sweep(ctx, "icons-ladder")
	if err != nil || r.State != sweep.Failed || r.Reason != "a run failed" || r.EndedAt.IsZero() || r.SpecSHA256 != "sha of icons-ladder" {
		t.Errorf("%+v (%v)", r, err)
	}
	for _, state := range []sweep.State{sweep.Running, sweep.Paused, sweep.BudgetReached, sweep.Cancelling} {
		must(t, s.SetSweepState(ctx, "icons-ladder", state, ""))
		if r, err = s.Sweep(ctx, "icons-ladder"); err != nil || r.State != state || !r.EndedAt.IsZero() {
			t.Errorf("%s: it is %s and has ended at %v (%v)", state, r.State, r.EndedAt, err)
		}
	}
	_, errSweep := s.Sweep(ctx, "icons-lader")
	_, errSummary := s.SweepSummary(ctx, "icons-lader")
	_, errRuns := s.SweepRuns(ctx, "icons-lader")
	_, errDelete := s.Delete(ctx, "icons-lader", true)
	for _, err := range []error{errSweep, errSummary, errRuns, errDelete, s.SetSweepState(ctx, "icons-lader", sweep.Running, "")} {
		if !errors.Is(err, sweep.ErrNotFound) || !strings.Contains(err.Error(), `"icons-ladder"`) {
			t.Errorf("a misspelt name: %v", err)
		}
	}
}

func TestSummaries(t *testing.T) {
	s, runs := open(t), makeRuns(t, 4)
	succeed(t, s, planned(t, s, runs[0]), 0.5)
	create(t, s, "one", runs, 4, 1)
	must(t, s.SetRunState(ctx, runs[1].ID, sweep.Diverged, "loss is NaN at step 3"))
	all, err := s.Sweeps(ctx)
	if err != nil || len(all) != 2 {
		t.Fatalf("%d sweeps (%v)", len(all), err)
	}
	one, err := s.SweepSummary(ctx, "one")
	must(t, err)
	equal(t, "of the list", all[1], one)
	equal(t, "counts", one.Counts, map[sweep.State]int{sweep.Succeeded: 1, sweep.Diverged: 1, sweep.Planned: 2})
	whole := runs[0].GMACsTotal + runs[1].GMACsTotal + runs[2].GMACsTotal + runs[3].GMACsTotal
	if one.Total != 4 || one.Reused != 1 || one.DeviceSeconds != 2 || one.GMACsDone != runs[0].GMACsTotal || one.GMACsTotal < whole*(1-1e-12) || one.GMACsTotal > whole*(1+1e-12) {
		t.Errorf("%+v", one)
	}
	list, err := s.SweepRuns(ctx, "one")
	must(t, err)
	loss := 2.5
	equal(t, "a run that succeeded", list[0], sweep.RunSummary{Run: runs[0], State: sweep.Succeeded, Step: 4, Attempts: 1, DeviceSeconds: 2,
		Loss: &loss, Scores: []sweep.Evaluation{score(runs[0], 4, 0.5)}})
	equal(t, "one that diverged", list[1], sweep.RunSummary{Run: runs[1], State: sweep.Diverged, Reason: "loss is NaN at step 3", Scores: []sweep.Evaluation{}})
	found, err := s.FindRun(ctx, runs[0].ID[:10])
	must(t, err)
	equal(t, "found by prefix", found, list[0])
	if _, err := s.FindRun(ctx, ""); !errors.Is(err, sweep.ErrBadInput) || !strings.Contains(err.Error(), runs[0].ID) {
		t.Errorf("an ambiguous prefix: %v", err)
	}
	if _, err := s.FindRun(ctx, "none"); !errors.Is(err, sweep.ErrNotFound) {
		t.Errorf("no such run: %v", err)
	}
	if _, err := s.FindRun(ctx, runs[0].ID[:10]+"zz"); !errors.Is(err, sweep.ErrNotFound) || !strings.Contains(err.Error(), runs[0].ID) {
		t.Errorf("nearly a run: %v", err)
	}
	speed, err := s.Throughput(ctx)
	must(t, err)
	equal(t, "samples per device second", speed, map[string]float64{runs[0].Model.Name: 512})
}

// planned makes a run known through a sweep of its own.
func planned(t *testing.T, s *Store, r sweep.Run) sweep.Run {
	t.Helper()
	create(t, s, "only-"+r.ID[:8], []sweep.Run{r}, 1, 0)
	time.Sleep(time.Millisecond)
	return r
}
