package gpus_test

import (
	"bytes"
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/scalelaw/scalelaw/sweep"
	"github.com/scalelaw/scalelaw/trainer"
	"github.com/scalelaw/scalelaw/trainer/clip"
	"github.com/scalelaw/scalelaw/trainer/gpus"
)

// kinds are what a failure may be: each has its retry rule.
var kinds = []error{
	sweep.ErrNoDevice, sweep.ErrDeviceBusy, sweep.ErrDeviceLost, sweep.ErrDeviceMemory, sweep.ErrOutOfMemory, sweep.ErrUnsupported, sweep.ErrInternal,
}

// code is what a function of a library fails with: an illegal access, a compilation, an internal
// error.
func code(function string) int {
	switch {
	case strings.HasPrefix(function, "nvrtc"):
		return 6
	case strings.HasPrefix(function, "cublasLt"):
		return 14
	}
	return 700
}

// gives says that a function gives something back, which stays when it fails.
func gives(function string) bool {
	return slices.ContainsFunc([]string{"Destroy", "Free", "Release", "Unload"}, func(verb string) bool { return strings.Contains(function, verb) })
}

// Each function of the driver and its libraries that training calls fails in turn, late in the
// run: the error is of a kind that retry rules know, nothing of the device is left behind, and
// the last checkpoint goes on to the bits of a run that nothing happened to.
func TestEveryFailureLeavesACheckpoint(t *testing.T) {
	_, emulator := engine(t, "checks=0")
	run := short(runs(t)["tiny"], 4)
	fresh := func() clip.Engine { return clip.Engine{GPUs: gpus.New(emulator.Search(), "", nil)} }
	before := emulator.Calls()
	whole := train(t, fresh(), run, "cuda", nil, -1)
	calls := emulator.Calls()
	for function, n := range before {
		calls[function] -= n
	}
	tried := 0
	for _, function := range slices.Sorted(maps.Keys(calls)) {
		n := calls[function]
		if n == 0 {
			continue
		}
		tried++
		emulator.Fail(function, max(1, n*3/4), code(function))
		s := &sink{dueAt: 1}
		job := trainer.Job{Run: run, Keep: run.KeepSteps(), Device: "cuda", LogEvery: 1, Threads: 1}
		_, err := (clip.Trainer{Engine: fresh()}).Train(context.Background(), job, s)
		emulator.Heal()
		left := emulator.Leaks()
		emulator.Reset()
		emulator.Set("checks", "0")
		if slices.Sort(left); len(left) > 0 && !gives(function) {
			t.Errorf("%s: %v: left behind: %q", function, err, slices.Compact(left))
		}
		if err != nil && !slices.ContainsFunc(kinds, func(kind error) bool { return errors.Is(err, kind) }) {
			t.Errorf("%s: %v is of no kind", function, err)
		}
		if err != nil && len(s.checkpoints) > 0 {
			s = train(t, fresh(), run, "cuda", s.halfway(), -1)
		}
		if len(s.checkpoints) > 0 && !bytes.Equal(s.last(), whole.last()) {
			t.Errorf("%s: %v: it ends elsewhere", function, err)
		}
	}
	if tried < 30 {
		t.Errorf("only %d functions were called", tried)
	}
}
