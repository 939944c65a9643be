package clip

import (
	"context"
	"fmt"
	"io"
	"strconv"

	"github.com/scalelaw/scalelaw/sweep"
	"github.com/scalelaw/scalelaw/trainer"
	"github.com/scalelaw/scalelaw/trainer/clip/safetensors"
)

// dataPosition is the key of the position in the data, in a state file's metadata.
const dataPosition = "data"

// checkpoint hands the sink the state after s.step: weights, and beside them the moments, the
// step, how long the loss has been too high and where the data stands. Nothing else decides how the run goes on.
func (s *session) checkpoint(ctx context.Context, kept bool) error {
	metadata := map[string]string{"format": "pt", "step": strconv.FormatInt(s.step, 10), "run": s.run.ID}
	state := map[string]string{"step": metadata["step"], "run": s.run.ID, "steps_at_chance": strconv.FormatInt(s.watch.high, 10), dataPosition: s.source.position()}
	weights, err := s.model.Weights()
	if err != nil {
		return fmt.Errorf("save step %d: %w", s.step, err)
	}
	moments, err := s.model.Moments()
	if err != nil {
		return fmt.Errorf("save step %d: %w", s.step, err)
	}
	return s.sink.Checkpoint(ctx, trainer.Checkpoint{
		Step: s.step, SamplesSeen: s.samples(), Kept: kept,
		Weights: func(w io.Writer) error {
			return safetensors.Write(w, safetensors.File{Metadata: metadata, Tensors: weights})
		},
		State: func(w io.Writer) error {
			return safetensors.Write(w, safetensors.File{Metadata: state, Tensors: moments})
		},
	})
}

// restore puts the session where a checkpoint left off, and gives the position in its data.
func (s *session) restore(from *trainer.Snapshot) (position string, err error) {
	weights, err := readFile(from.Weights)
	if err != nil {
		return "", fmt.Errorf("resume from step %d: weights: %w", from.Step, err)
	}
	if err := s.model.SetWeights(weights.Tensors); err != nil {
		return "", fmt.Errorf("resume from step %d: %w", from.Step, err)
	}
	state, err := readFile(from.State)
	if err != nil {
		return "", fmt.Errorf("resume from step %d: state: %w", from.Step, err)
	}
	if err := s.model.SetMoments(state.Tensors); err != nil {
		return "", fmt.Errorf("resume from step %d: %w", from.Step, err)
	}
	s.step, err = strconv.ParseInt(state.Metadata["step"], 10, 64)
	if err != nil || s.step != from.Step || weights.Metadata["step"] != state.Metadata["step"] || s.step > s.steps {
		return "", fmt.Errorf("resume from step %d: %w: weights are of step %q, state of step %q", from.Step, sweep.ErrDataMissing, weights.Metadata["step"], state.Metadata["step"])
	}
	if s.watch.high, err = strconv.ParseInt(state.Metadata["steps_at_chance"], 10, 64); err != nil {
		return "", fmt.Errorf("resume from step %d: %w: steps_at_chance is %q", from.Step, sweep.ErrDataMissing, state.Metadata["steps_at_chance"])
	}
	return state.Metadata[dataPosition], nil
}

func readFile(open func() (io.ReadCloser, error)) (safetensors.File, error) {
	r, err := open()
	if err != nil {
		return safetensors.File{}, err
	}
	defer r.Close()
	return safetensors.Read(r)
}
