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
	"github.com/scalelaw/scalelaw/trainer/clip/dual"
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
	devices *devices
	room    int64 // bytes that each device has free before the model; 0: not known
	model   Learner
	engine  string // names what computes
	kernels string // what computed each part of the run, in order: the bits depend on it
	source  source
	watch   *watch
	sink    trainer.Sink
	every   int64 // steps between logged ones
	keep    []int64
	steps   int64
	step    int64 // reported: its loss was seen
	began   time.Time
	beganAt int64

	trained  int64 // steps that were called; on a device that runs behind, one more than step
	loaded   int64 // of which the batch was handed over
	position string
	next     string // position behind the loaded batch
	waits    []func() (dual.Outcome, error)
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
		if err == nil && lost == nil && (s.kept() || sink.CheckpointDue()) {
			if lost, err = s.catchUp(ctx, s.trained); err == nil && lost == nil {
				err = s.checkpoint(ctx)
			}
		}
		if err != nil && ctx.Err() != nil { // while it waited for data, told of a step or saved: it is saved anew
			return s.interrupted(ctx)
		}
		if err != nil || lost != nil {
			return s.result(lost), s.explain(err)
		}
	}
	return s.result(nil), nil
}

func (t Trainer) newSession(ctx context.Context, job trainer.Job, sink trainer.Sink) (*session, error) {
	run := job.Run
	if err := trainable(run); err != nil {
		return nil, err
	}
	d, err := t.devicesOf(job)
	if err != nil {
		return nil, err
	}
	s := &session{
		run: run, devices: d, sink: sink, steps: run.Steps(), keep: job.Keep, every: int64(cmp.Or(job.LogEvery, logEvery)),
		watch: newWatch(chance(run), run.Recipe.WarmupSteps, run.Steps()),
	}
	if err := s.begin(ctx, t.Engine, job); err != nil {
		return nil, errors.Join(s.explain(err), d.close())
	}
	return s, nil
}

// begin makes the model and opens its data, where the run begins or goes on.
func (s *session) begin(ctx context.Context, e Engine, job trainer.Job) (err error) {
	if err := s.fits(); err != nil {
		return err
	}
	if s.model, s.engine, err = e.learner(s.run, s.devices); err != nil {
		return err
	}
	s.kernels = kernelsOf(s.engine)
	if job.Resume != nil {
		s.position, err = s.restore(job)
	} else {
		err = s.first(job)
	}
	if err != nil {
		return err
	}
	s.source, err = openSource(ctx, s.run, job.Threads, s.position)
	s.began, s.beganAt, s.trained, s.loaded = time.Now(), s.step, s.step, s.step
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

func (s *session) metric(name string, value float64) sweep.Metric {
	return sweep.Metric{Name: name, Step: s.step, SamplesSeen: s.samples(), Value: value}
}

// kept reports whether a kept checkpoint is due after the last step.
func (s *session) kept() bool { return slices.Contains(s.keep, s.trained) }

func (s *session) samples() int64 { return s.step * int64(s.run.Recipe.BatchSize) }

func (s *session) speed() float64 {
	seconds := time.Since(s.began).Seconds()
	return float64((s.step-s.beganAt)*int64(s.run.Recipe.BatchSize)) / max(seconds, 1e-9)
}

// interrupted saves where the run stands and gives the reason of the cancellation. The
// checkpoint is written although ctx is over.
func (s *session) interrupted(ctx context.Context) (trainer.Result, error) {
	over := context.WithoutCancel(ctx)
	lost, err := s.catchUp(over, s.trained)
	if lost != nil {
		return s.result(lost), nil
	}
	if err == nil && s.step > 0 {
		err = s.checkpoint(over)
	}
	if err != nil {
		return trainer.Result{}, fmt.Errorf("save run %s on interruption: %w", s.run.ID, err)
	}
	return s.result(nil), context.Cause(ctx)
}

func (s *session) result(lost *trainer.Divergence) trainer.Result {
	return trainer.Result{Steps: s.step, Diverged: lost, Device: s.engine}
}
