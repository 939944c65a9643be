// Package drivertest is what every implementation of the driver must do, as tests: on an
// emulated device and on a real one. Kernels come from NVRTC, so that it is tested along with it.
package drivertest

import (
	"errors"
	"testing"

	"github.com/scalelaw/scalelaw/trainer/cuda/driver"
	"github.com/scalelaw/scalelaw/trainer/cuda/library"
	"github.com/scalelaw/scalelaw/trainer/cuda/nvrtc"
)

// Run tests a driver on its first device.
func Run(t *testing.T, d driver.Driver, s library.Search) {
	compiler, err := nvrtc.Load(s, d.Version())
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name string
		run  func(*testing.T, *rig)
	}{
		{"describes itself", describes},
		{"copies", copies},
		{"copies beside the host", copiesAsync},
		{"fills", fills},
		{"refuses wrong sizes", wrongSizes},
		{"runs out of memory", outOfMemory},
		{"orders streams by events", orders},
		{"times events", times},
		{"passes arguments", passesArguments},
		{"launches in three dimensions", threeDimensions},
		{"gives dynamic shared memory", dynamicShared},
		{"tells of functions", functionInfo},
		{"refuses modules", badModules},
		{"replays captured work", replays},
		{"captures across streams", capturesAcross},
		{"survives a spoiled capture", spoiledCapture},
		{"is used by many goroutines", manyGoroutines},
		{"does on its thread", onItsThread},
		{"frees once", freesOnce},
		{"frees at the end", freesAtTheEnd},
		{"refuses work when closed", refusesWhenClosed},
	} {
		t.Run(test.name, func(t *testing.T) { test.run(t, open(t, d, compiler)) })
	}
}

// rig is an open device and what tests need of it.
type rig struct {
	driver.Device
	t        *testing.T
	driver   driver.Driver
	compiler *nvrtc.Compiler
	stream   driver.Stream
}

func open(t *testing.T, d driver.Driver, c *nvrtc.Compiler) *rig {
	t.Helper()
	device, err := d.Open(0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := device.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	r := &rig{Device: device, t: t, driver: d, compiler: c}
	r.stream = of(r.NewStream())(r)
	return r
}

// must ends the test at an error.
func (r *rig) must(err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatal(err)
	}
}

// of takes a value and an error, and gives the value of a rig's test that had none.
func of[T any](v T, err error) func(*rig) T {
	return func(r *rig) T {
		r.t.Helper()
		r.must(err)
		return v
	}
}

// is checks an error's class.
func (r *rig) is(err error, c driver.Class) {
	r.t.Helper()
	var e *driver.Error
	if !errors.As(err, &e) || e.Class != c || e.Text == "" || e.Call != "" && e.Code != 0 && e.Name == "" {
		r.t.Errorf("want an error of class %q, got %#v: %v", c, e, err)
	}
}

// kernel compiles a text and finds a kernel in it.
func (r *rig) kernel(source, name string) driver.Function {
	r.t.Helper()
	return of(r.Function(r.module(source), name))(r)
}

func (r *rig) module(source string) driver.Module {
	r.t.Helper()
	entry := nvrtc.Cache{}.Entry(r.compiler, nvrtc.Program{Name: "drivertest.cu", Source: source, Arch: r.Info().Arch()}, r.driver.Version())
	return of(entry.Module(r.Device))(r)
}

// room is device memory.
func (r *rig) room(bytes int) driver.Pointer {
	r.t.Helper()
	return of(r.Allocate(bytes))(r)
}

// read gives what lies in device memory after all of the stream's work.
func (r *rig) read(p driver.Pointer, bytes int) []byte {
	r.t.Helper()
	b := make([]byte, bytes)
	r.must(r.Read(r.stream, b, p))
	return b
}

// pattern is n bytes that repeat late.
func pattern(n int, seed byte) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(i) ^ byte(i>>8) ^ seed
	}
	return b
}
