package store

import (
	"context"
	"errors"
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/scalelaw/scalelaw/sweep"
)

// hear listens until the test ends and gives a function that takes what was told so far, once
// something was.
func hear(t *testing.T, s *Store) (take func() []string) {
	t.Helper()
	listening, cancel := context.WithCancel(ctx)
	ready, told, over := make(chan struct{}), make(chan Change, 1000), make(chan error)
	go func() { over <- s.Listen(listening, func() { close(ready) }, func(c Change) { told <- c }) }()
	<-ready
	t.Cleanup(func() {
		cancel()
		if err := <-over; !errors.Is(err, context.Canceled) {
			t.Errorf("listening ended with %v", err)
		}
	})
	return func() (all []string) {
		t.Helper()
		must(t, s.tellEnd())
		for {
			select {
			case c := <-told:
				if c.Kind == "end" {
					return all
				}
				loss := ""
				if c.Loss != nil {
					loss = fmt.Sprintf(" loss %g", *c.Loss)
				}
				all = append(all, fmt.Sprintf("%s %s %.4s %s %d%s%.4s", c.Kind, c.Sweep, c.Run, c.State, c.Step, loss, c.Fit))
			case <-time.After(10 * time.Second):
				t.Fatalf("nothing more is told after %v", all)
			}
		}
	}
}

// tellEnd tells something after all that was committed.
func (s *Store) tellEnd() error {
	_, err := s.exec(ctx, "tell", `select tell(json_build_object('kind', 'end'))`)
	return err
}

func TestChangesAreTold(t *testing.T) {
	s, r := open(t), makeRuns(t, 1)[0]
	create(t, s, "one", []sweep.Run{r}, 1, 0)
	take := hear(t, s)
	short := r.ID[:4]
	n := begin(t, s, r.ID, 0)
	equal(t, "an attempt", take(), []string{"run one " + short + " running 0", "attempt one " + short + " running 0"})
	must(t, s.AddMetrics(ctx, r.ID, n, []sweep.Metric{{Name: "loss", Step: 1, SamplesSeen: 256, Value: 2.5}}))
	equal(t, "metrics", take(), []string{"progress one " + short + " running 1 loss 2.5"})
	must(t, s.AddMetrics(ctx, r.ID, n, []sweep.Metric{{Name: "loss", Step: 2, SamplesSeen: 512, Value: math.NaN()}}))
	equal(t, "a loss that is none", take(), []string{"progress one " + short + " running 2"})
	must(t, s.AddCheckpoint(ctx, checkpoint(r, n, 4, true)))
	equal(t, "a checkpoint", take(), []string{"checkpoint one " + short + " running 2"})
	for range 2 { // the second time adds nothing
		must(t, s.AddEvaluations(ctx, []sweep.Evaluation{score(r, r.Steps(), 0.5)}))
	}
	equal(t, "a score", take(), []string{"score one " + short + " running 2"})
	must(t, s.SetRunState(ctx, r.ID, sweep.Failed, "no"))
	must(t, s.SetRunState(ctx, r.ID, sweep.Failed, "no"))
	equal(t, "a state, once", take(), []string{"run one " + short + " failed 2"})
	_, err := s.Exclude(ctx, Exclusion{RunID: r.ID, Author: "ada", Reason: "shard"})
	must(t, err)
	_, err = s.Include(ctx, r.ID, "ada", "")
	must(t, err)
	equal(t, "exclusions", take(), []string{"exclusion one " + short + " failed 2", "exclusion one " + short + " failed 2"})
	must(t, s.SetSweepState(ctx, "one", sweep.Succeeded, ""))
	_, err = s.Delete(ctx, "one", false)
	must(t, err)
	equal(t, "the sweep", take(), []string{"sweep one  succeeded 0", "sweep one  deleted 0"})
}

// A batch of very many runs is told in one message a sweep; a run is told in each of its sweeps.
func TestManyChangesAreToldAsOne(t *testing.T) {
	s, runs := open(t), makeRuns(t, 100)
	create(t, s, "many", runs, 100, 0)
	create(t, s, "few", runs[:1], 1, 0)
	take := hear(t, s)
	must(t, s.FinishBatch(ctx, runs, nil))
	got := map[string]bool{}
	for _, line := range take() {
		got[line] = true
	}
	equal(t, "of 100 runs", got, map[string]bool{"run few   0": true, "run many   0": true})
	must(t, s.FinishBatch(ctx, runs, nil))
	equal(t, "again", len(take()), 0)
	must(t, s.AddEvaluations(ctx, []sweep.Evaluation{score(runs[0], runs[0].Steps(), 0.5)}))
	equal(t, "of a run in two sweeps", len(take()), 2)
}

func TestListeningEnds(t *testing.T) {
	s := open(t)
	ready, over := make(chan struct{}), make(chan error)
	go func() { over <- s.Listen(ctx, func() { close(ready) }, func(Change) {}) }()
	<-ready
	equal(t, "listeners", count(t, s, "select count(pg_terminate_backend(pid)) from pg_stat_activity where query = 'listen scalelaw_changes' and datname = current_database()"), 1)
	if err := <-over; !errors.Is(err, sweep.ErrUnreachable) {
		t.Errorf("a lost connection: %v", err)
	}
}
