package e2e

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
)

const firstSpec = `name: first
trainer: clip
grid:
  model: [icons-w4]
  data: [icons-6k]
  samples_seen: [8K, 16K, 24K]
limits: {concurrency: 2}
evaluate: [icons-test]
fits:
  - {metric: icons-test/top1_error, rule: all, law: power}
`

// secondSpec shares two cells with the first and has one of its own.
const secondSpec = `name: second
trainer: clip
grid:
  model: [icons-w4]
  data: [icons-6k]
  samples_seen: [16K, 24K, 32K]
limits: {concurrency: 2}
evaluate: [icons-test]
fits:
  - {metric: icons-test/top1_error, rule: all, law: power}
`

func TestSweepsShareCells(t *testing.T) {
	needPostgres(t)
	dir := folder(t)
	server, a := up(t, dir)
	defer server.interrupt(time.Minute)
	first := start(t, dir, "submit", "--yes", write(t, "first.yaml", firstSpec))
	second := start(t, dir, "submit", "--yes", write(t, "second.yaml", secondSpec))
	if c1, c2 := first.wait(time.Minute), second.wait(time.Minute); c1 != 0 || c2 != 0 {
		t.Fatalf("submit: exit codes %d and %d\n%s%s", c1, c2, first.err.String(), second.err.String())
	}
	watchFits(t, dir, "first")
	watchFits(t, dir, "second")
	onceEach(t, a, "first", 3)
	onceEach(t, a, "second", 3)
	if runs := rows(t, a, "select run from runs order by 1"); len(runs) != 4 {
		t.Errorf("two sweeps of 3 cells that share 2 made %d runs, want 4", len(runs))
	}

	t.Run("extend repeats nothing", func(t *testing.T) {
		wider := strings.Replace(firstSpec, "24K]", "24K, 40K]", 1)
		before := rows(t, a, attemptLines)
		must(t, dir, 0, "extend", "first", write(t, "wider.yaml", wider))
		watchFits(t, dir, "first")
		onceEach(t, a, "first", 4)
		after := rows(t, a, attemptLines)
		if len(after) != len(before)+1 {
			t.Errorf("extending by one cell made %d attempts, want 1: %v", len(after)-len(before), after)
		}
	})
}

// watchFits watches a sweep to its end; its few points within a decade may well be refused a law.
func watchFits(t *testing.T, dir, sweep string) {
	t.Helper()
	p := start(t, dir, "watch", sweep)
	if code := p.wait(5 * time.Minute); code != 0 && code != 3 {
		t.Fatalf("watch %s: exit code %d\n%s%s", sweep, code, p.out.String(), tail(p.err.String()))
	}
}

const divergingSpec = `name: diverging
trainer: clip
grid:
  model: [icons-w4]
  data: [icons-6k]
  samples_seen: [16K]
  learning_rate: [1e9, 2e-3, 1e-3]
limits: {concurrency: 2}
evaluate: [icons-test]
fits:
  - {metric: icons-test/top1_error, rule: all, law: power}
`

func TestDivergedCellEndsAloneWithExitCode4(t *testing.T) {
	needPostgres(t)
	dir := folder(t)
	must(t, dir, 4, "run", write(t, "diverging.yaml", divergingSpec))
	var runs []struct {
		State  string `json:"state"`
		Reason string `json:"reason"`
		Recipe struct {
			LearningRate float64 `json:"learning_rate"`
		} `json:"recipe"`
		Attempts int `json:"attempts"`
	}
	if err := json.Unmarshal([]byte(must(t, dir, 0, "runs", "diverging", "-o", "json")), &runs); err != nil {
		t.Fatal(err)
	}
	if len(runs) != 3 {
		t.Fatalf("%d runs, want 3", len(runs))
	}
	for _, r := range runs {
		want := "succeeded"
		if r.Recipe.LearningRate == 1e9 {
			want = "diverged"
			if !strings.Contains(r.Reason, "step") {
				t.Errorf("the reason names no step: %q", r.Reason)
			}
		}
		if r.State != want || r.Attempts != 1 {
			t.Errorf("learning rate %g: %s after %d attempts, want %s after 1", r.Recipe.LearningRate, r.State, r.Attempts, want)
		}
	}
}

func TestASecondRunAttachesToTheFirst(t *testing.T) {
	needPostgres(t)
	dir, spec := folder(t), write(t, "killed.yaml", killSpec)
	first := start(t, dir, "run", spec)
	time.Sleep(4 * time.Second)
	second := start(t, dir, "run", spec)
	if c1, c2 := first.wait(5*time.Minute), second.wait(5*time.Minute); c1 != 0 || c2 != 0 && c2 != 5 {
		t.Errorf("exit codes %d and %d\n%s\n%s", c1, c2, tail(first.err.String()), tail(second.err.String()))
	}
	server, a := up(t, dir)
	defer server.interrupt(time.Minute)
	onceEach(t, a, "killed", killCells)
}
