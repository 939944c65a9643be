package gpus_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"maps"
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

// short is a run of fewer steps.
func short(run sweep.Run, steps int64) sweep.Run {
	run.ActualSamplesSeen = steps * int64(run.Recipe.BatchSize)
	return run
}

// last are the weights that a run ended with.
func (s *sink) last() []byte {
	return s.checkpoints[slices.Max(slices.Collect(maps.Keys(s.checkpoints)))][0]
}

// halfway is where a run was saved before its end.
func (s *sink) halfway() *trainer.Snapshot {
	return s.snapshot(slices.Min(slices.Collect(maps.Keys(s.checkpoints))))
}

// Twenty steps on the GPU are those of the CPU; a run that is resumed on the GPU has the GPU's
// bits, and one may begin on either and go on on the other.
func TestTrainsAsTheCPU(t *testing.T) {
	e, _ := engine(t)
	for name, run := range runs(t) {
		onCPU := train(t, e, run, "cpu", nil, 16)
		onGPU := train(t, e, run, "cuda", nil, 16)
		worst := apart(t, onGPU.losses, onCPU.losses)
		if worst > 1e-4 {
			t.Errorf("%s: losses %g apart\n%v\n%v", name, worst, onGPU.losses, onCPU.losses)
		}
		t.Logf("%s: losses %.1e apart", name, worst)
		again := train(t, e, run, "cuda", onGPU.halfway(), -1)
		if !bytes.Equal(again.last(), onGPU.last()) || !slices.Equal(again.losses, onGPU.losses[steps-len(again.losses):]) {
			t.Errorf("%s: resumed it ends elsewhere", name)
		}
		for device, from := range map[string]*sink{"cpu": onGPU, "cuda": onCPU} {
			moved := train(t, e, run, device, from.halfway(), -1)
			if worst := apart(t, moved.losses, onCPU.losses[steps-len(moved.losses):]); worst > 1e-4 {
				t.Errorf("%s: moved to %s, losses %g apart", name, device, worst)
			}
		}
	}
}
