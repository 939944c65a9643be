package store

import (
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/scalelaw/scalelaw/sweep"
)

func oneRun(t *testing.T) (*Store, sweep.Run) {
	t.Helper()
	s := open(t)
	return s, planned(t, s, makeRuns(t, 1)[0])
}

func TestRunStates(t *testing.T) {
	s, r := oneRun(t)
	for range 2 {
		must(t, s.SetRunState(ctx, r.ID, sweep.Failed, "out of memory"))
	}
	if state, reason, err := s.RunState(ctx, r.ID); state != sweep.Failed || reason != "out of memory" || err != nil {
		t.Errorf("%s, %q (%v)", state, reason, err)
	}
	must(t, s.SetRunState(ctx, r.ID, sweep.Succeeded, ""))
	must(t, s.SetRunState(ctx, r.ID, sweep.Cancelled, "too late")) // succeeded is never left
	if state, reason, err := s.RunState(ctx, r.ID); state != sweep.Succeeded || reason != "" || err != nil {
		t.Errorf("%s, %q (%v)", state, reason, err)
	}
	if err := s.SetRunState(ctx, "none", sweep.Running, ""); !errors.Is(err, sweep.ErrNotFound) {
		t.Errorf("no such run: %v", err)
	}
	if _, _, err := s.RunState(ctx, "none"); !errors.Is(err, sweep.ErrNotFound) {
		t.Errorf("no such run: %v", err)
	}
}

func TestAttempts(t *testing.T) {
	s, r := oneRun(t)
	begun := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	a := sweep.Attempt{RunID: r.ID, Worker: "w", Host: "h", Device: "cpu", StartedAt: begun}
	for want := 1; want <= 2; want++ {
		if n, err := s.BeginAttempt(ctx, a); n != want || err != nil {
			t.Fatalf("attempt %d, want %d (%v)", n, want, err)
		}
		a.StartedAt = begun.Add(time.Minute)
	}
	end := sweep.Attempt{RunID: r.ID, Number: 2, EndedAt: begun.Add(3 * time.Minute), DeviceSeconds: 120, Outcome: sweep.Succeeded, Device: "cpu (2 threads)"}
	for range 2 {
		must(t, s.EndAttempt(ctx, end))
		end.Outcome = sweep.Failed // of no effect: it is closed
	}
	got, err := s.Attempts(ctx, r.ID)
	if err != nil || len(got) != 2 {
		t.Fatalf("%d attempts (%v)", len(got), err)
	}
	if got[0].Outcome != "lost" || !got[0].EndedAt.Equal(begun) || got[0].DeviceSeconds != 0 {
		t.Errorf("the one that was lost before it wrote anything: %+v", got[0])
	}
	if got[1].Outcome != sweep.Succeeded || got[1].DeviceSeconds != 120 || got[1].Device != "cpu (2 threads)" || !got[1].EndedAt.Equal(begun.Add(3*time.Minute)) {
		t.Errorf("the one that succeeded: %+v", got[1])
	}
	if _, err := s.BeginAttempt(ctx, sweep.Attempt{RunID: "none", StartedAt: begun}); !errors.Is(err, sweep.ErrNotFound) {
		t.Errorf("no such run: %v", err)
	}
}

// A worker that went away is told when the next one begins, which may be hours later: its device is
// counted until it last wrote.
func TestALostAttemptEndsWithItsLastWrite(t *testing.T) {
	s, r := oneRun(t)
	now := time.Now().UTC().Truncate(time.Microsecond)
	for _, test := range []struct {
		name    string
		wrote   time.Duration // after it began; the next attempt begins after ten hours
		seconds float64
	}{{"a minute", time.Minute, 60}, {"before it began", -time.Minute, 0}, {"by a clock that is ahead", 11 * time.Hour, 36000}} {
		n := begin(t, s, r.ID, 0)
		must(t, s.AddMetrics(ctx, r.ID, n, metrics(1, 3, 0.5)))
		_, err := s.exec(ctx, "move", "update attempts set started_at = $1 where attempt = $2", now, n)
		must(t, err)
		_, err = s.exec(ctx, "move", "update run_progress set at = $1", now.Add(test.wrote))
		must(t, err)
		_, err = s.BeginAttempt(ctx, sweep.Attempt{RunID: r.ID, StartedAt: now.Add(10 * time.Hour)})
		must(t, err)
		all, err := s.Attempts(ctx, r.ID)
		must(t, err)
		got := all[n-1]
		if want := now.Add(time.Duration(test.seconds) * time.Second); got.Outcome != "lost" || !got.EndedAt.Equal(want) || got.DeviceSeconds != test.seconds {
			t.Errorf("%s: %+v, want its end at %s", test.name, got, want)
		}
	}
}

// Attempts that begin at once get numbers of their own, and one of them stays open.
func TestAttemptsAtOnce(t *testing.T) {
	s, r := oneRun(t)
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() {
			if _, err := s.BeginAttempt(ctx, sweep.Attempt{RunID: r.ID, StartedAt: time.Now()}); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	if n := count(t, s, "select count(*) from attempts where outcome = 'running'"); n != 1 {
		t.Errorf("%d attempts are open", n)
	}
}

func metrics(from, to int64, value float64) (rows []sweep.Metric) {
	for step := from; step <= to; step++ {
		for _, name := range []string{"loss", "samples_per_second"} {
			rows = append(rows, sweep.Metric{Name: name, Step: step, SamplesSeen: 256 * step, Value: value + 0.1})
		}
	}
	return rows
}

func TestMetricsMerge(t *testing.T) {
	s, r := oneRun(t)
	n := begin(t, s, r.ID, 0)
	for range 2 {
		must(t, s.AddMetrics(ctx, r.ID, n, metrics(1, 300, 1)))
	}
	got, err := s.Metrics(ctx, r.ID, nil, 0)
	must(t, err)
	equal(t, "written twice", got, metrics(1, 300, 1))
	must(t, s.AddMetrics(ctx, r.ID, n, metrics(300, 300, 5))) // replaced
	must(t, s.AddMetrics(ctx, r.ID, n, nil))
	got, err = s.Metrics(ctx, r.ID, []string{"loss"}, 298)
	must(t, err)
	equal(t, "losses after 298", got, []sweep.Metric{metrics(299, 299, 1)[0], metrics(300, 300, 5)[0]})
	if n := count(t, s, "select count(*) from metrics"); n != 600 {
		t.Errorf("%d rows, want 600", n)
	}
}

// What a dead worker's attempt wrote after the step that the next resumes from goes, and the
// dead worker, should it still live, is refused.
func TestSuperseded(t *testing.T) {
	s, r := oneRun(t)
	first := begin(t, s, r.ID, 0)
	must(t, s.AddMetrics(ctx, r.ID, first, metrics(1, 4, 1)))
	for step := range int64(4) {
		must(t, s.AddCheckpoint(ctx, checkpoint(r, first, step+1, step%2 == 1)))
	}
	second := begin(t, s, r.ID, 2)
	got, err := s.Metrics(ctx, r.ID, nil, 0)
	must(t, err)
	equal(t, "metrics up to the resume", got, metrics(1, 2, 1))
	left, err := s.Checkpoints(ctx, r.ID)
	must(t, err)
	equal(t, "checkpoints up to the resume", left, []sweep.Checkpoint{checkpoint(r, first, 1, false), checkpoint(r, first, 2, true)})
	for _, rows := range [][]sweep.Metric{metrics(3, 3, 9), metrics(3, 200, 9)} {
		if err := s.AddMetrics(ctx, r.ID, first, rows); !errors.Is(err, sweep.ErrSuperseded) {
			t.Errorf("metrics of the first attempt: %v", err)
		}
	}
	if err := s.AddCheckpoint(ctx, checkpoint(r, first, 3, true)); !errors.Is(err, sweep.ErrSuperseded) {
		t.Errorf("a checkpoint of the first attempt: %v", err)
	}
	must(t, s.AddMetrics(ctx, r.ID, second, metrics(3, 4, 2)))
	if n := count(t, s, "select count(*) from metrics"); n != 8 {
		t.Errorf("%d rows, want 8", n)
	}
	if err := s.AddMetrics(ctx, "none", 1, metrics(1, 1, 1)); !errors.Is(err, sweep.ErrNotFound) {
		t.Errorf("no such run: %v", err)
	}
}

// A writer of the old attempt that waits while the next one begins is refused afterwards.
func TestSupersededWhileWaiting(t *testing.T) {
	s, r := oneRun(t)
	first := begin(t, s, r.ID, 0)
	tx, err := s.pool.Begin(ctx)
	must(t, err)
	_, err = tx.Exec(ctx, "select from runs where run = $1 for update", r.ID)
	must(t, err)
	late := make(chan error, 2)
	go func() { late <- s.AddMetrics(ctx, r.ID, first, metrics(1, 1, 1)) }()
	go func() { late <- s.AddMetrics(ctx, r.ID, first, metrics(1, 500, 1)) }()
	for count(t, s, "select count(*) from pg_locks where not granted") < 2 {
		time.Sleep(time.Millisecond)
	}
	_, err = tx.Exec(ctx, `insert into attempts (run_key, attempt, worker, host, device, resumed_from_step, started_at, outcome)
		select run_key, 2, '', '', '', 0, now(), 'running' from runs where run = $1`, r.ID)
	must(t, err)
	must(t, tx.Commit(ctx))
	for range 2 {
		if err := <-late; !errors.Is(err, sweep.ErrSuperseded) {
			t.Errorf("a late writer: %v", err)
		}
	}
	if n := count(t, s, "select count(*) from metrics"); n != 0 {
		t.Errorf("%d rows of a late writer", n)
	}
}

func TestCheckpointsAndStates(t *testing.T) {
	s, r := oneRun(t)
	n := begin(t, s, r.ID, 0)
	one, two, three := checkpoint(r, n, 1, false), checkpoint(r, n, 2, true), checkpoint(r, n, 3, false)
	three.Weights = one.Weights // equal bytes are one artifact
	for _, c := range []sweep.Checkpoint{one, two, three, two} {
		must(t, s.AddCheckpoint(ctx, c))
	}
	free, err := s.DropStates(ctx, r.ID, 3)
	must(t, err)
	gone := map[string]bool{}
	for _, a := range free {
		gone[a.SHA256] = true
	}
	equal(t, "free artifacts", gone, map[string]bool{one.State.SHA256: true, two.State.SHA256: true})
	two.State = nil
	left, err := s.Checkpoints(ctx, r.ID)
	must(t, err)
	equal(t, "what is left", left, []sweep.Checkpoint{two, three})
	if free, err = s.DropStates(ctx, r.ID, 3); err != nil || len(free) != 0 {
		t.Errorf("dropped again: %v (%v)", free, err)
	}
	lost := checkpoint(r, n, 0, true)
	if err := s.AddCheckpoint(ctx, lost); err == nil {
		t.Error("a checkpoint before the first step was taken")
	}
}

func TestEvaluations(t *testing.T) {
	s, r := oneRun(t)
	first, newer := score(r, 4, 0.5), score(r, 4, 0.25)
	newer.Revision = "r2"
	must(t, s.AddEvaluations(ctx, []sweep.Evaluation{first, newer}))
	must(t, s.AddEvaluations(ctx, []sweep.Evaluation{score(r, 4, 0.9)})) // the same key: replaces nothing
	must(t, s.AddEvaluations(ctx, nil))
	got, err := s.Evaluations(ctx, r.ID)
	must(t, err)
	equal(t, "evaluations", got, []sweep.Evaluation{first, newer})
}

// Claimers at once get every planned run once.
func TestClaimsAtOnce(t *testing.T) {
	s, runs := open(t), makeRuns(t, 200)
	create(t, s, "grid", runs, 200, 0)
	var mu sync.Mutex
	var wait sync.WaitGroup
	times := map[string]int{}
	for range 4 {
		wait.Go(func() {
			for range 5 {
				claimed, err := s.ClaimBatch(ctx, "grid", 10)
				if err != nil {
					t.Error(err)
				}
				mu.Lock()
				for _, r := range claimed {
					times[r.ID]++
				}
				mu.Unlock()
			}
		})
	}
	wait.Wait()
	for id, n := range times {
		if n != 1 {
			t.Errorf("run %s was given out %d times", id, n)
		}
	}
	if running := count(t, s, "select count(*) from runs where state = 'running'"); running != len(times) || running < 50 {
		t.Errorf("%d runs are claimed, %d were given out", running, len(times))
	}
}

func TestBatches(t *testing.T) {
	s, runs := open(t), makeRuns(t, 6)
	create(t, s, "grid", runs, 6, 0)
	begin(t, s, runs[5].ID, 0) // trained by a workflow of its own
	claimed, err := s.ClaimBatch(ctx, "grid", 2)
	must(t, err)
	equal(t, "in plan order", claimed, runs[:2])
	rest, err := s.ClaimBatch(ctx, "grid", 10)
	must(t, err)
	equal(t, "the rest", rest, runs[2:5])
	scores := func(of []sweep.Run) (all []sweep.Evaluation) {
		for i, r := range of {
			all = append(all, score(r, r.Steps(), 0.1*float64(i+1)))
		}
		return all
	}
	for range 2 {
		must(t, s.FinishBatch(ctx, rest, scores(rest)))
	}
	again, err := s.ClaimBatch(ctx, "grid", 10) // the first batch's worker died
	must(t, err)
	equal(t, "claimed again", again, runs[:2])
	bad := scores(again)
	bad[1].Task = "\x00" // no text of Postgres
	if err := s.FinishBatch(ctx, again, bad); err == nil {
		t.Error("a score that cannot be stored was stored")
	}
	if n := count(t, s, "select count(*) from evaluations"); n != 3 {
		t.Errorf("%d scores, want 3: a batch is all or nothing", n)
	}
	must(t, s.FinishBatch(ctx, again, scores(again)))
	if none, err := s.ClaimBatch(ctx, "grid", 10); err != nil || len(none) != 0 {
		t.Errorf("%d claimed when all is done (%v)", len(none), err)
	}
	if n := count(t, s, "select count(*) from runs where state = 'succeeded' and ended_at is not null"); n != 5 {
		t.Errorf("%d runs succeeded, want 5", n)
	}
}

// The order of the ids in a lookup does not matter, nor that there are many.
func TestManyRuns(t *testing.T) {
	s, runs := open(t), makeRuns(t, 1500)
	create(t, s, "many", runs, 1500, 0)
	var ids []string
	for _, r := range runs {
		ids = append(ids, r.ID)
	}
	known, err := s.KnownRuns(ctx, ids)
	if err != nil || len(known) != 1500 {
		t.Errorf("%d known (%v)", len(known), err)
	}
	back, err := s.Runs(ctx, ids)
	must(t, err)
	equal(t, "all of them", back, runs)
}
