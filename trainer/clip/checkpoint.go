package clip

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/scalelaw/scalelaw/sweep"
	"github.com/scalelaw/scalelaw/trainer"
	"github.com/scalelaw/scalelaw/trainer/clip/safetensors"
)

// Keys of a state file's metadata.
const (
	dataPosition = "data"        // the position in the data
	computedBy   = "computed_by" // session.kernels
)

// checkpoint hands the sink the state after s.step: weights, and beside them the moments, the
// step, how long the loss has been too high and where the data stands. Nothing else decides how the run goes on.
func (s *session) checkpoint(ctx context.Context) error {
	metadata := map[string]string{"format": "pt", "step": strconv.FormatInt(s.step, 10), "run": s.run.ID}
	state := map[string]string{"step": metadata["step"], "run": s.run.ID, "steps_at_chance": strconv.FormatInt(s.watch.high, 10), dataPosition: s.position, computedBy: s.kernels}
	weights, err := s.model.Weights()
	if err != nil {
		return fmt.Errorf("save step %d: %w", s.step, err)
	}
	moments, err := s.model.Moments()
	if err != nil {
		return fmt.Errorf("save step %d: %w", s.step, err)
	}
	return s.sink.Checkpoint(ctx, trainer.Checkpoint{
		Step: s.step, SamplesSeen: s.samples(), Kept: s.kept(),
		Weights: func(w io.Writer) error {
			return safetensors.Write(w, safetensors.File{Metadata: metadata, Tensors: weights})
		},
		State: func(w io.Writer) error {
			return safetensors.Write(w, safetensors.File{Metadata: state, Tensors: moments})
		},
	})
}

// restore puts the session where a checkpoint left off, and gives the position in its data.
func (s *session) restore(job trainer.Job) (position string, err error) {
	from := job.Resume
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
	if s.step < s.steps {
		s.computedBefore(state.Metadata[computedBy], job.Warn)
	}
	return state.Metadata[dataPosition], nil
}

// kernelsOf is an engine's name without the number of threads, which does not change the bits.
func kernelsOf(engine string) string {
	kernels, _, _ := strings.Cut(engine, " (")
	return kernels
}

// computedBefore takes note of what computed the run so far ("" in files of old versions), and
// says when that was other kernels.
func (s *session) computedBefore(before string, warn func(string)) {
	if before == "" || before == s.kernels || strings.HasSuffix(before, ", "+s.kernels) {
		s.kernels = cmp.Or(before, s.kernels)
		return
	}
	if warn != nil {
		warn(fmt.Sprintf("goes on with %s after %s: its weights will not be, bit for bit, those of a run on one of them", s.kernels, before))
	}
	s.kernels = before + ", " + s.kernels
	s.engine += ", after " + before
}

func readFile(open func() (io.ReadCloser, error)) (safetensors.File, error) {
	r, err := open()
	if err != nil {
		return safetensors.File{}, err
	}
	defer r.Close()
	return safetensors.Read(r)
}
