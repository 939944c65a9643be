package activities

import (
	"context"
	"math"
	"testing"
	"testing/synctest"
	"time"

	"github.com/scalelaw/scalelaw/sweep"
	"github.com/scalelaw/scalelaw/trainer"
)

// slow lets every step take a second. In a bubble of synctest no time passes for the test.
func slow(context.Context, int64, trainer.Sink) error {
	time.Sleep(time.Second)
	return nil
}

// newest is the last heartbeat that came.
func newest(w *world) (b Beat) {
	for len(w.beats) > 0 {
		b = <-w.beats
	}
	return b
}

func TestHeartbeatsCarryProgress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		var seen []Beat
		w.trainer.at = func(ctx context.Context, step int64, sink trainer.Sink) error {
			time.Sleep(heartbeatEvery + time.Second)
			seen = append(seen, newest(w))
			return nil
		}
		w.mustTrain()
		if got := seen[0]; got != (Beat{Steps: 10}) {
			t.Errorf("before the first step: %+v", got)
		}
		if got := seen[9]; got.Step != 9 || got.Steps != 10 || got.Loss != 1.0/9 || got.SamplesPerSecond != 100 || got.Checkpoint < 5 {
			t.Errorf("before the last step: %+v", got)
		}
	})
}

// A run that resumes says where it stands before it gets further.
func TestHeartbeatsOfAResume(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := fellAt8(t)
		var first Beat
		w.trainer.at = func(_ context.Context, step int64, _ trainer.Sink) error {
			if step == 8 {
				time.Sleep(heartbeatEvery + time.Second)
				first = newest(w)
			}
			return nil
		}
		w.mustTrain()
		if first != (Beat{Step: 8, Steps: 10, Checkpoint: 8}) {
			t.Errorf("heartbeat before its first step: %+v", first)
		}
	})
}

// JSON has no NaN: a heartbeat with one would end the whole worker, not only the run.
func TestHeartbeatsOfADivergingRun(t *testing.T) {
	for name, value := range map[string]float64{"NaN": math.NaN(), "+Inf": math.Inf(1), "-Inf": math.Inf(-1)} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				var got Beat
				w.trainer.at = func(_ context.Context, step int64, sink trainer.Sink) error {
					sink.Progress(trainer.Progress{Step: step, Steps: 10, Loss: value, SamplesPerSecond: value})
					time.Sleep(heartbeatEvery + time.Second)
					got = newest(w)
					return nil
				}
				w.mustTrain()
				if got.Loss != 1.0/9 || got.SamplesPerSecond != 100 {
					t.Errorf("the last heartbeat: %+v", got)
				}
			})
		})
	}
}

// Metrics are written in batches, and none waits longer than flushAfter for the next row.
func TestMetricsComeInBatches(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.run.Checkpoints = 1
		var there []int
		w.trainer.at = func(ctx context.Context, step int64, sink trainer.Sink) error {
			there = append(there, len(w.run.metrics))
			return slow(ctx, step, sink)
		}
		w.mustTrain()
		for step, n := range there {
			if n > step || step-n >= 2 {
				t.Errorf("after %d steps of a second each %d rows are stored", step, n)
			}
		}
	})
}

func TestManyMetricsDoNotWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.trainer.at = func(ctx context.Context, step int64, sink trainer.Sink) error {
			if step != 0 {
				return nil
			}
			rows := make([]sweep.Metric, flushRows)
			for i := range rows {
				rows[i] = sweep.Metric{Name: "loss", Step: -int64(i)}
			}
			err := sink.Metrics(ctx, rows)
			if len(w.run.metrics) != flushRows {
				t.Errorf("%d rows are stored", len(w.run.metrics))
			}
			return err
		}
		w.mustTrain()
	})
}

// A killed worker costs at most checkpointEvery of training.
func TestCheckpointsAreDueByTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.run.ActualSamplesSeen, w.run.Checkpoints = 8*25, 1
		var at []string
		w.trainer.at = func(ctx context.Context, step int64, sink trainer.Sink) error {
			if got := stepsIn(w.run.checkpoints); len(at) == 0 || at[len(at)-1] != got {
				at = append(at, got)
			}
			return slow(ctx, step, sink)
		}
		w.mustTrain()
		if len(at) != 3 || at[1] != "[10+state]" || at[2] != "[10+state 20+state]" || stepsIn(w.run.checkpoints) != "[25]" {
			t.Errorf("checkpoints %v, then %s", at, stepsIn(w.run.checkpoints))
		}
	})
}
