// Package clip trains CLIP models in Go: the ladder icons-wN on icons-32, by hand-written
// forward and backward passes over flat buffers. docs/ladder.md has the model's shapes.
package clip

import (
	"context"
	"fmt"
	"runtime"
	"time"

	"github.com/scalelaw/scalelaw/sweep"
	"github.com/scalelaw/scalelaw/trainer"
	"github.com/scalelaw/scalelaw/trainer/icons32"
)

// Trainer is the clip trainer. The zero value is ready.
type Trainer struct{}

var _ trainer.Trainer = Trainer{}

// logEvery is how many steps lie between logged ones; the last is always logged.
const logEvery = 10

// session is one run being trained.
type session struct {
	run       sweep.Run
	y         *layout
	params    []float32
	net       *network[float32]
	optimizer *adamw
	feed      *feed
	watch     *watch
	sink      trainer.Sink
	steps     int64
	step      int64 // done
	began     time.Time
	beganAt   int64
}

// Train implements trainer.Trainer. The same run gives the same bits for any number of threads
// and however often it was interrupted; only samples_per_second differs.
func (Trainer) Train(ctx context.Context, job trainer.Job, sink trainer.Sink) (trainer.Result, error) {
	s, err := newSession(job, sink)
	if err != nil {
		return trainer.Result{}, fmt.Errorf("train run %s: %w", job.Run.ID, err)
	}
	keep := map[int64]bool{}
	for _, step := range job.Keep {
		keep[step] = true
	}
	for s.step < s.steps {
		if ctx.Err() != nil {
			return s.interrupted(ctx)
		}
		if lost, err := s.advance(ctx); err != nil || lost != nil {
			return s.result(lost), err
		}
		if kept := keep[s.step]; kept || sink.CheckpointDue() {
			if err := s.checkpoint(ctx, kept); err != nil {
				return trainer.Result{}, err
			}
		}
	}
	return s.result(nil), nil
}

func newSession(job trainer.Job, sink trainer.Sink) (*session, error) {
	run := job.Run
	y, err := ladderOf(run)
	if err != nil {
		return nil, err
	}
	if run.Data.Source != "icons-32" {
		return nil, fmt.Errorf("data set %s: %w: the clip trainer takes the icons-* data sets in this version", run.Data.Name, sweep.ErrUnsupported)
	}
	set, err := icons32.Load()
	if err != nil {
		return nil, err
	}
	feed, err := newFeed(set, int(run.Data.Pairs), run.Seed, run.Recipe.BatchSize)
	if err != nil {
		return nil, err
	}
	s := &session{
		run: run, y: y, feed: feed, sink: sink, steps: run.Steps(),
		params: initial[float32](y, run.Seed), optimizer: newAdamW(y, run.Recipe, run.Steps()),
		watch: newWatch(run.Recipe.BatchSize, run.Recipe.WarmupSteps, run.Steps()),
	}
	s.net = newNetwork(y, s.params, run.Recipe.BatchSize)
	if job.Resume != nil {
		if err := s.restore(job.Resume); err != nil {
			return nil, err
		}
	}
	s.began, s.beganAt = time.Now(), s.step
	return s, nil
}

// advance does one step and reports it. A step after which the run is lost is logged too.
func (s *session) advance(ctx context.Context) (*trainer.Divergence, error) {
	patches, words := s.feed.next(s.step)
	loss := s.net.step(patches, words)
	length := norm(s.net.grads)
	rate := s.optimizer.rate(s.step)
	s.optimizer.update(s.params, s.net.grads, s.step)
	s.step++
	lost := s.watch.see(s.step, loss, length)
	s.sink.Progress(trainer.Progress{Step: s.step, Steps: s.steps, SamplesSeen: s.samples(), SamplesPerSecond: s.speed(), Loss: loss})
	if s.step%logEvery != 0 && s.step != s.steps && lost == nil {
		return nil, nil
	}
	return lost, s.sink.Metrics(ctx, []sweep.Metric{
		s.metric("loss", loss), s.metric("learning_rate", rate), s.metric("grad_norm", length),
		s.metric("logit_scale", float64(s.net.p("logit_scale")[0])), s.metric("samples_per_second", s.speed()),
	})
}

func (s *session) metric(name string, value float64) sweep.Metric {
	return sweep.Metric{Name: name, Step: s.step, SamplesSeen: s.samples(), Value: value}
}

func (s *session) samples() int64 { return s.step * int64(s.run.Recipe.BatchSize) }

func (s *session) speed() float64 {
	seconds := time.Since(s.began).Seconds()
	return float64((s.step-s.beganAt)*int64(s.run.Recipe.BatchSize)) / max(seconds, 1e-9)
}

// interrupted saves where the run stands and gives the reason of the cancellation. The
// checkpoint is written although ctx is over.
func (s *session) interrupted(ctx context.Context) (trainer.Result, error) {
	if s.step > 0 {
		if err := s.checkpoint(context.WithoutCancel(ctx), false); err != nil {
			return trainer.Result{}, fmt.Errorf("save run %s on interruption: %w", s.run.ID, err)
		}
	}
	return s.result(nil), context.Cause(ctx)
}

func (s *session) result(lost *trainer.Divergence) trainer.Result {
	return trainer.Result{Steps: s.step, Diverged: lost, Device: Device()}
}

// Device names what the trainer computes on.
func Device() string { return fmt.Sprintf("cpu (%d threads)", runtime.GOMAXPROCS(0)) }
