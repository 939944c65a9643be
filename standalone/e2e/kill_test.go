package e2e

import (
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/scalelaw/scalelaw/internal/datadir"
)

// killSpec is a sweep of some ten seconds on two fast cores: long enough to be killed in the middle of
// training, evaluating and writing, with several kept checkpoints.
const killSpec = `name: killed
trainer: clip
grid:
  model: [icons-w8, icons-w16]
  data: [icons-6k]
  samples_seen: [192K, 384K]
checkpoints: 3
limits: {concurrency: 2}
fits:
  - {metric: icons-test/top1_error, rule: all, law: power}
`

const killCells = 4

// weightsAndScores is everything of a sweep that must not depend on what happened to it:
// every logged number but the timing, every kept checkpoint's bytes, every score.
func weightsAndScores(t *testing.T, a datadir.Addresses) []string {
	t.Helper()
	var all []string
	all = append(all, rows(t, a, metricLines)...)
	all = append(all, rows(t, a, checkpointLines)...)
	all = append(all, rows(t, a, evaluationLines)...)
	return all
}

// onceEach checks that every cell succeeded in exactly one attempt and left no double rows.
func onceEach(t *testing.T, a datadir.Addresses, sweep string, cells int) {
	t.Helper()
	states := rows(t, a, cellLines, sweep)
	if len(states) != cells {
		t.Errorf("%d cells, want %d: %v", len(states), cells, states)
	}
	for _, s := range states {
		if !strings.HasSuffix(s, " succeeded 1") {
			t.Errorf("cell is not succeeded by exactly one attempt: %s", s)
		}
	}
	for name, query := range doubleRows {
		if double := rows(t, a, query); len(double) > 0 {
			t.Errorf("%s: double rows: %v", name, double)
		}
	}
}

// undisturbed runs the sweep in peace and gives what came out.
func undisturbed(t *testing.T) []string {
	t.Helper()
	dir := folder(t)
	must(t, dir, 0, "run", write(t, "killed.yaml", killSpec))
	server, a := up(t, dir)
	defer server.interrupt(time.Minute)
	onceEach(t, a, "killed", killCells)
	want := weightsAndScores(t, a)
	if len(want) < killCells*(10+3+3) {
		t.Fatalf("only %d lines came out of the undisturbed sweep", len(want))
	}
	return want
}

func same(t *testing.T, got, want []string) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%d lines came out, undisturbed %d", len(got), len(want))
	}
	for i := range min(len(got), len(want)) {
		if got[i] != want[i] {
			t.Fatalf("line %d: %q, undisturbed %q", i, got[i], want[i])
		}
	}
}

func TestKilledSweepsEndAsUndisturbedOnes(t *testing.T) {
	needPostgres(t)
	want := undisturbed(t)
	t.Run("the whole process", func(t *testing.T) { killWholeProcess(t, want) })
	t.Run("only the worker", func(t *testing.T) { killWorker(t, want) })
	t.Run("only Postgres", func(t *testing.T) { killPostgres(t, want) })
}

// moments are random times to kill at; they are logged, so that a failure can be looked into.
func moments(t *testing.T, n int, from, to time.Duration) []time.Duration {
	t.Helper()
	var at []time.Duration
	for range n {
		at = append(at, from+rand.N(to-from))
	}
	t.Logf("killing after %v", at)
	return at
}

func killWholeProcess(t *testing.T, want []string) {
	dir, spec := folder(t), write(t, "killed.yaml", killSpec)
	kills := 0
	for _, at := range moments(t, 5, 1500*time.Millisecond, 6*time.Second) {
		p := start(t, dir, "run", spec)
		time.Sleep(at)
		if p.alive() {
			kills++
		}
		p.kill()
	}
	if kills == 0 {
		t.Fatal("the sweep was over before the first kill")
	}
	must(t, dir, 0, "run", spec)
	server, a := up(t, dir)
	defer server.interrupt(time.Minute)
	onceEach(t, a, "killed", killCells)
	same(t, weightsAndScores(t, a), want)
}

func killWorker(t *testing.T, want []string) {
	dir, spec := folder(t), write(t, "killed.yaml", killSpec)
	server, a := up(t, dir, "--no-worker")
	defer server.interrupt(time.Minute)
	must(t, dir, 0, "submit", "--yes", spec)
	for _, at := range moments(t, 3, time.Second, 6*time.Second) {
		worker := start(t, dir, "worker")
		time.Sleep(at)
		worker.kill()
	}
	worker := start(t, dir, "worker")
	must(t, dir, 0, "watch", "killed")
	worker.interrupt(time.Minute)
	onceEach(t, a, "killed", killCells)
	same(t, weightsAndScores(t, a), want)
}

func killPostgres(t *testing.T, want []string) {
	dir, spec := folder(t), write(t, "killed.yaml", killSpec)
	server, a := up(t, dir)
	defer server.interrupt(time.Minute)
	must(t, dir, 0, "submit", "--yes", spec)
	for _, at := range moments(t, 3, time.Second, 5*time.Second) {
		time.Sleep(at)
		killPostmaster(t, dir)
	}
	waitForSweep(t, dir, "killed")
	if !server.alive() {
		t.Fatalf("up died with its Postgres:\n%s", tail(server.err.String()))
	}
	onceEach(t, a, "killed", killCells)
	same(t, weightsAndScores(t, a), want)
}

// killPostmaster kills the private Postgres, when it is up at this moment.
func killPostmaster(t *testing.T, dir string) {
	t.Helper()
	text, err := os.ReadFile(dir + "/postgres/postmaster.pid")
	if err != nil {
		t.Logf("no Postgres to kill at this moment: %v", err)
		return
	}
	pid, err := strconv.Atoi(strings.SplitN(string(text), "\n", 2)[0])
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Logf("kill Postgres %d: %v", pid, err)
	}
}

// waitForSweep watches a sweep to its end through outages of the servers.
func waitForSweep(t *testing.T, dir, name string) {
	t.Helper()
	allowed := []int{0, 5} // done, or a server was away when it asked
	for deadline := time.Now().Add(5 * time.Minute); time.Now().Before(deadline); time.Sleep(time.Second) {
		code := start(t, dir, "watch", name).wait(5 * time.Minute)
		if code == 0 {
			return
		}
		if !slices.Contains(allowed, code) {
			t.Fatalf("watch ended with exit code %d", code)
		}
	}
	t.Fatalf("sweep %s did not end", name)
}
