package emulator_test

import (
	"strings"
	"testing"

	"github.com/scalelaw/scalelaw/trainer/cuda/driver"
)

// fault is a mistake planted in a kernel k(float* out, const float* in, int n), which runs as
// one launch of the given shape over n numbers.
type fault struct {
	name, source        string
	says                string // what the report must say
	line                string // the line at fault
	grid, block, shared int
	n                   int
}

var faults = []fault{
	{name: "missing barrier before reading a neighbour's number", says: "static shared memory", line: "test.cu:", block: 64, n: 64, source: `extern "C" __global__ void k(float* out, const float* in, int n) {
  __shared__ float s[64];
  s[threadIdx.x] = in[threadIdx.x];
  out[threadIdx.x] = s[(threadIdx.x + 1) % 64];
}`},
	{name: "missing barrier in a template", says: "static shared memory", line: "test.cu:", block: 64, n: 64, source: `template <int N> __device__ float other(float v) {
  __shared__ float s[N];
  s[threadIdx.x] = v;
  return s[N - 1 - threadIdx.x];
}
extern "C" __global__ void k(float* out, const float* in, int n) {
  out[threadIdx.x] = other<64>(in[threadIdx.x]);
}`},
	{name: "missing barrier before overwriting", says: "race", line: "test.cu:", block: 64, n: 64, source: `extern "C" __global__ void k(float* out, const float* in, int n) {
  __shared__ float s[64];
  s[threadIdx.x] = in[threadIdx.x];
  __syncthreads();
  float v = s[63 - threadIdx.x];
  s[threadIdx.x] = 2 * v;
  out[threadIdx.x] = v;
}`},
	{name: "missing __syncwarp", says: "static shared memory", line: "test.cu:", block: 32, n: 32, source: `extern "C" __global__ void k(float* out, const float* in, int n) {
  __shared__ float s[32];
  s[threadIdx.x] = in[threadIdx.x];
  out[threadIdx.x] = s[threadIdx.x ^ 1];
}`},
	{name: "a shuffle instead of __syncwarp", says: "race", line: "test.cu:5", block: 32, n: 32, source: `extern "C" __global__ void k(float* out, const float* in, int n) {
  __shared__ float s[32];
  s[threadIdx.x] = in[threadIdx.x];
  float v = __shfl_xor_sync(0xffffffffu, 1.0f, 1);
  out[threadIdx.x] = v * s[threadIdx.x ^ 1];
}`},
	{name: "__syncwarp of half a warp", says: "race", line: "test.cu:5", block: 32, n: 32, source: `extern "C" __global__ void k(float* out, const float* in, int n) {
  __shared__ float s[32];
  s[threadIdx.x] = in[threadIdx.x];
  __syncwarp(threadIdx.x < 16 ? 0x0000ffffu : 0xffff0000u);
  out[threadIdx.x] = s[threadIdx.x ^ 16];
}`},
	{name: "missing atomic in a block", says: "race", line: "test.cu:2", block: 32, n: 32, source: `extern "C" __global__ void k(float* out, const float* in, int n) {
  out[0] += in[threadIdx.x];
}`},
	{name: "missing atomic between blocks", says: "another block", line: "test.cu:2", grid: 4, block: 32, n: 128, source: `extern "C" __global__ void k(float* out, const float* in, int n) {
  if (threadIdx.x == 0) out[0] = out[0] + in[blockIdx.x];
}`},
	{name: "an atomic beside a plain write", says: "race", line: "test.cu:2", block: 64, n: 64, source: `extern "C" __global__ void k(float* out, const float* in, int n) {
  if (threadIdx.x % 2) atomicAdd(out, in[threadIdx.x]); else out[0] = 0;
}`},
	{name: "reading another block's numbers without a fence", says: "another block", line: "test.cu:7", grid: 4, block: 32, n: 128, source: `__device__ unsigned done;
extern "C" __global__ void k(float* out, const float* in, int n) {
  __shared__ unsigned turn;
  if (threadIdx.x == 0) { out[blockIdx.x] = in[blockIdx.x]; turn = atomicAdd((unsigned*)out + 8, 1u); }
  __syncthreads();
  if (turn == gridDim.x - 1 && threadIdx.x < 4)
    out[16 + threadIdx.x] = out[threadIdx.x];
}`},
	{name: "index off by one beyond device memory", says: "past the end", line: "test.cu:2", block: 64, n: 64, source: `extern "C" __global__ void k(float* out, const float* in, int n) {
  out[threadIdx.x + 1] = in[threadIdx.x];
}`},
	{name: "reading before device memory", says: "device memory", line: "test.cu:2", block: 1, n: 1, source: `extern "C" __global__ void k(float* out, const float* in, int n) {
  out[0] = in[-4096];
}`},
	{name: "index off by one in shared memory", says: "shared", line: "test.cu:4", block: 8, n: 8, source: `extern "C" __global__ void k(float* out, const float* in, int n) {
  __shared__ float s[8], t[8];
  float* p = n > 0 ? s : t;
  p[threadIdx.x + 1] = in[threadIdx.x];
  out[threadIdx.x] = 0;
}`},
	{name: "index outside of an array of known size", says: "outside of the array", line: "test.cu:3", block: 8, n: 8, source: `extern "C" __global__ void k(float* out, const float* in, int n) {
  float own[4] = {0, 1, 2, 3};
  out[threadIdx.x] = own[threadIdx.x + n - 8];
}`},
	{name: "shared memory that was never written", says: "never written", line: "test.cu:5", block: 32, n: 32, source: `extern "C" __global__ void k(float* out, const float* in, int n) {
  __shared__ float s[32];
  if (threadIdx.x > 0) s[threadIdx.x] = in[threadIdx.x];
  __syncthreads();
  out[threadIdx.x] = s[31 - threadIdx.x];
}`},
	{name: "misaligned float4", says: "misaligned", line: "test.cu:2", block: 1, n: 8, source: `extern "C" __global__ void k(float* out, const float* in, int n) {
  float4 v = *(const float4*)(in + 1);
  out[0] = v.x + v.y + v.z + v.w;
}`},
	{name: "too little dynamic shared memory", says: "asked for 60 bytes", line: "test.cu:3", block: 16, shared: 60, n: 16, source: `extern __shared__ float s[];
extern "C" __global__ void k(float* out, const float* in, int n) {
  s[threadIdx.x] = in[threadIdx.x];
  __syncthreads();
  out[threadIdx.x] = s[15 - threadIdx.x];
}`},
	{name: "divergent barrier", says: "divergent barrier", line: "line 2", block: 64, n: 64, source: `extern "C" __global__ void k(float* out, const float* in, int n) {
  if (threadIdx.x < 40) __syncthreads();
  out[threadIdx.x] = in[threadIdx.x];
}`},
	{name: "barriers at two places", says: "divergent barrier", line: "line 2", block: 64, n: 64, source: `extern "C" __global__ void k(float* out, const float* in, int n) {
  if (threadIdx.x < 32) __syncthreads();
  else __syncthreads();
  out[threadIdx.x] = in[threadIdx.x];
}`},
	{name: "divergent shuffle", says: "barrier", line: "line 3", block: 32, n: 32, source: `extern "C" __global__ void k(float* out, const float* in, int n) {
  float v = in[threadIdx.x];
  if (threadIdx.x < 16) v += __shfl_xor_sync(0xffffffffu, v, 1);
  else __syncwarp();
  out[threadIdx.x] = v;
}`},
	{name: "shuffle from a lane that does not take part", says: "does not take part", line: "line 2", block: 32, n: 32, source: `extern "C" __global__ void k(float* out, const float* in, int n) {
  out[threadIdx.x] = threadIdx.x < 16 ? __shfl_sync(0x0000ffffu, in[threadIdx.x], 20) : 0;
}`},
	{name: "failed assertion", says: "assertion n > 100", line: "line 2", block: 1, n: 8, source: `extern "C" __global__ void k(float* out, const float* in, int n) {
  assert(n > 100);
  out[0] = in[0];
}`},
}

func TestPlantedFaultsAreCaughtInEveryOrder(t *testing.T) {
	for _, f := range faults {
		t.Run(f.name, func(t *testing.T) {
			inEachOrder(t, func(t *testing.T, r *rig) {
				out, in := r.floats(make([]float32, f.n)...), r.floats(counting(f.n)...)
				err := r.launch(r.kernel(f.source, "k"), max(f.grid, 1), f.block, f.shared, driver.Ptr(out), driver.Ptr(in), driver.Int(f.n))
				caught(t, r, err, f.says, f.line)
			})
		})
	}
}

// caught checks that an error tells of a fault, and says what it must.
func caught(t *testing.T, r *rig, err error, says ...string) {
	t.Helper()
	if err == nil {
		t.Fatal("not caught")
	}
	for _, word := range append(says, r.Report()) {
		if !strings.Contains(err.Error(), word) {
			t.Errorf("%v\ndoes not say %q", err, word)
		}
	}
}
