package emulator_test

import (
	"fmt"
	"testing"
	"unsafe"

	"github.com/scalelaw/scalelaw/trainer/cuda/driver"
	"github.com/scalelaw/scalelaw/trainer/cuda/driver/native"
	"github.com/scalelaw/scalelaw/trainer/cuda/emulator"
	"github.com/scalelaw/scalelaw/trainer/cuda/library"
)

// rig is a device of the emulation, opened as the trainer opens it.
type rig struct {
	t *testing.T
	*emulator.Emulator
	driver.Device
	stream driver.Stream
	nvrtc  *library.Library
}

func open(t *testing.T, settings ...string) *rig {
	t.Helper()
	e := emulator.Open(t, settings...)
	d, err := native.Load(e.Search())
	must(t, err)
	device, err := d.Open(0)
	must(t, err)
	t.Cleanup(func() { _ = device.Close() }) // a device that a test has lost does not close
	stream, err := device.NewStream()
	must(t, err)
	nvrtc, err := e.Search().Open(library.Want{What: "NVRTC", Names: []string{"libnvrtc.so"}})
	must(t, err)
	return &rig{t, e, device, stream, nvrtc}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (r *rig) ask(name string, args ...uintptr) int {
	r.t.Helper()
	f, err := r.nvrtc.Function(name)
	must(r.t, err)
	return int(int32(library.Call(f, args...)))
}

// compile gives the image of a CUDA C text, or what the compiler has against it.
func (r *rig) compile(source string) ([]byte, error) {
	r.t.Helper()
	text, name, arch := c(source), c("test.cu"), c("--gpu-architecture=sm_90")
	var program uintptr
	if code := r.ask("nvrtcCreateProgram", ptr(&program), ptr(&text[0]), ptr(&name[0]), 0, 0, 0); code != 0 {
		return nil, fmt.Errorf("nvrtcCreateProgram: %d", code)
	}
	defer r.ask("nvrtcDestroyProgram", ptr(&program))
	options := [1]*byte{&arch[0]}
	if code := r.ask("nvrtcCompileProgram", program, 1, ptr(&options)); code != 0 {
		return nil, fmt.Errorf("nvrtcCompileProgram: %d: %s", code, r.output(program, "ProgramLog"))
	}
	return r.output(program, "CUBIN"), nil
}

func (r *rig) output(program uintptr, what string) []byte {
	r.t.Helper()
	var size uintptr
	if code := r.ask("nvrtcGet"+what+"Size", program, ptr(&size)); code != 0 {
		r.t.Fatalf("nvrtcGet%sSize: %d", what, code)
	}
	out := make([]byte, size)
	r.ask("nvrtcGet"+what, program, ptr(&out[0]))
	return out
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

func c(s string) []byte { return append([]byte(s), 0) }

func ptr[T any](p *T) uintptr { return uintptr(unsafe.Pointer(p)) }

func counting(n int) []float32 {
	values := make([]float32, n)
	for i := range values {
		values[i] = float32(i%97) - 40
	}
	return values
}
