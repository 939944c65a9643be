// Package clip trains CLIP models in Go, over the operations of package op: the ladder icons-wN
// on icons-32 (docs/ladder.md), and open_clip's models on icons-32 and on files
// (docs/openclip.md).
package clip

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/scalelaw/scalelaw/sweep"
	"github.com/scalelaw/scalelaw/trainer"
	"github.com/scalelaw/scalelaw/trainer/op"
)

// Trainer is the clip trainer. The zero value is ready.
type Trainer struct{ Engine }

var _ trainer.Trainer = Trainer{}

// logEvery is how many steps lie between logged ones where a job does not say; the last is
// always logged.
const logEvery = 10

// session is one run being trained.
type session struct {
	run     sweep.Run
	device  op.Device
	model   Learner
	engine  string // names what computes
	kernels string // what computed each part of the run, in order: the bits depend on it
	source  source
	watch   *watch
	sink    trainer.Sink
	every   int64 // steps between logged ones
	keep    []int64
	steps   int64
	step    int64 // done
	began   time.Time
	beganAt int64
}

// Train implements trainer.Trainer. The same run gives the same bits for any number of threads
// and however often it was interrupted, on one level of kernels (it is part of the device's
// name); only samples_per_second differs.
func (t Trainer) Train(ctx context.Context, job trainer.Job, sink trainer.Sink) (trainer.Result, error) {
	s, err := t.newSession(ctx, job, sink)
	if err != nil {
		return trainer.Result{}, fmt.Errorf("train run %s: %w", job.Run.ID, err)
	}
	defer s.close()
	for s.step < s.steps {
		if ctx.Err() != nil {
			return s.interrupted(ctx)
		}
		lost, err := s.advance(ctx)
		if err != nil && ctx.Err() != nil { // while it waited for data, or told of the step: s.step is whole
			return s.interrupted(ctx)
		}
		if err != nil || lost != nil {
			return s.result(lost), err
		}
		if s.kept() || sink.CheckpointDue() {
			err := s.checkpoint(ctx)
			if err != nil && ctx.Err() != nil { // it may have been cut short: it is written anew
				return s.interrupted(ctx)
			}
			if err != nil {
				return trainer.Result{}, err
			}
		}
	}
	return s.result(nil), nil
}

func (t Trainer) newSession(ctx context.Context, job trainer.Job, sink trainer.Sink) (*session, error) {
	run := job.Run
	if err := trainable(run); err != nil {
		return nil, err
	}
	device, err := t.device(job.Threads, run.Recipe.Precision)
	if err != nil {
		return nil, err
	}
	s := &session{
		run: run, device: device, sink: sink, steps: run.Steps(), keep: job.Keep, every: int64(cmp.Or(job.LogEvery, logEvery)),
		watch: newWatch(chance(run), run.Recipe.WarmupSteps, run.Steps()),
	}
	if err := s.begin(ctx, t.Engine, job); err != nil {
		return nil, errors.Join(err, device.Close())
	}
	return s, nil
}

// begin makes the model and opens its data, where the run begins or goes on.
func (s *session) begin(ctx context.Context, e Engine, job trainer.Job) (err error) {
	if s.model, s.engine, err = e.learner(s.run, s.device); err != nil {
		return err
	}
	s.kernels = kernelsOf(s.engine)
	position := ""
	if job.Resume != nil {
		position, err = s.restore(job)
	} else {
		err = s.first(job)
	}
	if err != nil {
		return err
	}
	s.source, err = openSource(ctx, s.run, job.Threads, position)
	s.began, s.beganAt = time.Now(), s.step
	return err
}

// first gives the model its first weights.
func (s *session) first(job trainer.Job) error {
	if job.Init == nil {
		s.model.Draw(s.run.Seed)
		return nil
	}
	weights, err := job.Init()
	if err != nil {
		return fmt.Errorf("begin with given weights: %w", err)
	}
	return s.model.SetWeights(weights)
}

func (s *session) close() {
	s.source.close()
	s.device.Close()
}

// advance does one step and reports it. A step after which the run is lost is logged too.
func (s *session) advance(ctx context.Context) (*trainer.Divergence, error) {
	r := s.run.Recipe
	rate := rateAt(r, s.step, s.steps)
	images, ids, err := s.source.next(ctx, s.step)
	if err != nil {
		return nil, fmt.Errorf("step %d: %w", s.step+1, err)
	}
	s.model.Step(images, ids, r.BatchSize)
	s.model.Update(op.AdamW{Rate: rate, Beta1: r.Beta1, Beta2: r.Beta2, Eps: r.Eps, Decay: r.WeightDecay, Step: s.step + 1})
	loss, length, err := s.model.Loss()
	if err != nil {
		return nil, fmt.Errorf("step %d: %w", s.step+1, err)
	}
	s.step++
	lost := s.watch.see(s.step, loss, length)
	s.sink.Progress(trainer.Progress{Step: s.step, Steps: s.steps, SamplesSeen: s.samples(), SamplesPerSecond: s.speed(), Loss: loss})
	if s.step%s.every != 0 && s.step != s.steps && lost == nil {
		return nil, nil
	}
	scale, err := s.model.LogitScale()
	if err != nil {
		return nil, fmt.Errorf("step %d: %w", s.step, err)
	}
	return lost, s.sink.Metrics(ctx, []sweep.Metric{
		s.metric("loss", loss), s.metric("learning_rate", rate), s.metric("grad_norm", length),
		s.metric("logit_scale", scale), s.metric("samples_per_second", s.speed()),
	})
}

func (s *session) metric(name string, value float64) sweep.Metric {
	return sweep.Metric{Name: name, Step: s.step, SamplesSeen: s.samples(), Value: value}
}

// kept reports whether a kept checkpoint is due after this step.
func (s *session) kept() bool { return slices.Contains(s.keep, s.step) }

func (s *session) samples() int64 { return s.step * int64(s.run.Recipe.BatchSize) }

func (s *session) speed() float64 {
	seconds := time.Since(s.began).Seconds()
	return float64((s.step-s.beganAt)*int64(s.run.Recipe.BatchSize)) / max(seconds, 1e-9)
}

// interrupted saves where the run stands and gives the reason of the cancellation. The
// checkpoint is written although ctx is over.
func (s *session) interrupted(ctx context.Context) (trainer.Result, error) {
	if s.step > 0 {
		if err := s.checkpoint(context.WithoutCancel(ctx)); err != nil {
			return trainer.Result{}, fmt.Errorf("save run %s on interruption: %w", s.run.ID, err)
		}
	}
	return s.result(nil), context.Cause(ctx)
}

func (s *session) result(lost *trainer.Divergence) trainer.Result {
	return trainer.Result{Steps: s.step, Diverged: lost, Device: s.engine}
}
