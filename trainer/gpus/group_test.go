package gpus_test

import (
	"bytes"
	"testing"

	"github.com/scalelaw/scalelaw/sweep"
)

// Two devices, joined by NCCL, train to the losses of one, with recorded steps; the run may go on
// on two, to the same bits, and on one.
func TestTwoDevicesTrainAsOne(t *testing.T) {
	e, _ := engine(t, "devices=2")
	for name, run := range runs(t) {
		run = short(run, 6)
		one := train(t, e, run, "cuda:1", nil, -1)
		run.Recipe.Devices = 2
		two := train(t, e, run, "cuda:0,1", nil, 4)
		worst := apart(t, two.losses, one.losses)
		if worst > 1e-4 {
			t.Errorf("%s: losses %g apart", name, worst)
		}
		t.Logf("%s: losses %.1e apart", name, worst)
		if again := train(t, e, run, "cuda", two.halfway(), -1); !bytes.Equal(again.last(), two.last()) {
			t.Errorf("%s: resumed on two devices it ends elsewhere", name)
		}
		run.Recipe.Devices = 0
		if alone := train(t, e, run, "cuda", two.halfway(), -1); apart(t, alone.losses, one.losses[6-len(alone.losses):]) > 1e-4 {
			t.Errorf("%s: resumed on one device it has other losses", name)
		}
	}
}

// Parts of a batch, and activations that are computed again, on the GPU as on the CPU.
func TestPartsAndCheckpointing(t *testing.T) {
	e, _ := engine(t)
	run := short(runs(t)["tiny"], 5)
	whole := train(t, e, run, "cuda", nil, -1)
	run.Recipe.GradCheckpointing = true
	if again := train(t, e, run, "cuda", nil, -1); !bytes.Equal(again.last(), whole.last()) {
		t.Error("checkpointing changes the bits")
	}
	run.Recipe.AccumFreq = 2
	if worst := apart(t, train(t, e, run, "cuda", nil, -1).losses, whole.losses); worst > 1e-4 {
		t.Errorf("in parts, losses %g apart", worst)
	}
}

// In bf16 the losses are near those in fp32, and not the same.
func TestTrainsInBF16(t *testing.T) {
	e, _ := engine(t)
	run := short(runs(t)["tiny"], 5)
	wide := train(t, e, run, "cuda", nil, -1)
	run.Recipe.Precision = sweep.PrecisionBF16
	narrow := train(t, e, run, "cuda", nil, -1)
	if worst := apart(t, narrow.losses, wide.losses); worst > 0.05 || worst < 1e-6 {
		t.Errorf("losses %g apart\n%v\n%v", worst, narrow.losses, wide.losses)
	}
}
