package store

import (
	"math"
	"testing"

	"github.com/scalelaw/scalelaw/sweep"
)

// losses are a stream of one metric, a value a step, from a step to another.
func losses(from, to int64, value func(step int64) float64) (rows []sweep.Metric) {
	for step := from; step <= to; step++ {
		rows = append(rows, sweep.Metric{Name: "loss", Step: step, SamplesSeen: 256 * step, Value: value(step)})
	}
	return rows
}

func byStep(step int64) float64 { return float64(step) }

// longRun is a run of a million steps: a bucket has 3,906.
func longRun(t *testing.T) (*Store, sweep.Run) {
	t.Helper()
	s, r := open(t), makeRuns(t, 1)[0]
	r.ActualSamplesSeen = 1_000_000 * int64(r.Recipe.BatchSize)
	create(t, s, "long", []sweep.Run{r}, 1, 0)
	return s, r
}

// asRecomputed counts the buckets, and those that are not what the stream itself says.
func asRecomputed(t *testing.T, s *Store) (buckets int) {
	t.Helper()
	wrong := count(t, s, `
		with fresh as (
			select run_key, name_key, step / 3906 as bucket, count(*) filter (where is_finite(value)) as n, count(*) filter (where not is_finite(value)) as strange,
			       min(value) filter (where is_finite(value)) as low, avg(value) filter (where is_finite(value)) as mean,
			       max(value) filter (where is_finite(value)) as high, max(step) as step, max(samples_seen) as samples_seen
			from metrics x where step / 3906 < (select max(step) from metrics l where l.run_key = x.run_key and l.name_key = x.name_key) / 3906
			group by 1, 2, 3)
		select count(*) from fresh f full join metric_buckets b using (run_key, name_key, bucket)
		where (f.n, f.strange, f.low, f.mean, f.high, f.step, f.samples_seen) is distinct from (b.n, b.strange, b.low, b.mean, b.high, b.step, b.samples_seen)`)
	if wrong > 0 {
		t.Errorf("%d buckets are not what the stream says", wrong)
	}
	return count(t, s, "select count(*) from metric_buckets")
}

// every gives a value every 10 steps, as a long run logs.
func every(from, to int64, value func(int64) float64) (rows []sweep.Metric) {
	for _, m := range losses(from, to, value) {
		if m.Step%10 == 0 {
			rows = append(rows, m)
		}
	}
	return rows
}

// However a stream is cut into batches, repeated, and corrected, its buckets are what it says.
func TestBucketsFollowTheirStream(t *testing.T) {
	s, r := longRun(t)
	n := begin(t, s, r.ID, 0)
	last := int64(0)
	for _, size := range []int64{10, 3890, 10, 10, 4000, 3900, 3910, 12000, 70} {
		for range 2 {
			must(t, s.AddMetrics(ctx, r.ID, n, every(last+1, last+size, byStep)))
		}
		last += size
		if got, want := asRecomputed(t, s), int(last/3906); got != want {
			t.Errorf("after step %d: %d buckets, want %d", last, got, want)
		}
	}
	must(t, s.AddMetrics(ctx, r.ID, n, losses(100, 100, func(int64) float64 { return -1 })))
	must(t, s.AddMetrics(ctx, r.ID, n, losses(5000, 5000, func(int64) float64 { return math.NaN() })))
	must(t, s.AddMetrics(ctx, r.ID, n, losses(last+10000, last+10000, byStep))) // a stream with a hole
	asRecomputed(t, s)
	equal(t, "strange", count(t, s, "select sum(strange) from metric_buckets"), 1)
	begin(t, s, r.ID, 10000)
	equal(t, "buckets before the resume", asRecomputed(t, s), 2)
	must(t, s.AddMetrics(ctx, r.ID, n+1, every(10001, 17000, byStep)))
	equal(t, "buckets after it", asRecomputed(t, s), 4)
}

// A run of few steps keeps no buckets: its stream is read itself.
func TestShortRunsHaveNoBuckets(t *testing.T) {
	s, r := oneRun(t)
	must(t, s.AddMetrics(ctx, r.ID, begin(t, s, r.ID, 0), losses(1, r.Steps(), byStep)))
	equal(t, "buckets", count(t, s, "select count(*) from metric_buckets"), 0)
	begin(t, s, r.ID, 1)
}

// How far a run is follows what is written, and goes back when an attempt resumes earlier.
func TestProgress(t *testing.T) {
	s, r := oneRun(t)
	read := func() (step, seen int64, loss float64) {
		t.Helper()
		must(t, s.pool.QueryRow(ctx, "select step, samples_seen, coalesce(loss, -1) from run_progress").Scan(&step, &seen, &loss))
		return step, seen, loss
	}
	check := func(what string, step, seen int64, loss float64) {
		t.Helper()
		if gotStep, gotSeen, gotLoss := read(); gotStep != step || gotSeen != seen || gotLoss != loss {
			t.Errorf("%s: step %d, %d seen, loss %g; want %d, %d, %g", what, gotStep, gotSeen, gotLoss, step, seen, loss)
		}
	}
	n := begin(t, s, r.ID, 0)
	must(t, s.AddMetrics(ctx, r.ID, n, losses(1, 10, byStep)))
	check("written", 10, 2560, 10)
	must(t, s.AddMetrics(ctx, r.ID, n, losses(1, 5, byStep)))
	check("written again", 10, 2560, 10)
	must(t, s.AddMetrics(ctx, r.ID, n, []sweep.Metric{{Name: "grad_norm", Step: 11, SamplesSeen: 2816, Value: 1}}))
	check("without a loss", 11, 2816, 10)
	begin(t, s, r.ID, 4)
	check("resumed", 4, 1024, 4)
	begin(t, s, r.ID, 0)
	check("from the start", 0, 0, -1)
}

// The final score is the newest at the last step, and of it the highest revision.
func TestFinalScores(t *testing.T) {
	s, r := open(t), makeRuns(t, 1)[0]
	create(t, s, "one", []sweep.Run{r}, 1, 0)
	early, first, second := score(r, 1, 0.9), score(r, r.Steps(), 0.5), score(r, r.Steps(), 0.25)
	second.Revision = "r2"
	must(t, s.AddEvaluations(ctx, []sweep.Evaluation{early}))
	equal(t, "before the last step", count(t, s, "select count(*) from final_scores"), 0)
	must(t, s.AddEvaluations(ctx, []sweep.Evaluation{second, first}))
	must(t, s.SetRunState(ctx, r.ID, sweep.Succeeded, ""))
	inputs, err := s.FitInputs(ctx, "one", "icons-test/top1_error")
	must(t, err)
	equal(t, "of one moment", *inputs[0].Score, second)
	third := score(r, r.Steps(), 0.125)
	third.Evaluator = "a0" // sorts before the others, but is newer
	must(t, s.AddEvaluations(ctx, []sweep.Evaluation{third}))
	inputs, err = s.FitInputs(ctx, "one", "icons-test/top1_error")
	must(t, err)
	equal(t, "newer", *inputs[0].Score, third)
	equal(t, "rows", count(t, s, "select count(*) from final_scores"), 1)
	recall := score(r, r.Steps(), 0.75)
	recall.Task, recall.Metric = "mscoco", "image_recall@5"
	must(t, s.AddEvaluations(ctx, []sweep.Evaluation{recall}))
	create(t, s, "other", makeRuns(t, 2)[1:], 1, 0)
	for name, want := range map[string][]string{"one": {"icons-test/top1_error", "mscoco/image_recall@5"}, "other": nil, "none": nil} {
		got, err := s.MetricsScored(ctx, name)
		must(t, err)
		equal(t, "metrics of "+name, append([]string(nil), got...), want)
	}
}
