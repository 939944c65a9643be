//go:build linux && (amd64 || arm64)

package native_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/scalelaw/scalelaw/sweep"
	"github.com/scalelaw/scalelaw/trainer/cuda/driver"
	"github.com/scalelaw/scalelaw/trainer/cuda/driver/native"
	"github.com/scalelaw/scalelaw/trainer/cuda/emulator"
	"github.com/scalelaw/scalelaw/trainer/cuda/nvrtc"
)

const addText = `extern "C" __global__ void add(int *x, int n) { if (threadIdx.x < n) x[threadIdx.x] += 1; }`

// scenario calls every function of the driver that is used. It frees some by itself and leaves
// the rest to Close.
type scenario struct {
	emulator *emulator.Emulator
	cubin    []byte
}

func newScenario(t *testing.T) *scenario {
	e := emulator.Open(t)
	d := must(native.Load(e.Search()))(t)
	c := must(nvrtc.Load(e.Search(), d.Version()))(t)
	r := must(c.Compile(nvrtc.Program{Name: "add.cu", Source: addText, Arch: must(d.Devices())(t)[0].Arch()}))(t)
	return &scenario{e, r.Cubin}
}

// run gives the first failure, and Close's after it.
func (s *scenario) run() (failed, closed error) {
	d, err := native.Load(s.emulator.Search())
	if err != nil {
		return err, nil
	}
	if _, err := d.Devices(); err != nil {
		return err, nil
	}
	device, err := d.Open(0)
	if err != nil {
		return err, nil
	}
	err = s.use(device)
	return err, device.Close()
}

// steps stops at the first failure.
type steps struct {
	d   driver.Device
	err error
}

func (s *steps) do(f func() error) {
	if s.err == nil {
		s.err = f()
	}
}

func get[T any](s *steps, f func() (T, error)) (v T) {
	s.do(func() (err error) { v, err = f(); return err })
	return v
}

func (s *scenario) use(d driver.Device) error {
	do := &steps{d: d}
	stream, spare := get(do, d.NewStream), get(do, d.NewStream)
	first, second := get(do, func() (driver.Event, error) { return d.NewEvent(true) }), get(do, func() (driver.Event, error) { return d.NewEvent(true) })
	x, y := get(do, func() (driver.Pointer, error) { return d.Allocate(256) }), get(do, func() (driver.Pointer, error) { return d.Allocate(256) })
	pinned := get(do, func() (driver.Pinned, error) { return d.AllocatePinned(256) })
	kept := get(do, func() (driver.Pinned, error) { return d.AllocatePinned(256) })
	do.do(func() error { _, _, err := d.MemoryInfo(); return err })
	do.do(func() error { return d.FillAsync(stream, x, 0, 256) })
	do.do(func() error { return d.CopyAsync(stream, y, x, 256) })
	do.do(func() error { return d.WriteAsync(stream, x, kept) })
	do.do(func() error { return d.ReadAsync(stream, pinned, y) })
	do.do(func() error { return d.Read(stream, make([]byte, 8), y) })
	do.do(func() error { return d.Record(first, stream) })
	do.do(func() error { return d.Wait(spare, first) })
	do.do(func() error { return d.Record(second, stream) })
	do.do(func() error { return d.Await(second) })
	do.do(func() error { _, err := d.Done(second); return err })
	do.do(func() error { _, err := d.Elapsed(first, second); return err })
	s.kernels(do, stream, x)
	do.do(func() error { return d.FreeEvent(first) })
	do.do(func() error { return d.FreeStream(spare) })
	do.do(func() error { return d.Free(y) })
	do.do(func() error { return d.FreePinned(pinned) })
	return do.err
}

func (s *scenario) kernels(do *steps, stream driver.Stream, x driver.Pointer) {
	d := do.d
	load := func() (driver.Module, error) { return d.LoadModule(s.cubin) }
	m, spare := get(do, load), get(do, load)
	f := get(do, func() (driver.Function, error) { return d.Function(m, "add") })
	get(do, func() (driver.FunctionInfo, error) { return d.FunctionInfo(f) })
	do.do(func() error { return d.SetDynamicShared(f, 1024) })
	launch := func() error {
		return d.Launch(driver.Launch{Function: f, Stream: stream, Args: []driver.Arg{driver.Ptr(x), driver.Int(1)}})
	}
	capture := func() (driver.Graph, error) {
		err := errors.Join(d.BeginCapture(stream), launch())
		g, ended := d.EndCapture(stream)
		return g, errors.Join(err, ended)
	}
	do.do(launch)
	g, unused := get(do, capture), get(do, capture)
	do.do(func() error { return d.LaunchGraph(g, stream) })
	do.do(func() error { return d.FreeGraph(unused) })
	do.do(func() error { return d.UnloadModule(spare) })
}

// freeing are the functions whose failure, once Close calls them, leaves something behind.
var freeing = []string{
	"cuDevicePrimaryCtxRelease_v2", "cuMemFree_v2", "cuMemFreeHost", "cuStreamDestroy_v2", "cuEventDestroy_v2", "cuModuleUnload",
	"cuGraphDestroy", "cuGraphExecDestroy",
}

// unheard are the calls whose failure changes nothing: the words of an error, letting go of the
// context on a thread that ends.
var unheard = []string{"cuGetErrorName", "cuGetErrorString"}

func TestEveryCallFailsInTurn(t *testing.T) {
	s := newScenario(t)
	s.emulator.Reset()
	if failed, closed := s.run(); failed != nil || closed != nil {
		t.Fatalf("without a planned failure: %v, %v", failed, closed)
	}
	calls := s.emulator.Calls()
	for _, name := range native.Names {
		if calls[name] == 0 && !slices.Contains(unheard, name) {
			t.Errorf("%s is never called", name)
		}
		for nth := 1; nth <= calls[name]; nth++ {
			t.Run(fmt.Sprintf("%s %d", name, nth), func(t *testing.T) { s.failure(t, name, nth, nth == calls[name]) })
		}
	}
}

// failure makes one call fail once.
func (s *scenario) failure(t *testing.T, name string, nth int, last bool) {
	s.emulator.Reset()
	s.emulator.Fail(name, nth, 1)
	failed, closed := s.run()
	err := errors.Join(failed, closed)
	if name == "cuCtxSetCurrent" && last {
		if err != nil {
			t.Errorf("letting go of the context: %v", err)
		}
		return
	}
	var e *driver.Error
	if !errors.As(err, &e) || e.Call != name || e.Code != 1 || e.Name != "CUDA_ERROR_INVALID_VALUE" || !errors.Is(err, sweep.ErrInternal) {
		t.Errorf("%#v: %v", e, err)
	}
	if failed != nil && closed != nil {
		t.Errorf("and Close: %v", closed)
	}
	if left := s.emulator.Leaks(); len(left) > 0 && !slices.Contains(freeing, name) {
		t.Errorf("not given back: %q", left)
	}
}

// TestADeviceIsLostAtEveryCall loses the device for good at each function's first call.
func TestADeviceIsLostAtEveryCall(t *testing.T) {
	s := newScenario(t)
	for _, name := range native.Names {
		for _, code := range []int{214, 700, 719} {
			t.Run(fmt.Sprintf("%s %d", name, code), func(t *testing.T) { s.loss(t, name, code) })
		}
	}
}

func (s *scenario) loss(t *testing.T, name string, code int) {
	if slices.Contains(unheard, name) {
		t.Skip("a failure without words keeps its class")
	}
	s.emulator.Reset()
	s.emulator.Lose(name, 1, code)
	failed, closed := s.run()
	err := errors.Join(failed, closed)
	if strings.HasPrefix(name, "cuDevicePrimaryCtxRelease") && failed == nil {
		return // the work was done
	}
	if !driver.Is(err, driver.DeviceLost) || !errors.Is(err, sweep.ErrDeviceLost) {
		t.Errorf("failed %v, closed %v", failed, closed)
	}
	if failed != nil && closed != nil {
		t.Errorf("Close of a lost device: %v", closed)
	}
}

func TestALostDeviceRefusesAtOnce(t *testing.T) {
	s := newScenario(t)
	d := must(must(native.Load(s.emulator.Search()))(t).Open(0))(t)
	stream := must(d.NewStream())(t)
	s.emulator.Lose("cuStreamSynchronize", 1, 700)
	first := d.Synchronize(stream)
	before := s.emulator.Calls()["cuMemAlloc_v2"]
	_, err := d.Allocate(64)
	if first == nil || !errors.Is(err, first) {
		t.Errorf("first %v, then %v", first, err)
	}
	if after := s.emulator.Calls()["cuMemAlloc_v2"]; after != before {
		t.Error("the driver was asked again")
	}
	if err := d.Close(); err != nil {
		t.Errorf("close: %v", err)
	}
	s.emulator.Heal()
}
