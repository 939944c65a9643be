package drivertest

import (
	"encoding/binary"
	"math"
	"testing"

	"github.com/scalelaw/scalelaw/trainer/cuda/driver"
)

const kernels = `
extern "C" __global__ void arguments(double *out, int i, long long l, float f, double d, const float *in) {
	out[0] = i; out[1] = (double)l; out[2] = f; out[3] = d; out[4] = in[1];
}
extern "C" __global__ void places(int *out) {
	int threads = blockDim.x * blockDim.y * blockDim.z;
	int block = (blockIdx.z * gridDim.y + blockIdx.y) * gridDim.x + blockIdx.x;
	int thread = (threadIdx.z * blockDim.y + threadIdx.y) * blockDim.x + threadIdx.x;
	out[block * threads + thread] = block * 1000 + thread;
}
extern "C" __global__ void turn(int *x, int n) {
	extern __shared__ int tile[];
	for (int i = threadIdx.x; i < n; i += blockDim.x) tile[i] = x[i];
	__syncthreads();
	for (int i = threadIdx.x; i < n; i += blockDim.x) x[i] = tile[n - 1 - i];
}
extern "C" __global__ void add(int *x, const int *by, int n) {
	int i = blockIdx.x * blockDim.x + threadIdx.x;
	if (i < n) x[i] += by[0];
}
`

// launch runs a kernel in the stream.
func (r *rig) launch(f driver.Function, grid, block driver.Dim, shared int, args ...driver.Arg) {
	r.t.Helper()
	r.must(r.Launch(driver.Launch{Function: f, Grid: grid, Block: block, Shared: shared, Stream: r.stream, Args: args}))
}

func (r *rig) ints(values ...int32) driver.Pointer {
	r.t.Helper()
	b := make([]byte, 0, 4*len(values))
	for _, v := range values {
		b = binary.NativeEndian.AppendUint32(b, uint32(v))
	}
	p := r.room(len(b))
	r.must(r.Write(r.stream, p, b))
	return p
}

func (r *rig) readInts(p driver.Pointer, n int) []int32 {
	r.t.Helper()
	b := r.read(p, 4*n)
	values := make([]int32, n)
	for i := range values {
		values[i] = int32(binary.NativeEndian.Uint32(b[4*i:]))
	}
	return values
}

func passesArguments(t *testing.T, r *rig) {
	f := r.kernel(kernels, "arguments")
	in := r.ints(0, int32(math.Float32bits(0.75)))
	out := r.room(40)
	args := []driver.Arg{driver.Ptr(out), driver.Int(-3), driver.Int64(-1 << 40), driver.Float(1.5), driver.Double(-0.1), driver.Ptr(in)}
	r.launch(f, driver.Dim{}, driver.Dim{}, 0, args...)
	clear(args) // they were copied
	b := r.read(out, 40)
	for i, want := range []float64{-3, -1 << 40, 1.5, -0.1, 0.75} {
		if got := math.Float64frombits(binary.NativeEndian.Uint64(b[8*i:])); got != want {
			t.Errorf("argument %d: %v, want %v", i+1, got, want)
		}
	}
	r.is(r.Launch(driver.Launch{Function: f, Stream: r.stream, Args: make([]driver.Arg, 100)}), driver.Bug)
}

func threeDimensions(t *testing.T, r *rig) {
	out := r.room(4 * 24 * 30)
	r.launch(r.kernel(kernels, "places"), driver.Dim{X: 2, Y: 3, Z: 4}, driver.Dim{X: 5, Y: 3, Z: 2}, 0, driver.Ptr(out))
	for i, got := range r.readInts(out, 24*30) {
		if want := int32(i/30*1000 + i%30); got != want {
			t.Fatalf("place %d: %d, want %d", i, got, want)
		}
	}
}

func dynamicShared(t *testing.T, r *rig) {
	f := r.kernel(kernels, "turn")
	bytes := r.Info().SharedBlock // above 48 KiB it must be allowed first
	n := bytes / 4
	values := make([]int32, n)
	for i := range values {
		values[i] = int32(i)
	}
	x := r.ints(values...)
	r.must(r.SetDynamicShared(f, bytes))
	r.launch(f, driver.Dim{}, driver.Dim{X: 128}, bytes, driver.Ptr(x), driver.Int(n))
	for i, got := range r.readInts(x, n) {
		if got != int32(n-1-i) {
			t.Fatalf("place %d: %d", i, got)
		}
	}
	r.is(r.SetDynamicShared(f, 16<<20), driver.Bug)
}

func functionInfo(t *testing.T, r *rig) {
	i := of(r.FunctionInfo(r.kernel(kernels, "turn")))(r)
	if i.Registers < 1 || i.Registers > 255 || i.MaxThreads < 32 || i.Binary != 10*r.Info().Major+r.Info().Minor || i.Local < 0 || i.StaticShared < 0 {
		t.Errorf("%+v", i)
	}
}

func badModules(t *testing.T, r *rig) {
	_, err := r.LoadModule([]byte("\x7fELF this is no cubin, however long the text is that follows it: nothing but zeros\x00"))
	r.is(err, driver.BadKernel)
	_, err = r.LoadModule(nil)
	r.is(err, driver.Bug)
	m := r.module(kernels)
	_, err = r.Function(m, "missing")
	r.is(err, driver.BadKernel)
	r.must(r.UnloadModule(m))
	r.is(r.UnloadModule(m), driver.Bug)
	_ = t
}
