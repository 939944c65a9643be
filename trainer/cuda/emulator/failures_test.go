package emulator_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/scalelaw/scalelaw/trainer/cuda/driver"
	"github.com/scalelaw/scalelaw/trainer/cuda/driver/native"
	"github.com/scalelaw/scalelaw/trainer/cuda/emulator"
)

func TestTheNthCallFails(t *testing.T) {
	r := open(t)
	r.Fail("cuMemAlloc_v2", 2, 2)
	first := r.room(4)
	if _, err := r.Allocate(16); !driver.Is(err, driver.OutOfMemory) {
		t.Errorf("the second allocation: %v", err)
	}
	must(t, r.Free(first))
	r.room(4)
}

func TestALostDeviceAnswersNothingElse(t *testing.T) {
	r := open(t)
	x := r.floats(1)
	r.Lose("cuStreamSynchronize", 1, 719)
	if err := r.Synchronize(r.stream); !driver.Is(err, driver.DeviceLost) {
		t.Errorf("the call that loses the device: %v", err)
	}
	if err := r.Write(r.stream, x, bytes([]float32{2})); !driver.Is(err, driver.DeviceLost) {
		t.Errorf("a call after it: %v", err)
	}
}

func TestAFaultEndsTheContext(t *testing.T) {
	r := open(t)
	f := r.kernel(twice, "twice")
	if r.launch(f, 1, 32, 0, driver.Ptr(r.room(1)), driver.Int(1)) == nil {
		t.Fatal("the fault is not caught")
	}
	if _, err := r.Allocate(16); !driver.Is(err, driver.DeviceLost) {
		t.Errorf("a call after a fault: %v", err)
	}
}

func TestMemoryIsLimited(t *testing.T) {
	r := open(t, "memory=1048576")
	free, total, err := r.MemoryInfo()
	must(t, err)
	if free != 1<<20 || total != 1<<20 {
		t.Errorf("%d of %d bytes are free, want all of 1048576", free, total)
	}
	x, err := r.Allocate(1 << 19)
	must(t, err)
	if _, err := r.Allocate(1<<19 + 1); !driver.Is(err, driver.OutOfMemory) {
		t.Errorf("more than there is: %v", err)
	}
	must(t, r.Free(x))
	_, err = r.Allocate(1 << 20)
	must(t, err)
}

func TestLeaksAreListed(t *testing.T) {
	e := emulator.Open(t)
	d, err := native.Load(e.Search())
	must(t, err)
	device, err := d.Open(0)
	must(t, err)
	_, err = device.Allocate(4096)
	must(t, err)
	if leaks := e.Leaks(); !slices.ContainsFunc(leaks, func(l string) bool { return strings.HasPrefix(l, "device memory of 4096 bytes") }) {
		t.Errorf("held memory is not listed: %q", leaks)
	}
	must(t, device.Close())
	if leaks := e.Leaks(); len(leaks) > 0 {
		t.Errorf("after Close: %q", leaks)
	}
	if n := e.Calls()["cuMemAlloc_v2"]; n != 1 {
		t.Errorf("%d allocations were counted, want 1", n)
	}
}

func TestNoDevice(t *testing.T) {
	e := emulator.Open(t, "devices=0")
	if _, err := native.Load(e.Search()); !driver.Is(err, driver.NoGPU) {
		t.Errorf("no device: %v", err)
	}
}
