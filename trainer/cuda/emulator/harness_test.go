package emulator_test

import (
	"testing"
	"unsafe"

	"github.com/scalelaw/scalelaw/trainer/cuda/driver"
	"github.com/scalelaw/scalelaw/trainer/cuda/driver/native"
	"github.com/scalelaw/scalelaw/trainer/cuda/emulator"
	"github.com/scalelaw/scalelaw/trainer/cuda/nvrtc"
)

// rig is a device of the emulation, opened as the trainer opens it.
type rig struct {
	t testing.TB
	*emulator.Emulator
	driver.Device
	stream   driver.Stream
	compiler *nvrtc.Compiler
}

func open(t testing.TB, settings ...string) *rig {
	t.Helper()
	e := emulator.Open(t, settings...)
	d, err := native.Load(e.Search())
	must(t, err)
	device, err := d.Open(0)
	must(t, err)
	t.Cleanup(func() { _ = device.Close() }) // a device that a test has lost does not close
	stream, err := device.NewStream()
	must(t, err)
	compiler, err := nvrtc.Load(e.Search(), d.Version())
	must(t, err)
	return &rig{t, e, device, stream, compiler}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// compile gives the image of a CUDA C text, or what the compiler has against it.
func (r *rig) compile(source string) ([]byte, error) {
	r.t.Helper()
	result, err := r.compiler.Compile(nvrtc.Program{Name: "test.cu", Source: source, Arch: r.Info().Arch()})
	return result.Cubin, err
}

// kernel compiles a text and finds a kernel in it.
func (r *rig) kernel(source, name string) driver.Function {
	r.t.Helper()
	image, err := r.compile(source)
	must(r.t, err)
	module, err := r.LoadModule(image)
	must(r.t, err)
	f, err := r.Function(module, name)
	must(r.t, err)
	return f
}

// launch runs a kernel and waits for it.
func (r *rig) launch(f driver.Function, grid, block, shared int, args ...driver.Arg) error {
	r.t.Helper()
	err := r.Launch(driver.Launch{Function: f, Grid: driver.Dim{X: grid}, Block: driver.Dim{X: block}, Shared: shared, Stream: r.stream, Args: args})
	if err != nil {
		return err
	}
	return r.Synchronize(r.stream)
}

func (r *rig) floats(values ...float32) driver.Pointer {
	r.t.Helper()
	p := r.room(len(values))
	must(r.t, r.Write(r.stream, p, bytes(values)))
	return p
}

// room is device memory for n numbers that were never written.
func (r *rig) room(n int) driver.Pointer {
	r.t.Helper()
	p, err := r.Allocate(4 * n)
	must(r.t, err)
	return p
}

func (r *rig) read(p driver.Pointer, n int) []float32 {
	r.t.Helper()
	out := make([]float32, n)
	must(r.t, r.Read(r.stream, bytes(out), p))
	return out
}

func bytes(values []float32) []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(values))), 4*len(values))
}

func counting(n int) []float32 {
	values := make([]float32, n)
	for i := range values {
		values[i] = float32(i%97) - 40
	}
	return values
}
