package clip

import (
	"context"
	"fmt"

	"github.com/scalelaw/scalelaw/sweep"
	"github.com/scalelaw/scalelaw/trainer"
	"github.com/scalelaw/scalelaw/trainer/op"
)

// advance calls one step and reports those that are done. A device that runs behind the calls
// is given the next batch meanwhile, and its loss is looked at when the next step is on its way:
// it never waits for the host.
func (s *session) advance(ctx context.Context) (*trainer.Divergence, error) {
	if err := s.load(ctx, s.trained); err != nil {
		return nil, err
	}
	s.model.Train()
	s.trained++
	s.position = s.next
	s.waits = append(s.waits, s.model.Fetch())
	if !s.model.Behind() || s.trained == s.steps {
		return s.catchUp(ctx, s.trained)
	}
	if err := s.load(ctx, s.trained); err != nil {
		return nil, err
	}
	return s.catchUp(ctx, s.trained-1)
}

// load hands the model the batch of a step (from 0), unless it has it.
func (s *session) load(ctx context.Context, step int64) error {
	if s.loaded > step {
		return nil
	}
	images, ids, err := s.source.next(ctx, step)
	if err != nil {
		return fmt.Errorf("step %d: %w", step+1, err)
	}
	r := s.run.Recipe
	s.model.Load(images, ids, op.AdamW{Rate: rateAt(r, step, s.steps), Beta1: r.Beta1, Beta2: r.Beta2, Eps: r.Eps, Decay: r.WeightDecay, Step: step + 1})
	s.loaded, s.next = step+1, s.source.position()
	return nil
}

// catchUp waits for the steps up to one and reports them.
func (s *session) catchUp(ctx context.Context, step int64) (*trainer.Divergence, error) {
	for s.step < step {
		if lost, err := s.report(ctx); lost != nil || err != nil {
			return lost, err
		}
	}
	return nil, nil
}

// report tells of the next step. One after which the run is lost is logged too.
func (s *session) report(ctx context.Context) (*trainer.Divergence, error) {
	wait := s.waits[0]
	s.waits = s.waits[1:]
	o, err := wait()
	if err != nil {
		return nil, fmt.Errorf("step %d: %w", s.step+1, err)
	}
	s.step++
	lost := s.watch.see(s.step, o.Loss, o.Length)
	s.sink.Progress(trainer.Progress{Step: s.step, Steps: s.steps, SamplesSeen: s.samples(), SamplesPerSecond: s.speed(), Loss: o.Loss})
	if s.step%s.every != 0 && s.step != s.steps && lost == nil {
		return nil, nil
	}
	return lost, s.sink.Metrics(ctx, []sweep.Metric{
		s.metric("loss", o.Loss), s.metric("learning_rate", rateAt(s.run.Recipe, s.step-1, s.steps)), s.metric("grad_norm", o.Length),
		s.metric("logit_scale", o.Scale), s.metric("samples_per_second", s.speed()),
	})
}

func (s *session) close() error {
	s.source.close()
	return s.devices.close()
}
