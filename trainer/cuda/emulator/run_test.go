package emulator_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/scalelaw/scalelaw/trainer/cuda/driver"
)

// rowSums sums rows: a shuffle within each warp, shared memory and a barrier between warps.
const rowSums = `
#define WARPS 8
__device__ float warpSum(float v) {
  for (int by = 16; by > 0; by /= 2) v += __shfl_xor_sync(0xffffffffu, v, by);
  return v;
}
extern "C" __global__ void __launch_bounds__(32 * WARPS) row_sums(float* __restrict__ out, const float* __restrict__ in, int width) {
  __shared__ float partial[WARPS];
  float v = 0;
  for (int i = threadIdx.x; i < width; i += blockDim.x) v += in[blockIdx.x * (long long)width + i];
  v = warpSum(v);
  if (threadIdx.x % 32 == 0) partial[threadIdx.x / 32] = v;
  __syncthreads();
  v = threadIdx.x < WARPS ? partial[threadIdx.x] : 0.0f;
  if (threadIdx.x < 32) v = warpSum(v);
  if (threadIdx.x == 0) out[blockIdx.x] = v;
}
extern "C" __global__ void reverse(float* x, int n) {
  extern __shared__ float tile[];
  int i = threadIdx.x;
  tile[i] = x[i];
  __syncthreads();
  x[i] = tile[n - 1 - i];
}
`

var orders = []string{"natural", "reversed", "shuffled"}

func inEachOrder(t *testing.T, f func(t *testing.T, r *rig)) {
	for _, order := range orders {
		t.Run(order, func(t *testing.T) { f(t, open(t, "order="+order)) })
	}
}

func TestKernelsComputeInEveryOrder(t *testing.T) {
	inEachOrder(t, func(t *testing.T, r *rig) {
		const rows, width = 5, 301
		in := counting(rows * width)
		out := r.room(rows)
		must(t, r.launch(r.kernel(rowSums, "row_sums"), rows, 256, 0, driver.Ptr(out), driver.Ptr(r.floats(in...)), driver.Int(width)))
		for i, got := range r.read(out, rows) {
			var want float64
			for _, v := range in[i*width : (i+1)*width] {
				want += float64(v)
			}
			if math.Abs(float64(got)-want) > 1e-3 {
				t.Errorf("row %d: %v, want %v", i, got, want)
			}
		}
	})
}

func TestDynamicSharedMemory(t *testing.T) {
	inEachOrder(t, func(t *testing.T, r *rig) {
		in := counting(200)
		x := r.floats(in...)
		must(t, r.launch(r.kernel(rowSums, "reverse"), 1, 200, 800, driver.Ptr(x), driver.Int(200)))
		slices.Reverse(in)
		if got := r.read(x, 200); !slices.Equal(got, in) {
			t.Errorf("reversed: %v", got)
		}
	})
}

func TestCompilerRefusesWhatNVRTCRefuses(t *testing.T) {
	r := open(t)
	for _, bad := range []struct{ source, says string }{
		{"#include <cstdint>\n", "cstdint"},
		{`extern "C" __global__ void k(uint32_t* p) { *p = 1; }`, "uint32_t"},
		{`extern "C" __global__ void k(int* p) { *p = missing(1); }`, "missing"},
		{"\n\nint k( {", "test.cu:3"},
	} {
		_, err := r.compile(bad.source)
		if err == nil || !strings.Contains(err.Error(), bad.says) {
			t.Errorf("%s: %v, want a word about %s", bad.source, err, bad.says)
		}
	}
}

func TestGraphReplaysWhatWasCaptured(t *testing.T) {
	r := open(t)
	f := r.kernel(`extern "C" __global__ void twice(float* x) { x[threadIdx.x] *= 2; }`, "twice")
	x := r.floats(1, 2, 3)
	twice := driver.Launch{Function: f, Block: driver.Dim{X: 3}, Stream: r.stream, Args: []driver.Arg{driver.Ptr(x)}}
	must(t, r.BeginCapture(r.stream))
	must(t, r.Launch(twice))
	must(t, r.Launch(twice))
	g, err := r.EndCapture(r.stream)
	must(t, err)
	if got := r.read(x, 3); !slices.Equal(got, []float32{1, 2, 3}) {
		t.Errorf("a capture ran: %v", got)
	}
	for range 3 {
		must(t, r.LaunchGraph(g, r.stream))
	}
	if got := r.read(x, 3); !slices.Equal(got, []float32{64, 128, 192}) {
		t.Errorf("after three launches: %v", got)
	}
	must(t, r.FreeGraph(g))
}
