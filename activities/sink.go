package activities

import (
	"context"
	"errors"
	"io"
	"math"
	"sync"
	"time"

	"go.temporal.io/sdk/activity"

	"github.com/scalelaw/scalelaw/sweep"
	"github.com/scalelaw/scalelaw/trainer"
)

const (
	// heartbeatEvery is well below HeartbeatTimeout, so that a few may be lost.
	heartbeatEvery = 2 * time.Second
	// flushAfter and flushRows bound how long and how many metric rows wait for their COPY.
	flushAfter = 2 * time.Second
	flushRows  = 2000
	// checkpointEvery is how much training a killed worker may cost.
	checkpointEvery = 10 * time.Second
	// roomWithin is how long a checkpoint waits for room on a full disk, and roomEvery how often it tries.
	roomWithin, roomEvery = 2 * time.Minute, 5 * time.Second
)

// Beat is what a heartbeat carries.
type Beat struct {
	Step             int64   `json:"step"`
	Steps            int64   `json:"steps"`
	SamplesPerSecond float64 `json:"samples_per_second"`
	Loss             float64 `json:"loss"`
	Checkpoint       int64   `json:"checkpoint"` // step of the last durable one
}

// sink stores what one attempt produces.
type sink struct {
	a       *Activities
	run     sweep.Run
	trainer trainer.Trainer
	attempt sweep.Attempt
	resume  *trainer.Snapshot // nil: from the start

	asked <-chan struct{} // closed: to stop

	device   string      // as the trainer is told
	giveBack func(error) // the devices that the run took, with the run's error

	rows    []sweep.Metric
	flushed time.Time
	saved   time.Time
	older   int64 // step of the durable checkpoint before the last one
	mu      sync.Mutex
	beat    Beat
}

// heartbeat tells Temporal that the run lives, until the returned function is called. It goes on
// when ctx is over: a run that saves its last checkpoint must not be given to another worker
// meanwhile.
func (s *sink) heartbeat(ctx context.Context) (stop func()) {
	ctx = context.WithoutCancel(ctx)
	done := make(chan struct{})
	var once sync.Once
	go func() {
		tick := time.NewTicker(heartbeatEvery)
		defer tick.Stop()
		for {
			activity.RecordHeartbeat(ctx, s.snapshot())
			select {
			case <-tick.C:
			case <-done:
				return
			}
		}
	}()
	return func() { once.Do(func() { close(done) }) }
}

func (s *sink) snapshot() Beat {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.beat
}

// Progress implements trainer.Sink.
func (s *sink) Progress(p trainer.Progress) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.beat.Step, s.beat.Steps = p.Step, p.Steps
	s.beat.SamplesPerSecond, s.beat.Loss = finite(p.SamplesPerSecond, s.beat.SamplesPerSecond), finite(p.Loss, s.beat.Loss)
}

// finite is x, or what it was before when x is no finite number: JSON has no NaN, and a
// heartbeat that cannot be encoded panics, which would end the whole worker.
func finite(x, before float64) float64 {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return before
	}
	return x
}

// Metrics implements trainer.Sink: rows wait for their batch.
func (s *sink) Metrics(ctx context.Context, rows []sweep.Metric) error {
	s.rows = append(s.rows, rows...)
	if len(s.rows) < flushRows && time.Since(s.flushed) < flushAfter {
		return nil
	}
	return s.flush(ctx)
}

func (s *sink) flush(ctx context.Context) error {
	if err := s.a.Store.AddMetrics(ctx, s.run.ID, s.attempt.Number, s.rows); err != nil {
		return err
	}
	s.rows, s.flushed = s.rows[:0], time.Now()
	return nil
}

// CheckpointDue implements trainer.Sink.
func (s *sink) CheckpointDue() bool { return time.Since(s.saved) >= checkpointEvery }

// Checkpoint implements trainer.Sink: artifacts first, then the row, so that a row always has
// its bytes; metrics before it, so that a resume finds all up to its step. What checkpoints
// older than the one before it only kept to resume from is let go: that one stays, for when the
// newest turns out to be damaged.
func (s *sink) Checkpoint(ctx context.Context, c trainer.Checkpoint) error {
	weights, err := s.put(ctx, c.Weights)
	if err != nil {
		return err
	}
	state, err := s.put(ctx, c.State)
	if err != nil {
		return err
	}
	if err := s.flush(ctx); err != nil {
		return err
	}
	if err := s.a.Store.AddCheckpoint(ctx, sweep.Checkpoint{
		RunID: s.run.ID, Attempt: s.attempt.Number, Step: c.Step, SamplesSeen: c.SamplesSeen, Kept: c.Kept, Weights: weights, State: &state,
	}); err != nil {
		return err
	}
	s.saved = time.Now()
	before := s.advance(c.Step)
	if c.Kept && c.Step == s.run.Steps() {
		before = c.Step + 1 // nothing resumes after the last step
	}
	return s.a.letGo(ctx, s.run.ID, before)
}

// put stores an artifact. On a full disk it waits for room, with the run at hand: as a failure it
// would cost all that was trained since the checkpoint before. A run that is asked to stop does not wait.
func (s *sink) put(ctx context.Context, write func(io.Writer) error) (sweep.Artifact, error) {
	for began := time.Now(); ; {
		stored, err := s.a.Artifacts.Put(ctx, write)
		if !errors.Is(err, sweep.ErrNoSpace) || time.Since(began) >= roomWithin {
			return stored, err
		}
		activity.GetLogger(ctx).Warn("a checkpoint waits for room", "run", s.run.ID, "attempt", s.attempt.Number, "error", err)
		select {
		case <-time.After(roomEvery):
		case <-s.asked:
			return stored, err
		}
	}
}

// advance notes the step of the newest durable checkpoint and gives that of the one before it.
func (s *sink) advance(step int64) (before int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if step != s.beat.Checkpoint { // a run that is stopped may save the same step again
		s.older, s.beat.Checkpoint = s.beat.Checkpoint, step
	}
	return s.older
}

// letGo deletes what a run kept only to resume from before a step.
func (a *Activities) letGo(ctx context.Context, runID string, before int64) error {
	free, err := a.Store.DropStates(ctx, runID, before)
	if err != nil {
		return err
	}
	for _, f := range free {
		if err := a.Artifacts.Delete(ctx, f); err != nil {
			return err
		}
	}
	return nil
}
