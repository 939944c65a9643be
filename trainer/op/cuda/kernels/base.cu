// What all kernels stand on: the type in which activations are stored, vectors of 16 bytes, and
// sums over a warp and a block. It comes before every other file; no header of the toolkit is
// needed. BF16 chooses the stored type; all arithmetic is in float.
//
// Every sum has a fixed order, which depends on shapes alone: the same call gives the same bits.

#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 800 && !defined(SCALELAW_EMULATED)
#define TENSOR_CORES 1
#endif

// METHOD is what a method is declared with. (The emulation's __device__ is static.)
#ifdef SCALELAW_EMULATED
#define METHOD inline
#else
#define METHOD __device__ inline
#endif

#define WARP 32
#define ALL 0xffffffffu
#define NONE (-INFINITE)
#define INFINITE __uint_as_float(0x7f800000u)

typedef long long wide; // counts of numbers: more than 2^31 fit in a large GPU

// rounded_bits is x in bfloat16: the upper half of a float, rounded to nearest, ties to even.
__device__ inline unsigned rounded_bits(float x) {
  unsigned u = __float_as_uint(x);
  if (x != x) return (u >> 16) | 0x40; // a NaN stays one
  return (u + 0x7fff + ((u >> 16) & 1)) >> 16;
}

// pair is two bfloat16, the first in the lower half.
__device__ inline unsigned pair(float low, float high) {
#ifdef TENSOR_CORES
  unsigned both;
  asm("cvt.rn.bf16x2.f32 %0, %1, %2;" : "=r"(both) : "f"(high), "f"(low));
  return both;
#else
  return rounded_bits(low) | rounded_bits(high) << 16;
#endif
}

__device__ inline float low(unsigned both) { return __uint_as_float(both << 16); }
__device__ inline float high(unsigned both) { return __uint_as_float(both & 0xffff0000u); }

#ifdef BF16
struct real {
  unsigned short bits;
};
__device__ inline float value(real x) { return __uint_as_float((unsigned)x.bits << 16); }
__device__ inline real stored(float x) {
  real y;
  y.bits = (unsigned short)rounded_bits(x);
  return y;
}
#define VECTOR 8
#else
typedef float real;
__device__ inline real stored(float x) { return x; }
#define VECTOR 4
#endif
__device__ inline float value(float x) { return x; }

// load reads N numbers that lie together: one number, or vectors, whose address must be a
// multiple of their 16 bytes.
template <int N> __device__ inline void load(float (&to)[N], const float *from) {
  if constexpr (N % 4 == 0) {
#pragma unroll
    for (int i = 0; i < N; i += 4) {
      float4 v = *(const float4 *)(from + i);
      to[i] = v.x, to[i + 1] = v.y, to[i + 2] = v.z, to[i + 3] = v.w;
    }
  } else {
#pragma unroll
    for (int i = 0; i < N; i++) to[i] = from[i];
  }
}

template <int N> __device__ inline void store(float *to, const float (&from)[N]) {
  if constexpr (N % 4 == 0) {
#pragma unroll
    for (int i = 0; i < N; i += 4) *(float4 *)(to + i) = make_float4(from[i], from[i + 1], from[i + 2], from[i + 3]);
  } else {
#pragma unroll
    for (int i = 0; i < N; i++) to[i] = from[i];
  }
}

#ifdef BF16
template <int N> __device__ inline void load(float (&to)[N], const real *from) {
  if constexpr (N % 8 == 0) {
#pragma unroll
    for (int i = 0; i < N; i += 8) {
      uint4 v = *(const uint4 *)(from + i);
      to[i] = low(v.x), to[i + 1] = high(v.x), to[i + 2] = low(v.y), to[i + 3] = high(v.y);
      to[i + 4] = low(v.z), to[i + 5] = high(v.z), to[i + 6] = low(v.w), to[i + 7] = high(v.w);
    }
  } else {
#pragma unroll
    for (int i = 0; i < N; i++) to[i] = value(from[i]);
  }
}

template <int N> __device__ inline void store(real *to, const float (&from)[N]) {
  if constexpr (N % 8 == 0) {
#pragma unroll
    for (int i = 0; i < N; i += 8)
      *(uint4 *)(to + i) = make_uint4(pair(from[i], from[i + 1]), pair(from[i + 2], from[i + 3]),
                                      pair(from[i + 4], from[i + 5]), pair(from[i + 6], from[i + 7]));
  } else {
#pragma unroll
    for (int i = 0; i < N; i++) to[i] = stored(from[i]);
  }
}
#endif

__device__ inline float warp_sum(float x) {
#pragma unroll
  for (int k = WARP / 2; k > 0; k /= 2) x += __shfl_xor_sync(ALL, x, k);
  return x;
}

__device__ inline float warp_max(float x) {
#pragma unroll
  for (int k = WARP / 2; k > 0; k /= 2) x = fmaxf(x, __shfl_xor_sync(ALL, x, k));
  return x;
}

// block_sums gives every thread of a block of full warps the sums of N numbers. parts is shared
// memory for N numbers a warp; it may be used again after the next barrier.
template <int N> __device__ inline void block_sums(float (&x)[N], float *parts) {
#pragma unroll
  for (int i = 0; i < N; i++) x[i] = warp_sum(x[i]);
  int warps = blockDim.x / WARP;
  if (warps == 1) return;
  if (threadIdx.x % WARP == 0) {
#pragma unroll
    for (int i = 0; i < N; i++) parts[threadIdx.x / WARP * N + i] = x[i];
  }
  __syncthreads();
#pragma unroll
  for (int i = 0; i < N; i++) x[i] = 0;
  for (int w = 0; w < warps; w++) {
#pragma unroll
    for (int i = 0; i < N; i++) x[i] += parts[w * N + i];
  }
}

// ROWS warps of a block have a row each, where kernels go by rows.
#define ROWS 4

// EACH_ROW gives a warp its row, of `rows`, and ends those without.
#define EACH_ROW(row, rows) \
  int row = blockIdx.x * ROWS + threadIdx.x / WARP, lane = threadIdx.x % WARP; \
  if (row >= (rows)) return
