package emulator_test

import (
	"strings"
	"testing"
	"unsafe"

	"github.com/scalelaw/scalelaw/trainer/cuda/driver"
)

const twice = `extern "C" __global__ void twice(float* x, int n) { if (threadIdx.x < n) x[threadIdx.x] *= 2; }`

func (r *rig) twice(s driver.Stream, f driver.Function, x driver.Pointer, n int) error {
	return r.Launch(driver.Launch{Function: f, Block: driver.Dim{X: 32}, Stream: s, Args: []driver.Arg{driver.Ptr(x), driver.Int(n)}})
}

func TestFaultsOfTheHostAreCaught(t *testing.T) {
	tests := map[string]struct {
		says  string
		fault func(t *testing.T, r *rig, f driver.Function) error
	}{
		"a host pointer": {"an address of the host", func(t *testing.T, r *rig, f driver.Function) error {
			own := make([]float32, 4)
			return r.launch(f, 1, 32, 0, driver.Ptr(driver.Pointer(uintptr(unsafe.Pointer(&own[0])))), driver.Int(4))
		}},
		"memory after its free": {"freed device memory", func(t *testing.T, r *rig, f driver.Function) error {
			x := r.floats(1, 2, 3)
			must(t, r.Free(x))
			return r.launch(f, 1, 32, 0, driver.Ptr(x), driver.Int(3))
		}},
		"memory never written": {"never written", func(t *testing.T, r *rig, f driver.Function) error {
			return r.launch(f, 1, 32, 0, driver.Ptr(r.room(3)), driver.Int(3))
		}},
		"a copy too long": {"past the end", func(t *testing.T, r *rig, _ driver.Function) error {
			return r.Write(r.stream, r.room(3), make([]byte, 16))
		}},
		"reading what was never written": {"never written", func(t *testing.T, r *rig, _ driver.Function) error {
			return r.Read(r.stream, make([]byte, 12), r.room(3))
		}},
		"pinned memory reused too early": {"reused too early", func(t *testing.T, r *rig, _ driver.Function) error {
			pinned, err := r.AllocatePinned(64)
			must(t, err)
			must(t, r.WriteAsync(r.stream, r.room(16), pinned))
			pinned[5] = 1
			return r.Synchronize(r.stream)
		}},
		"two streams without an event": {"no stream or event", func(t *testing.T, r *rig, f driver.Function) error {
			other, err := r.NewStream()
			must(t, err)
			x := r.floats(1, 2, 3)
			must(t, r.twice(r.stream, f, x, 3))
			must(t, r.twice(other, f, x, 3))
			must(t, r.Synchronize(r.stream))
			return r.Synchronize(other)
		}},
		"a copy beside a kernel": {"no stream or event", func(t *testing.T, r *rig, f driver.Function) error {
			other, err := r.NewStream()
			must(t, err)
			x, y := r.floats(1, 2, 3), r.room(3)
			must(t, r.twice(r.stream, f, x, 3))
			must(t, r.CopyAsync(other, y, x, 12))
			must(t, r.Synchronize(r.stream))
			return r.Synchronize(other)
		}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			inEachOrder(t, func(t *testing.T, r *rig) { caught(t, r, test.fault(t, r, r.kernel(twice, "twice")), test.says) })
		})
	}
}

func TestEventsOrderStreams(t *testing.T) {
	inEachOrder(t, func(t *testing.T, r *rig) {
		f := r.kernel(twice, "twice")
		other, err := r.NewStream()
		must(t, err)
		event, err := r.NewEvent(false)
		must(t, err)
		x := r.floats(1, 2, 3)
		must(t, r.twice(r.stream, f, x, 3))
		must(t, r.Record(event, r.stream))
		must(t, r.Wait(other, event))
		must(t, r.twice(other, f, x, 3))
		must(t, r.Synchronize(other))
		if got := r.read(x, 3); got[2] != 12 {
			t.Errorf("%v, want 4 8 12", got)
		}
	})
}

func TestReadingBeforeTheCopyIsDoneShows(t *testing.T) {
	r := open(t)
	pinned, err := r.AllocatePinned(12)
	must(t, err)
	must(t, r.ReadAsync(r.stream, pinned, r.floats(1, 2, 3)))
	values := unsafe.Slice((*float32)(unsafe.Pointer(&pinned[0])), 3)
	if values[0] == values[0] {
		t.Errorf("%v was there before the stream was waited for", values)
	}
	must(t, r.Synchronize(r.stream))
	if values[2] != 3 {
		t.Errorf("%v, want 1 2 3", values)
	}
}

func TestWhatACaptureRefuses(t *testing.T) {
	tests := map[string]func(r *rig, x driver.Pointer) error{
		"waiting":    func(r *rig, _ driver.Pointer) error { return r.Synchronize(r.stream) },
		"allocating": func(r *rig, _ driver.Pointer) error { _, err := r.Allocate(16); return err },
		"freeing":    func(r *rig, x driver.Pointer) error { return r.Free(x) },
		"pinning":    func(r *rig, _ driver.Pointer) error { _, err := r.AllocatePinned(16); return err },
	}
	for name, refused := range tests {
		t.Run(name, func(t *testing.T) {
			r := open(t)
			x, f := r.floats(1, 2, 3), r.kernel(twice, "twice")
			must(t, r.BeginCapture(r.stream))
			must(t, r.twice(r.stream, f, x, 3))
			if err := refused(r, x); err == nil || !strings.Contains(err.Error(), "900") {
				t.Errorf("in a capture: %v", err)
			}
			if _, err := r.EndCapture(r.stream); err == nil || !strings.Contains(err.Error(), "901") {
				t.Errorf("the end of a broken capture: %v", err)
			}
			must(t, r.twice(r.stream, f, x, 3))
			must(t, r.Synchronize(r.stream))
		})
	}
}

func TestAForkThatDoesNotJoinIsRefused(t *testing.T) {
	r := open(t)
	other, err := r.NewStream()
	must(t, err)
	event, err := r.NewEvent(false)
	must(t, err)
	x, f := r.floats(1, 2, 3), r.kernel(twice, "twice")
	must(t, r.BeginCapture(r.stream))
	must(t, r.twice(r.stream, f, x, 3))
	must(t, r.Record(event, r.stream))
	must(t, r.Wait(other, event))
	must(t, r.twice(other, f, x, 3))
	if _, err := r.EndCapture(r.stream); err == nil || !strings.Contains(err.Error(), "904") {
		t.Errorf("work that is not joined: %v", err)
	}
}

func TestParallelNodesOfAGraphRace(t *testing.T) {
	r := open(t)
	other, err := r.NewStream()
	must(t, err)
	fork, err := r.NewEvent(false)
	must(t, err)
	join, err := r.NewEvent(false)
	must(t, err)
	x, y, f := r.floats(1, 2, 3), r.floats(0), r.kernel(twice, "twice")
	must(t, r.BeginCapture(r.stream))
	must(t, r.twice(r.stream, f, y, 1))
	must(t, r.Record(fork, r.stream))
	must(t, r.Wait(other, fork))
	must(t, r.twice(other, f, x, 3))
	must(t, r.twice(r.stream, f, x, 3))
	must(t, r.Record(join, other))
	must(t, r.Wait(r.stream, join))
	g, err := r.EndCapture(r.stream)
	must(t, err)
	must(t, r.LaunchGraph(g, r.stream))
	caught(t, r, r.Synchronize(r.stream), "no stream or event")
}
