package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/scalelaw/scalelaw/internal/pgtest"
	"github.com/scalelaw/scalelaw/sweep"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }

var ctx = context.Background()

// open gives a store on a fresh database.
func open(t testing.TB) *Store {
	t.Helper()
	s, err := Open(ctx, pgtest.New(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// makeRuns are n runs of four models and two data sets, none like another.
func makeRuns(t testing.TB, n int) []sweep.Run {
	t.Helper()
	runs := make([]sweep.Run, n)
	for i := range runs {
		m := sweep.NewLadder([]int{4, 8, 12, 16}[i%4])
		r := sweep.Run{
			Trainer: "clip", TrainerRevision: "clip-1", Model: m, Data: sweep.Datasets()[i/4%2],
			SamplesSeen: 1000, ActualSamplesSeen: 1024, Seed: int64(i), GMACsPerSample: m.GMACs().Total(),
			Recipe: sweep.Recipe{BatchSize: 256, LearningRate: 1e-3, Schedule: "cosine", Precision: "fp32"}, Checkpoints: 2,
		}
		r.GMACsTotal = r.GMACsPerSample * float64(r.ActualSamplesSeen)
		id, err := sweep.RunID(r)
		if err != nil {
			t.Fatal(err)
		}
		r.ID = id
		runs[i] = r
	}
	return runs
}

func record(name string) sweep.SweepRecord {
	return sweep.SweepRecord{Name: name, Spec: []byte(`{"name": "` + name + `"}`), SpecSHA256: "sha of " + name, CodeVersion: "v1"}
}

// create stores a sweep and checks the counts.
func create(t testing.TB, s *Store, name string, plan []sweep.Run, wantTotal, wantReused int) {
	t.Helper()
	total, reused, err := s.CreateSweep(ctx, record(name), plan)
	if err != nil || total != wantTotal || reused != wantReused {
		t.Fatalf("create %s: %d cells, %d reused (%v), want %d, %d", name, total, reused, err, wantTotal, wantReused)
	}
}

// begin opens an attempt.
func begin(t testing.TB, s *Store, id string, from int64) int {
	t.Helper()
	n, err := s.BeginAttempt(ctx, sweep.Attempt{RunID: id, Worker: "w", Host: "h", Device: "cpu", ResumedFrom: from, StartedAt: time.Now()})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// succeed walks a run to its end with a top-1 error and a loss.
func succeed(t testing.TB, s *Store, r sweep.Run, topError float64) {
	t.Helper()
	n := begin(t, s, r.ID, 0)
	must(t, s.AddMetrics(ctx, r.ID, n, []sweep.Metric{{Name: "loss", Step: r.Steps(), SamplesSeen: r.ActualSamplesSeen, Value: 2.5}}))
	must(t, s.AddCheckpoint(ctx, checkpoint(r, n, r.Steps(), true)))
	must(t, s.AddEvaluations(ctx, []sweep.Evaluation{score(r, r.Steps(), topError)}))
	must(t, s.EndAttempt(ctx, sweep.Attempt{RunID: r.ID, Number: n, EndedAt: time.Now(), DeviceSeconds: 2, Outcome: sweep.Succeeded}))
	must(t, s.SetRunState(ctx, r.ID, sweep.Succeeded, ""))
}

func checkpoint(r sweep.Run, attempt int, step int64, kept bool) sweep.Checkpoint {
	sha := func(what string) string { return fmt.Sprintf("%s of %s at %d", what, r.ID, step) }
	return sweep.Checkpoint{
		RunID: r.ID, Attempt: attempt, Step: step, SamplesSeen: step * int64(r.Recipe.BatchSize), Kept: kept,
		Weights: sweep.Artifact{URI: "file:///w", SHA256: sha("weights"), Bytes: 100},
		State:   &sweep.Artifact{URI: "file:///s", SHA256: sha("state"), Bytes: 200},
	}
}

func score(r sweep.Run, step int64, value float64) sweep.Evaluation {
	return sweep.Evaluation{RunID: r.ID, Step: step, Score: sweep.Score{
		Task: "icons-test", Metric: "top1_error", Revision: "r1", Evaluator: "e1", Value: value, Samples: 100}}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func equal(t testing.TB, what string, got, want any) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s:\ngot  %+v\nwant %+v", what, got, want)
	}
}

// count runs a query that gives one number.
func count(t testing.TB, s *Store, query string, args ...any) (n int) {
	t.Helper()
	must(t, s.pool.QueryRow(ctx, query, args...).Scan(&n))
	return n
}

func TestOpenRefusesOtherSchemasAndAddresses(t *testing.T) {
	if _, err := Open(ctx, pgtest.Empty(t)); err == nil || !strings.Contains(err.Error(), "scalelaw migrate") {
		t.Errorf("an empty database: %v", err)
	}
	if _, err := Open(ctx, "postgres://%zz"); !errors.Is(err, sweep.ErrBadInput) {
		t.Errorf("a malformed address: %v", err)
	}
	if _, err := Open(ctx, "postgres:///none?host=/nowhere&connect_timeout=2"); !errors.Is(err, sweep.ErrUnreachable) {
		t.Errorf("no server: %v", err)
	}
	url := pgtest.Empty(t)
	for i := range 2 {
		if from, to, err := Migrate(ctx, url); err != nil || to == 0 || (from == to) != (i == 1) {
			t.Errorf("migrate, time %d: %d to %d: %v", i+1, from, to, err)
		}
	}
	s, err := Open(ctx, url)
	must(t, err)
	s.Close()
}

// A server that goes away is told apart from a statement that is wrong, and its return is noticed.
func TestServerGoesAway(t *testing.T) {
	s := open(t)
	var pid int
	conn, err := s.pool.Acquire(ctx)
	must(t, err)
	must(t, conn.QueryRow(ctx, "select pg_backend_pid()").Scan(&pid))
	if n := count(t, s, "select count(*) from (select pg_terminate_backend($1)) x", pid); n != 1 {
		t.Fatal("the connection was not ended")
	}
	time.Sleep(50 * time.Millisecond)
	_, err = conn.Exec(ctx, "select 1")
	conn.Release()
	if err = wrap("read", err); !errors.Is(err, sweep.ErrUnreachable) {
		t.Errorf("a lost connection: %v", err)
	}
	if _, err := s.Sweeps(ctx); err != nil {
		t.Errorf("after the loss: %v", err)
	}
	if _, err := s.exec(ctx, "try", "select * from nowhere"); err == nil || errors.Is(err, sweep.ErrUnreachable) {
		t.Errorf("a wrong statement: %v", err)
	}
}
