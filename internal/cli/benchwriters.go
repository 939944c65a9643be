package cli

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/scalelaw/scalelaw/store"
	"github.com/scalelaw/scalelaw/sweep"
)

// writeOn lets runs of the study that have not ended write on, as their trainer would, until ctx
// is over: a batch of rows every two seconds. wait gives what went wrong, once all are done.
func writeOn(ctx context.Context, b storeBench) (written *atomic.Int64, wait func() error) {
	written = &atomic.Int64{}
	done := make(chan error, 1)
	go func() { done <- writeAll(ctx, b, written) }()
	return written, func() error { return <-done }
}

func writeAll(ctx context.Context, b storeBench, written *atomic.Int64) error {
	to, err := store.Open(ctx, b.use) // workers are other processes, with connections of their own
	if err != nil {
		return err
	}
	defer to.Close()
	running, err := to.Unfinished(ctx, benchSweep, b.writers)
	if err != nil {
		return err
	}
	ended := make(chan error, len(running))
	for i, r := range running {
		after := time.Duration(i) * 2 * time.Second / time.Duration(len(running))
		go func() { ended <- writeRun(ctx, to, r, after, written) }()
	}
	for range running {
		err = errors.Join(err, <-ended)
	}
	return err
}

// streamed are the metrics of a run that trains.
var streamed = []string{"loss", "learning_rate", "grad_norm", "logit_scale", "samples_per_second"}

// writeRun adds 20 steps every two seconds, beginning after a while.
func writeRun(ctx context.Context, to *store.Store, r store.UnfinishedRun, after time.Duration, written *atomic.Int64) error {
	tick := time.NewTimer(after)
	for step := r.Step + 1; ; step += 20 {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		var rows []sweep.Metric
		for i := range int64(20) {
			for _, name := range streamed {
				rows = append(rows, sweep.Metric{Name: name, Step: step + i, SamplesSeen: (step + i) * r.BatchSize, Value: 2 + 1/float64(step+i)})
			}
		}
		if err := to.AddMetrics(ctx, r.ID, r.Attempt, rows); err != nil {
			if ctx.Err() != nil {
				return nil // cut off by the end
			}
			return err
		}
		written.Add(int64(len(rows)))
		tick.Reset(2 * time.Second)
	}
}
