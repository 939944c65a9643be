package emulator_test

import (
	"slices"
	"testing"

	"github.com/scalelaw/scalelaw/trainer/cuda/driver"
)

// correct are kernels k(float* out, const float* in, int n) without fault, each with something
// that a coarser check would take for one. out has n numbers.
var correct = []struct {
	name, source        string
	grid, block, shared int
	n                   int
	want                func(in []float32) []float32
}{
	{name: "neighbours write single bytes", block: 32, n: 32, want: first8(func(in []float32, i int) float32 { return float32(6 + 16*i) }), source: `extern "C" __global__ void k(float* out, const float* in, int n) {
  __shared__ unsigned char s[32];
  s[threadIdx.x] = (unsigned char)threadIdx.x;
  __syncthreads();
  if (threadIdx.x < 8) out[threadIdx.x] = s[4 * threadIdx.x] + s[4 * threadIdx.x + 1] + s[4 * threadIdx.x + 2] + s[4 * threadIdx.x + 3];
}`},
	{name: "neighbours write halves of a word in device memory", grid: 2, block: 32, n: 64, want: first8(func(in []float32, i int) float32 { return 0 }), source: `extern "C" __global__ void k(float* out, const float* in, int n) {
  unsigned short* half = (unsigned short*)out;
  half[2 * threadIdx.x + blockIdx.x] = 0;
}`},
	{name: "warps order their lanes by __syncwarp", block: 64, n: 64, want: each(func(in []float32, i int) float32 { return in[i^3] }), source: `extern "C" __global__ void k(float* out, const float* in, int n) {
  __shared__ float s[64];
  s[threadIdx.x] = in[threadIdx.x];
  __syncwarp();
  float v = s[threadIdx.x ^ 1];
  __syncwarp();
  s[threadIdx.x] = v;
  __syncwarp();
  out[threadIdx.x] = s[threadIdx.x ^ 2];
}`},
	{name: "half warps by their own masks", block: 32, n: 32, want: each(func(in []float32, i int) float32 { return in[i^8] }), source: `extern "C" __global__ void k(float* out, const float* in, int n) {
  __shared__ float s[32];
  unsigned mask = threadIdx.x < 16 ? 0x0000ffffu : 0xffff0000u;
  s[threadIdx.x] = in[threadIdx.x];
  __syncwarp(mask);
  out[threadIdx.x] = s[threadIdx.x ^ 8];
}`},
	{name: "the last block reads what all wrote", grid: 5, block: 32, n: 64, want: func(in []float32) []float32 { return []float32{10} }, source: `extern "C" __global__ void k(float* out, const float* in, int n) {
  __shared__ bool last;
  if (threadIdx.x == 0) {
    out[8 + blockIdx.x] = float(blockIdx.x);
    __threadfence();
    last = atomicAdd((unsigned*)out + 40, 1u) == gridDim.x - 1;
  }
  __syncthreads();
  if (!last || threadIdx.x > 0) return;
  __threadfence();
  float sum = 0;
  for (int i = 0; i < gridDim.x; i++) sum += out[8 + i];
  out[0] = sum;
}`},
	{name: "blocks count in shared and device memory", grid: 3, block: 64, n: 64, want: func(in []float32) []float32 { return []float32{96, 96} }, source: `extern "C" __global__ void k(float* out, const float* in, int n) {
  __shared__ float counts[2];
  if (threadIdx.x < 2) counts[threadIdx.x] = 0;
  __syncthreads();
  atomicAdd(&counts[threadIdx.x % 2], 1.0f);
  __syncthreads();
  if (threadIdx.x < 2) atomicAdd(&out[threadIdx.x], counts[threadIdx.x]);
}`},
	{name: "one thread's own place, many times", block: 33, n: 33, want: each(func(in []float32, i int) float32 { return 3 * in[i] }), source: `extern "C" __global__ void k(float* out, const float* in, int n) {
  __shared__ float s[33];
  s[threadIdx.x] = 0;
  for (int i = 0; i < 3; i++) s[threadIdx.x] += in[threadIdx.x];
  out[threadIdx.x] = s[threadIdx.x];
}`},
	{name: "vectors of four, and dynamic shared memory as two types", block: 16, shared: 16*16 + 16, n: 64, want: each(func(in []float32, i int) float32 { return in[i] + 1 }), source: `extern __shared__ __align__(16) unsigned char room[];
extern "C" __global__ void k(float* out, const float* in, int n) {
  float4* four = (float4*)room;
  unsigned char* flags = room + 16 * sizeof(float4);
  four[threadIdx.x] = ((const float4*)in)[threadIdx.x];
  flags[threadIdx.x] = 1;
  __syncthreads();
  float4 v = four[threadIdx.x];
  float f = flags[15 - threadIdx.x];
  ((float4*)out)[threadIdx.x] = make_float4(v.x + f, v.y + f, v.z + f, v.w + f);
}`},
	{name: "shared memory by turns in a loop", block: 64, n: 64, want: each(func(in []float32, i int) float32 { return in[i] }), source: `extern "C" __global__ void k(float* out, const float* in, int n) {
  __shared__ float turns[2][64];
  turns[0][threadIdx.x] = in[threadIdx.x];
  for (int i = 0; i < 64; i++) {
    __syncthreads();
    turns[(i + 1) % 2][threadIdx.x] = turns[i % 2][(threadIdx.x + 1) % 64];
  }
  out[threadIdx.x] = turns[0][threadIdx.x];
}`},
	{name: "shared variables in a list, in templates, with dimensions that are computed", block: 32, n: 32, want: each(func(in []float32, i int) float32 { return 2*in[31-i] + 1 }), source: `#define W 32
template <int N> __device__ float turned(float v) {
  __shared__ __align__(16) float a[(W / N)][N], b[N * (W / N)], one;
  a[threadIdx.x / N][threadIdx.x % N] = v;
  b[threadIdx.x] = v;
  if (threadIdx.x == 0) one = 0.5f;
  __syncthreads();
  int i = 31 - threadIdx.x;
  return a[i / N][i % N] + one + 0 * b[i];
}
extern "C" __global__ void k(float* out, const float* in, int n) {
  out[threadIdx.x] = turned<4>(in[threadIdx.x]) + turned<8>(in[threadIdx.x]);
}`},
	{name: "votes, matches and a maximum of a warp", block: 32, n: 32, want: each(func(in []float32, i int) float32 { return 16 + 31 + 8 }), source: `extern "C" __global__ void k(float* out, const float* in, int n) {
  unsigned even = __ballot_sync(0xffffffffu, threadIdx.x % 2 == 0);
  unsigned most = __reduce_max_sync(0xffffffffu, threadIdx.x);
  out[threadIdx.x] = __popc(even) + most + __popc(__match_any_sync(0xffffffffu, threadIdx.x % 4));
}`},
	{name: "constants, local arrays and a lane that returns early", block: 32, n: 32, want: func(in []float32) []float32 { return []float32{7, 7, 7} }, source: `__constant__ int table[4] = {1, 2, 4, 8};
extern "C" __global__ void k(float* out, const float* in, int n) {
  if (threadIdx.x > 2) return;
  int own[4];
  for (int i = 0; i < 4; i++) own[i] = table[(i + threadIdx.x) % 4];
  int sum = 0;
  for (int i = 0; i < 4; i++) sum += own[i];
  out[threadIdx.x] = sum - 8;
}`},
}

// each and first8 make what a kernel must give from what one number must be.
func each(f func(in []float32, i int) float32) func([]float32) []float32 {
	return func(in []float32) []float32 {
		want := make([]float32, len(in))
		for i := range want {
			want[i] = f(in, i)
		}
		return want
	}
}

func first8(f func(in []float32, i int) float32) func([]float32) []float32 {
	return func(in []float32) []float32 { return each(f)(in[:8]) }
}

func TestCorrectKernelsRaiseNoAlarm(t *testing.T) {
	for _, k := range correct {
		t.Run(k.name, func(t *testing.T) {
			inEachOrder(t, func(t *testing.T, r *rig) {
				in := counting(k.n)
				out := r.floats(make([]float32, k.n)...)
				must(t, r.launch(r.kernel(k.source, "k"), max(k.grid, 1), k.block, k.shared, driver.Ptr(out), driver.Ptr(r.floats(in...)), driver.Int(k.n)))
				want := k.want(in)
				if got := r.read(out, len(want)); !slices.Equal(got, want) {
					t.Errorf("got %v\nwant %v", got, want)
				}
			})
		})
	}
}

func TestASkippedBarrierIsMissed(t *testing.T) {
	inEachOrder(t, func(t *testing.T, r *rig) {
		f := r.kernel(rowSums, "reverse")
		r.Set("skip", "test.cu:22")
		caught(t, r, r.launch(f, 1, 64, 256, driver.Ptr(r.floats(counting(64)...)), driver.Int(64)), "dynamic shared memory")
	})
}

// Without checks a kernel with a race runs through: that is what they cost time for.
func TestWithoutChecksKernelsOnlyRun(t *testing.T) {
	r := open(t, "checks=0")
	x := r.floats(counting(64)...)
	must(t, r.launch(r.kernel(`extern "C" __global__ void k(float* x) { x[0] += x[threadIdx.x]; }`, "k"), 1, 64, 0, driver.Ptr(x)))
}
