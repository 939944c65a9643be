// Losses over the similarities of all pairs, strip by strip: cosines [rows, n] of the images from
// `first` on with all texts come from a product, are read once for the softmaxes' logarithms of
// their sums, and turned in place into the loss's slopes by the cosines. Only a strip is ever kept.

#define TILE_COLUMNS 256 // of a block, which has as many threads
#define TILE_ROWS 32
#define TILE_WARPS (TILE_COLUMNS / WARP)
#define WARP_ROWS (TILE_ROWS / TILE_WARPS)

// log_sum of exponentials: their largest exponent, and their sum by it.
__device__ inline float log_sum_of(float top, float sum) { return top == NONE ? NONE : top + logf(sum); }

__device__ inline float by(float x, float top) { return x == NONE ? 0 : expf(x - top); }

// log_sums: by_row [gridDim.x, rows] and by_column [gridDim.y, n], for each tile of logits
// exp(log_scale) cosine + bias.
extern "C" __global__ void __launch_bounds__(TILE_COLUMNS)
log_sums(float *by_row, float *by_column, const float *cosines, const float *log_scale, const float *bias, int rows, int n) {
  __shared__ float columns[TILE_WARPS][TILE_COLUMNS];
  int lane = threadIdx.x % WARP, warp = threadIdx.x / WARP, row = blockIdx.y * TILE_ROWS + warp * WARP_ROWS, column = blockIdx.x * TILE_COLUMNS + lane;
  float scale = expf(log_scale[0]), shift = bias ? bias[0] : 0, x[WARP_ROWS][TILE_WARPS];
#pragma unroll
  for (int r = 0; r < WARP_ROWS; r++) {
#pragma unroll
    for (int j = 0; j < TILE_WARPS; j++) {
      bool there = row + r < rows && column + j * WARP < n;
      x[r][j] = there ? scale * cosines[(wide)(row + r) * n + column + j * WARP] + shift : NONE;
    }
  }
#pragma unroll
  for (int r = 0; r < WARP_ROWS; r++) {
    float top = NONE, sum = 0;
#pragma unroll
    for (int j = 0; j < TILE_WARPS; j++) top = fmaxf(top, x[r][j]);
    top = warp_max(top);
#pragma unroll
    for (int j = 0; j < TILE_WARPS; j++) sum += by(x[r][j], top);
    sum = warp_sum(sum);
    if (lane == 0 && row + r < rows) by_row[(wide)blockIdx.x * rows + row + r] = log_sum_of(top, sum);
  }
#pragma unroll
  for (int j = 0; j < TILE_WARPS; j++) {
    float top = NONE, sum = 0;
#pragma unroll
    for (int r = 0; r < WARP_ROWS; r++) top = fmaxf(top, x[r][j]);
#pragma unroll
    for (int r = 0; r < WARP_ROWS; r++) sum += by(x[r][j], top);
    columns[warp][j * WARP + lane] = log_sum_of(top, sum);
  }
  __syncthreads();
  if (blockIdx.x * TILE_COLUMNS + threadIdx.x >= n) return;
  float top = NONE, sum = 0;
#pragma unroll
  for (int w = 0; w < TILE_WARPS; w++) top = fmaxf(top, columns[w][threadIdx.x]);
#pragma unroll
  for (int w = 0; w < TILE_WARPS; w++) sum += by(columns[w][threadIdx.x], top);
  by_column[(wide)blockIdx.y * n + blockIdx.x * TILE_COLUMNS + threadIdx.x] = log_sum_of(top, sum);
}

// merge_log_sums: y [n] of parts [count, n], and of y itself unless fresh.
extern "C" __global__ void __launch_bounds__(256) merge_log_sums(float *y, const float *parts, int count, int n, int fresh) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  float before = fresh ? NONE : y[i], top = before;
#pragma unroll 4
  for (int k = 0; k < count; k++) top = fmaxf(top, parts[(wide)k * n + i]);
  float sum = by(before, top);
#pragma unroll 4
  for (int k = 0; k < count; k++) sum += by(parts[(wide)k * n + i], top);
  y[i] = log_sum_of(top, sum);
}

// Softmaxes are InfoNCE's: the slope by logit (i, j) is half the sum of both directions' softmax,
// less one on the diagonal, over n.
struct Softmaxes {
  const float *by_row, *by_column; // [rows], [n]
  int first, n;

  METHOD float slope(int row, int column, float logit, float &loss) const {
    float p = expf(logit - by_row[row]) + expf(logit - by_column[column]);
    if (first + row == column) {
      p -= 2;
      loss += (by_row[row] + by_column[column] - 2 * logit) / (2.0f * n);
    }
    return p / (2.0f * n);
  }
};

// Sigmoids are SigLIP's: log(1 + exp(-z logit)) over n, z = 1 on the diagonal and -1 off it.
struct Sigmoids {
  int first, n;

  METHOD float slope(int row, int column, float logit, float &loss) const {
    float z = first + row == column ? 1 : -1;
    loss += (fmaxf(-z * logit, 0) + log1pf(expf(-fabsf(logit)))) / n;
    return -z / (1 + expf(z * logit)) / n;
  }
};

// slopes turns a tile of cosines into slopes by them, and gives the tile's share of the loss and
// of the slopes by log_scale and bias: totals [blocks, 3].
template <class Loss> __device__ inline void slopes(float *totals, float *cosines, const Loss &loss, const float *log_scale, const float *bias, int rows, int n, float *parts) {
  int column = blockIdx.x * TILE_COLUMNS + threadIdx.x, row = blockIdx.y * TILE_ROWS, end = row + TILE_ROWS < rows ? row + TILE_ROWS : rows;
  float scale = expf(log_scale[0]), shift = bias ? bias[0] : 0, sums[3] = {0, 0, 0};
  if (column < n) {
#pragma unroll 4
    for (int r = row; r < end; r++) {
      float *at = cosines + (wide)r * n + column, scaled = scale * *at, slope = loss.slope(r, column, scaled + shift, sums[0]);
      sums[1] += slope * scaled;
      sums[2] += slope;
      *at = slope * scale;
    }
  }
  block_sums(sums, parts);
  if (threadIdx.x < 3) totals[(blockIdx.y * gridDim.x + blockIdx.x) * 3 + threadIdx.x] = threadIdx.x == 0 ? sums[0] : threadIdx.x == 1 ? sums[1] : sums[2];
}

extern "C" __global__ void __launch_bounds__(TILE_COLUMNS)
infonce_slopes(float *totals, float *cosines, const float *by_row, const float *by_column, const float *log_scale, const float *bias, int first, int rows, int n) {
  __shared__ float parts[3 * WARP];
  Softmaxes loss = {by_row, by_column, first, n};
  slopes(totals, cosines, loss, log_scale, bias, rows, n, parts);
}

extern "C" __global__ void __launch_bounds__(TILE_COLUMNS)
siglip_slopes(float *totals, float *cosines, const float *log_scale, const float *bias, int first, int rows, int n) {
  __shared__ float parts[3 * WARP];
  Sigmoids loss = {first, n};
  slopes(totals, cosines, loss, log_scale, bias, rows, n, parts);
}

// loss_totals: loss = the first of totals [count, 3]; the others are added to dscale and dbias
// (optional). One block.
extern "C" __global__ void __launch_bounds__(1024) loss_totals(float *loss, float *dscale, float *dbias, const float *totals, int count) {
  __shared__ float parts[3 * WARP];
  float sums[3] = {0, 0, 0};
  for (int i = threadIdx.x; i < count; i += blockDim.x) {
#pragma unroll
    for (int k = 0; k < 3; k++) sums[k] += totals[3 * i + k];
  }
  block_sums(sums, parts);
  if (threadIdx.x != 0) return;
  loss[0] = sums[0];
  dscale[0] += sums[1];
  if (dbias) dbias[0] += sums[2];
}
