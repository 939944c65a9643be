package clip

import (
	"bytes"
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/scalelaw/scalelaw/sweep"
	"github.com/scalelaw/scalelaw/trainer"
	"github.com/scalelaw/scalelaw/trainer/op"
	"github.com/scalelaw/scalelaw/trainer/op/cpu"
)

// pretended are GPUs of a test: CPU devices that run behind the calls.
type pretended struct {
	memory int64
	reason error // why there is none
	opened int
}

// pretendedGPU has memory of its own.
type pretendedGPU struct {
	behind
	memory int64
}

func (p *pretendedGPU) Free() (int64, error) { return p.memory, nil }

func (p *pretended) Open(_ []int, count int, _ string) (all []op.Device, groups []op.Group, err error) {
	if p.reason != nil {
		return nil, nil, p.reason
	}
	for range count {
		d, err := cpu.New(cpu.Options{Threads: 1})
		if err != nil {
			return nil, nil, err
		}
		p.opened++
		all = append(all, &pretendedGPU{behind{Device: d}, p.memory})
	}
	return all, nil, nil
}

func trainOnGPU(t *testing.T, e Engine, run sweep.Run, m *memory, resume *trainer.Snapshot) (trainer.Result, error) {
	t.Helper()
	ctx, cancel := context.WithCancelCause(context.Background())
	defer cancel(nil)
	m.stop = cancel
	return Trainer{e}.Train(ctx, trainer.Job{Run: run, Keep: run.KeepSteps(), Resume: resume, Device: "cuda"}, m)
}

// A device that runs behind the calls trains to the same bits and the same metrics, though its
// losses are looked at a step late; kept checkpoints are of their step, and an interrupted run
// goes on exactly, here or on the CPU.
func TestRunningBehindIsTheSame(t *testing.T) {
	run := runOf(4, 64*23, func(r *sweep.Run) { r.Checkpoints = 2 })
	e := Engine{GPUs: &pretended{memory: 1 << 40}}
	want := mustTrain(t, run, &memory{}, nil)
	got := &memory{}
	if result, err := trainOnGPU(t, e, run, got, nil); err != nil || result.Steps != 23 {
		t.Fatalf("%+v, %v", result, err)
	}
	if !slices.Equal(got.metrics, want.metrics) {
		t.Errorf("metrics\n%v\nwant\n%v", got.metrics, want.metrics)
	}
	for step, c := range want.checkpoints {
		if g := got.checkpoints[step]; !bytes.Equal(g.weights, c.weights) || !g.kept {
			t.Errorf("the checkpoint of step %d differs", step)
		}
	}
	broken := &memory{stopAt: 7, dueAt: 4}
	if _, err := trainOnGPU(t, e, run, broken, nil); !errors.Is(err, errStopped) {
		t.Fatal(err)
	}
	for _, at := range []int64{5, 8} { // due after step 4, stopped after step 7: the next step was called already
		if _, ok := broken.checkpoints[at]; !ok {
			t.Fatalf("no checkpoint of step %d", at)
		}
		onCPU := mustTrain(t, run, &memory{}, broken.snapshot(at))
		onGPU := &memory{}
		if _, err := trainOnGPU(t, e, run, onGPU, broken.snapshot(at)); err != nil {
			t.Fatal(err)
		}
		for _, m := range []*memory{onCPU, onGPU} {
			if !bytes.Equal(m.checkpoints[23].weights, want.checkpoints[23].weights) {
				t.Errorf("from step %d it ends elsewhere", at)
			}
		}
	}
}

// A loss that is seen a step late still ends the run at its step.
func TestRunningBehindSeesDivergence(t *testing.T) {
	run := runOf(4, 64*40, func(r *sweep.Run) { r.Recipe.LearningRate = math.MaxFloat32; r.Recipe.WarmupSteps = 0 })
	want, err := train(t, run, &memory{}, nil)
	if err != nil || want.Diverged == nil {
		t.Fatalf("%+v, %v", want, err)
	}
	m := &memory{}
	got, err := trainOnGPU(t, Engine{GPUs: &pretended{memory: 1 << 40}}, run, m, nil)
	if err != nil || got.Diverged == nil || *got.Diverged != *want.Diverged || got.Steps != want.Steps {
		t.Errorf("%+v, %v, want %+v", got, err, want)
	}
	if last := m.metrics[len(m.metrics)-1]; last.Step != want.Steps {
		t.Errorf("the last metrics are of step %d", last.Step)
	}
}

// A GPU is taken where one can be had; else the CPU, with the reason said once, unless the run
// demands a GPU.
func TestWhereARunComputes(t *testing.T) {
	none := errors.Join(sweep.ErrNoDevice, errors.New("no driver: libcuda.so.1 was not found"))
	for _, c := range []struct {
		given, asked string
		reason       error
		gpu, warned  bool
		fails        error
	}{
		{gpu: true}, {asked: "cuda", gpu: true}, {given: "cuda:1", gpu: true}, {given: "cpu"}, {asked: "cpu"},
		{asked: "cuda", given: "cpu"}, // what the run was given counts
		{reason: none, warned: true}, {reason: none, asked: "cuda", fails: sweep.ErrNoDevice},
		{given: "cuda:0,1", fails: sweep.ErrBadInput}, {given: "cuda:x", fails: sweep.ErrBadInput},
	} {
		gpus := &pretended{memory: 1 << 40, reason: c.reason}
		var heard []string
		run := runOf(4, 64, func(r *sweep.Run) { r.Recipe.Device = c.asked })
		job := trainer.Job{Run: run, Device: c.given}
		_, err := Trainer{Engine{GPUs: gpus, Warn: func(text string) { heard = append(heard, text) }}}.Train(context.Background(), job, &memory{})
		if !errors.Is(err, c.fails) || (gpus.opened == 1) != c.gpu || (len(heard) == 1) != c.warned {
			t.Errorf("given %q, asked %q, %v: opened %d, heard %q, %v", c.given, c.asked, c.reason, gpus.opened, heard, err)
		}
		if c.warned && !strings.Contains(heard[0], "libcuda") {
			t.Errorf("heard %q", heard)
		}
	}
	run := runOf(4, 64, func(r *sweep.Run) { r.Recipe.Device = "cuda" })
	if _, err := (Trainer{}).Train(context.Background(), trainer.Job{Run: run}, &memory{}); !errors.Is(err, sweep.ErrNoDevice) {
		t.Error(err)
	}
}

// A run that does not fit is refused before it takes memory, with what would fit; and that fits.
func TestTooLargeForTheDevice(t *testing.T) {
	vit, _ := sweep.LookupModel("ViT-B-32")
	r := sweep.Recipe{BatchSize: 32768, Precision: sweep.PrecisionBF16}
	const room = 79 << 30
	need, err := Memory(vit, r, true)
	if err != nil || need < room {
		t.Fatal(need, err)
	}
	failure := tooLarge(vit, r, true, need, room)
	n, p := Fits(vit, r, true, room), parts(vit, r, true, room)
	t.Logf("%v", failure)
	if !errors.Is(failure, sweep.ErrDeviceMemory) || n < 256 || p < 2 {
		t.Errorf("batch %d, parts %d: %v", n, p, failure)
	}
	memoryOf := func(batch, parts int) int64 {
		need, err := Memory(vit, sweep.Recipe{BatchSize: batch, AccumFreq: parts, Precision: r.Precision}, true)
		if err != nil {
			t.Fatal(err)
		}
		return need
	}
	if memoryOf(n, 1) > room || memoryOf(n+1, 1) <= room || memoryOf(r.BatchSize, p) > room || memoryOf(r.BatchSize, p/2) <= room {
		t.Errorf("batch %d, parts %d", n, p)
	}
	run := runOf(4, 64, func(r *sweep.Run) { r.Model = sweep.NewLadder(64) })
	_, err = trainOnGPU(t, Engine{GPUs: &pretended{memory: 1 << 20}}, run, &memory{}, nil)
	if !errors.Is(err, sweep.ErrDeviceMemory) || !strings.Contains(err.Error(), "a smaller model is needed") {
		t.Error(err)
	}
}
