package gpus_test

import (
	"bytes"
	"testing"

	"github.com/scalelaw/scalelaw/trainer/clip"
	"github.com/scalelaw/scalelaw/trainer/cuda/driver/drivertest"
	"github.com/scalelaw/scalelaw/trainer/gpus"
)

// Twenty steps on a real GPU are those of the CPU, and a run that is resumed has the same bits.
func TestTrainsAsTheCPUOnAGPU(t *testing.T) {
	_, s := drivertest.GPU(t)
	e := clip.Engine{GPUs: gpus.New(s, t.TempDir(), nil)}
	const middle = 7
	for name, run := range runs(t) {
		onCPU := train(t, e, run, "cpu", nil, -1)
		onGPU := train(t, e, run, "cuda", nil, middle)
		worst := apart(t, onGPU.losses, onCPU.losses)
		t.Logf("%s: losses %.1e apart", name, worst)
		if worst > 1e-4 {
			t.Errorf("%s: losses %g apart\n%v\n%v", name, worst, onGPU.losses, onCPU.losses)
		}
		resumed := 0
		for step := range onGPU.checkpoints {
			if step == steps {
				continue
			}
			resumed++
			again := train(t, e, run, "cuda", onGPU.snapshot(step), -1)
			if !bytes.Equal(again.checkpoints[steps][0], onGPU.checkpoints[steps][0]) {
				t.Errorf("%s: resumed at step %d it ends elsewhere", name, step)
			}
		}
		if resumed == 0 {
			t.Errorf("%s: there was no checkpoint to resume from", name)
		}
	}
}
