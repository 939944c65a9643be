package gpus_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math"
	"slices"
	"testing"

	"github.com/scalelaw/scalelaw/sweep"
	"github.com/scalelaw/scalelaw/trainer"
	"github.com/scalelaw/scalelaw/trainer/clip"
	"github.com/scalelaw/scalelaw/trainer/cuda/emulator"
	"github.com/scalelaw/scalelaw/trainer/gpus"
)

const steps = 20

// runs are a small ladder model and a tiny CLIP, on icons: 20 steps of 8 pairs.
func runs(t *testing.T) map[string]sweep.Run {
	t.Helper()
	data, ok := sweep.LookupDataset("icons-6k")
	if !ok {
		t.Fatal("no data")
	}
	run := sweep.Run{
		ID: "test", Trainer: sweep.TrainerClip, Data: data, Checkpoints: 1, Seed: 1,
		Recipe: sweep.Recipe{BatchSize: 8, LearningRate: 2e-3, WarmupSteps: 2, WeightDecay: 0.1, Beta1: 0.9, Beta2: 0.98, Eps: 1e-8, Schedule: "cosine", Precision: sweep.PrecisionFP32},
	}
	run.ActualSamplesSeen = steps * int64(run.Recipe.BatchSize)
	ladder, tiny := run, run
	ladder.Model = sweep.NewLadder(2)
	tiny.Model = sweep.Model{Name: "tiny", OpenCLIP: &sweep.OpenCLIP{
		EmbedDim: 16, Vision: sweep.VisionTower{ImageSize: 32, Layers: 1, Width: 32, HeadWidth: 32, PatchSize: 16, MLPRatio: 2},
		Text: sweep.TextTower{ContextLength: 9, VocabSize: 128, Width: 32, Heads: 1, Layers: 1, MLPRatio: 2},
	}}
	return map[string]sweep.Run{"ladder": ladder, "tiny": tiny}
}

// sink keeps losses and checkpoints; it asks for one at a step.
type sink struct {
	losses      []float64
	checkpoints map[int64][2][]byte
	dueAt       int64
}

func (s *sink) Metrics(_ context.Context, rows []sweep.Metric) error {
	for _, r := range rows {
		if r.Name == "loss" {
			s.losses = append(s.losses, r.Value)
		}
	}
	return nil
}

func (s *sink) Checkpoint(_ context.Context, c trainer.Checkpoint) error {
	var weights, state bytes.Buffer
	if err := errors.Join(c.Weights(&weights), c.State(&state)); err != nil {
		return err
	}
	if s.checkpoints == nil {
		s.checkpoints = map[int64][2][]byte{}
	}
	s.checkpoints[c.Step] = [2][]byte{weights.Bytes(), state.Bytes()}
	return nil
}

func (s *sink) CheckpointDue() bool       { return int64(len(s.losses)) == s.dueAt }
func (s *sink) Progress(trainer.Progress) {}

func (s *sink) snapshot(step int64) *trainer.Snapshot {
	if step == 0 {
		return nil
	}
	open := func(i int) func() (io.ReadCloser, error) {
		return func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(s.checkpoints[step][i])), nil }
	}
	return &trainer.Snapshot{Step: step, Weights: open(0), State: open(1)}
}

// engine computes on the emulated GPUs of the test.
func engine(t *testing.T, settings ...string) (clip.Engine, *emulator.Emulator) {
	t.Helper()
	e := emulator.Open(t, settings...)
	return clip.Engine{GPUs: gpus.New(e.Search(), t.TempDir(), nil)}, e
}

func train(t *testing.T, e clip.Engine, run sweep.Run, device string, resume *trainer.Snapshot, dueAt int64) *sink {
	t.Helper()
	s := &sink{dueAt: dueAt}
	job := trainer.Job{Run: run, Keep: run.KeepSteps(), Device: device, LogEvery: 1, Threads: 1, Resume: resume}
	if _, err := (clip.Trainer{Engine: e}).Train(context.Background(), job, s); err != nil {
		t.Fatalf("on %s: %v", device, err)
	}
	return s
}

// apart is the largest relative distance of losses.
func apart(t *testing.T, got, want []float64) (worst float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%d losses, want %d", len(got), len(want))
	}
	for i := range got {
		worst = max(worst, math.Abs(got[i]-want[i])/want[i])
	}
	return worst
}

// Twenty steps on the GPU are those of the CPU; a run that is resumed on the GPU has the GPU's
// bits, and one may begin on either and go on on the other.
func TestTrainsAsTheCPU(t *testing.T) {
	e, _ := engine(t)
	for name, run := range runs(t) {
		onCPU := train(t, e, run, "cpu", nil, 15)
		onGPU := train(t, e, run, "cuda", nil, 15)
		if worst := apart(t, onGPU.losses, onCPU.losses); worst > 1e-4 {
			t.Errorf("%s: losses %g apart\n%v\n%v", name, worst, onGPU.losses, onCPU.losses)
		} else {
			t.Logf("%s: losses %.1e apart", name, worst)
		}
		for step := range onGPU.checkpoints {
			if step == steps {
				continue
			}
			again := train(t, e, run, "cuda", onGPU.snapshot(step), -1)
			if !bytes.Equal(again.checkpoints[steps][0], onGPU.checkpoints[steps][0]) || !slices.Equal(again.losses, onGPU.losses[step:]) {
				t.Errorf("%s: resumed at step %d it ends elsewhere", name, step)
			}
			moved := train(t, e, run, "cpu", onGPU.snapshot(step), -1)
			if worst := apart(t, moved.losses, onCPU.losses[step:]); worst > 1e-4 {
				t.Errorf("%s: from the GPU to the CPU, losses %g apart", name, worst)
			}
		}
		for step := range onCPU.checkpoints {
			if step == steps {
				continue
			}
			moved := train(t, e, run, "cuda", onCPU.snapshot(step), -1)
			if worst := apart(t, moved.losses, onCPU.losses[step:]); worst > 1e-4 {
				t.Errorf("%s: from the CPU to the GPU, losses %g apart", name, worst)
			}
		}
	}
}
