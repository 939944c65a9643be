package store

import (
	"fmt"
	"testing"
	"time"

	"github.com/scalelaw/scalelaw/sweep"
)

// BenchmarkAddMetrics writes batches of a training stream and reports rows a second: as the
// program does, and without telling listeners, to see what that costs.
func BenchmarkAddMetrics(b *testing.B) {
	for _, size := range []int64{1, 50, 5000} {
		for _, trigger := range []string{"enable", "disable"} {
			b.Run(fmt.Sprintf("rows=%d/told=%s", 2*size, trigger), func(b *testing.B) { benchAddMetrics(b, size, trigger) })
		}
	}
}

func benchAddMetrics(b *testing.B, size int64, trigger string) {
	s, runs := open(b), makeRuns(b, 1)
	create(b, s, "bench", runs, 1, 0)
	n := begin(b, s, runs[0].ID, 0)
	_, err := s.exec(ctx, "set up", "alter table run_progress "+trigger+" trigger run_progress_told")
	must(b, err)
	next := int64(1)
	for b.Loop() {
		must(b, s.AddMetrics(ctx, runs[0].ID, n, metrics(next, next+size-1, 1)))
		next += size
	}
	b.ReportMetric(float64(2*(next-1))/b.Elapsed().Seconds(), "rows/s")
}

// BenchmarkCreateSweep stores a grid of 5,000 new cells.
func BenchmarkCreateSweep(b *testing.B) {
	s, plan := open(b), makeRuns(b, 5000)
	i := 0
	for b.Loop() {
		create(b, s, fmt.Sprintf("bench-%d", i), plan, 5000, 0)
		b.StopTimer()
		if _, err := s.Delete(ctx, fmt.Sprintf("bench-%d", i), false); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
		i++
	}
}

// BenchmarkRun makes the calls that a run without batches and checkpoints costs.
func BenchmarkRun(b *testing.B) {
	s, plan := open(b), makeRuns(b, 5000)
	create(b, s, "bench", plan, 5000, 0)
	i := 0
	for b.Loop() {
		r := plan[i%len(plan)]
		if _, err := s.Run(ctx, r.ID); err != nil {
			b.Fatal(err)
		}
		n := begin(b, s, r.ID, 0)
		must(b, s.AddMetrics(ctx, r.ID, n, metrics(1, 1, 1)))
		must(b, s.AddEvaluations(ctx, []sweep.Evaluation{score(r, r.Steps(), 0.5)}))
		must(b, s.EndAttempt(ctx, sweep.Attempt{RunID: r.ID, Number: n, EndedAt: time.Now(), DeviceSeconds: 1, Outcome: sweep.Succeeded}))
		must(b, s.SetRunState(ctx, r.ID, sweep.Failed, ""))
		i++
	}
}
