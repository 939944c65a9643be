// Sums down the columns of a matrix, in two stages of a fixed order, and the length of a vector.

#define LANES 8 // rows that a block adds up beside each other

// sum_columns: V columns a thread, LANES threads deep. One block's rows, when they are all, are added
// to parts [cols]; else each block writes its own of parts [gridDim.y, cols].
template <int V> __device__ inline void sum_columns(float *parts, const real *x, int rows, int cols, wide step, int each, float (*lanes)[WARP * V]) {
  int c = (blockIdx.x * WARP + threadIdx.x) * V, from = blockIdx.y * each, end = from + each < rows ? from + each : rows;
  float sum[V], v[V];
#pragma unroll
  for (int i = 0; i < V; i++) sum[i] = 0;
  if (c < cols) {
#pragma unroll 4
    for (int r = from + threadIdx.y; r < end; r += LANES) {
      load(v, x + r * step + c);
#pragma unroll
      for (int i = 0; i < V; i++) sum[i] += v[i];
    }
  }
#pragma unroll
  for (int i = 0; i < V; i++) lanes[threadIdx.y][i * WARP + threadIdx.x] = sum[i];
  __syncthreads();
  if (threadIdx.y != 0 || c >= cols) return;
  for (int k = 1; k < LANES; k++) {
#pragma unroll
    for (int i = 0; i < V; i++) sum[i] += lanes[k][i * WARP + threadIdx.x];
  }
#pragma unroll
  for (int i = 0; i < V; i++) {
    float *to = parts + (wide)blockIdx.y * cols + c + i;
    *to = gridDim.y == 1 ? *to + sum[i] : sum[i];
  }
}

// column_sums: parts [blocks of `each` rows, cols] of x [rows, cols], whose rows lie step apart.
// A single block adds to what is there.
extern "C" __global__ void __launch_bounds__(LANES * WARP)
column_sums(float *parts, const real *x, int rows, int cols, wide step, int each) {
  __shared__ float lanes[LANES][WARP];
  sum_columns<1>(parts, x, rows, cols, step, each, lanes);
}

// column_sums_vectors: where cols and step are multiples of VECTOR.
extern "C" __global__ void __launch_bounds__(LANES * WARP)
column_sums_vectors(float *parts, const real *x, int rows, int cols, wide step, int each) {
  __shared__ float lanes[LANES][WARP * VECTOR];
  sum_columns<VECTOR>(parts, x, rows, cols, step, each, lanes);
}

// add_parts adds the sums of parts [count, cols] to y for columns before split, to y2 (optional)
// for those from it on.
extern "C" __global__ void __launch_bounds__(LANES * WARP)
add_parts(float *y, float *y2, const float *parts, int count, int split, int cols) {
  __shared__ float lanes[LANES][WARP];
  int c = blockIdx.x * WARP + threadIdx.x;
  float sum = 0;
  if (c < cols) {
#pragma unroll 4
    for (int k = threadIdx.y; k < count; k += LANES) sum += parts[(wide)k * cols + c];
  }
  lanes[threadIdx.y][threadIdx.x] = sum;
  __syncthreads();
  if (threadIdx.y != 0 || c >= cols) return;
  for (int k = 1; k < LANES; k++) sum += lanes[k][threadIdx.x];
  if (c < split) {
    y[c] += sum;
  } else if (y2) {
    y2[c - split] += sum;
  }
}

// squares: parts [gridDim.x], the sums of the squares of x [n].
extern "C" __global__ void __launch_bounds__(256) squares(float *parts, const float *x, wide n) {
  __shared__ float sums[WARP];
  float sum[1] = {0};
  for (wide i = (wide)blockIdx.x * blockDim.x + threadIdx.x; i < n; i += (wide)gridDim.x * blockDim.x) sum[0] += x[i] * x[i];
  block_sums(sum, sums);
  if (threadIdx.x == 0) parts[blockIdx.x] = sum[0];
}

// length: y[0] = the root of the sum of parts [count]. One block.
extern "C" __global__ void __launch_bounds__(256) length(float *y, const float *parts, int count) {
  __shared__ float sums[WARP];
  float sum[1] = {0};
  for (int i = threadIdx.x; i < count; i += blockDim.x) sum[0] += parts[i];
  block_sums(sum, sums);
  if (threadIdx.x == 0) y[0] = sqrtf(sum[0]);
}
