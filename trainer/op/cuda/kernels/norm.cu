// Layer norm and unit vectors. Forward, a warp has a row. Backward, a thread of the layer norm
// has V columns and walks down the rows, so that the sums for gain and bias stay in registers.

template <int V> __device__ inline void norm_row(real *y, float *stats, const real *x, const float *gain, const float *bias, int width, int lane) {
  float sum = 0, squares = 0, v[V], g[V], b[V];
  for (int c = lane * V; c < width; c += WARP * V) {
    load(v, x + c);
#pragma unroll
    for (int i = 0; i < V; i++) sum += v[i];
  }
  float mean = warp_sum(sum) / width;
  for (int c = lane * V; c < width; c += WARP * V) { // again, out of the cache
    load(v, x + c);
#pragma unroll
    for (int i = 0; i < V; i++) squares += (v[i] - mean) * (v[i] - mean);
  }
  float scale = 1 / sqrtf(warp_sum(squares) / width + 1e-5f);
  if (lane == 0) stats[0] = mean, stats[1] = scale;
  for (int c = lane * V; c < width; c += WARP * V) {
    load(v, x + c);
    load(g, gain + c);
    load(b, bias + c);
#pragma unroll
    for (int i = 0; i < V; i++) v[i] = g[i] * ((v[i] - mean) * scale) + b[i];
    store(y + c, v);
  }
}

// layer_norm: y, x [rows, width], stats [rows, 2]. vectors: the width is a multiple of VECTOR.
extern "C" __global__ void __launch_bounds__(ROWS * WARP)
layer_norm(real *y, float *stats, const real *x, const float *gain, const float *bias, int rows, int width, int vectors) {
  EACH_ROW(row, rows);
  wide at = (wide)row * width;
  if (vectors) {
    norm_row<VECTOR>(y + at, stats + 2 * (wide)row, x + at, gain, bias, width, lane);
  } else {
    norm_row<1>(y + at, stats + 2 * (wide)row, x + at, gain, bias, width, lane);
  }
}

// norm_back takes rows at .. at+ROWS of the thread's V columns from c on, and adds to their sums.
template <int V> struct NormBack {
  float gain[V], dgain[V], dbias[V];
  int width, c;
  bool mine; // whether the thread has columns

  METHOD void begin(const float *g, int wide_) {
    width = wide_, c = threadIdx.x * V, mine = c < width;
#pragma unroll
    for (int i = 0; i < V; i++) gain[i] = dgain[i] = dbias[i] = 0;
    if (mine) load(gain, g + c);
  }

  METHOD void rows(real *dx, const real *dy, const real *x, const float *stats, const real *residual, wide at, wide end, float *parts) {
    float through[ROWS][V], hat[ROWS][V], sums[2 * ROWS], scale[ROWS];
#pragma unroll
    for (int k = 0; k < ROWS; k++) {
      sums[2 * k] = sums[2 * k + 1] = scale[k] = 0;
      if (!mine || at + k >= end) continue;
      float d[V];
      load(d, dy + (at + k) * width + c);
      load(hat[k], x + (at + k) * width + c);
      float mean = stats[2 * (at + k)];
      scale[k] = stats[2 * (at + k) + 1];
#pragma unroll
      for (int i = 0; i < V; i++) {
        hat[k][i] = (hat[k][i] - mean) * scale[k];
        dgain[i] += d[i] * hat[k][i];
        dbias[i] += d[i];
        through[k][i] = gain[i] * d[i];
        sums[2 * k] += through[k][i];
        sums[2 * k + 1] += through[k][i] * hat[k][i];
      }
    }
    block_sums(sums, parts);
#pragma unroll
    for (int k = 0; k < ROWS; k++) {
      if (!mine || at + k >= end) continue;
      float r[V];
#pragma unroll
      for (int i = 0; i < V; i++) r[i] = 0;
      if (residual) load(r, residual + (at + k) * width + c);
#pragma unroll
      for (int i = 0; i < V; i++) r[i] += scale[k] * (through[k][i] - (sums[2 * k] + hat[k][i] * sums[2 * k + 1]) / width);
      store(dx + (at + k) * width + c, r);
    }
  }

  METHOD void end(float *sums) {
    if (!mine) return;
    store(sums + c, dgain);
    store(sums + width + c, dbias);
  }
};

template <int V> __device__ inline void norm_back(real *dx, float *sums, const real *dy, const real *x, const float *stats, const float *gain, const real *residual, int rows, int width, int each, float *parts) {
  NormBack<V> n;
  n.begin(gain, width);
  wide from = (wide)blockIdx.x * each, end = from + each < rows ? from + each : rows;
  for (wide r = from; r < end; r += 2 * ROWS) { // two halves of parts: a barrier lies between two uses of one
    n.rows(dx, dy, x, stats, residual, r, end, parts);
    if (r + ROWS < end) n.rows(dx, dy, x, stats, residual, r + ROWS, end, parts + 2 * ROWS * WARP);
  }
  n.end(sums + (wide)blockIdx.x * 2 * width);
}

// layer_norm_back: dx [rows, width], and sums [blocks, 2, width] of each block's rows for gain and
// bias. Each block has `each` rows, and a thread for every VECTOR columns. residual is optional
// and may be dx.
extern "C" __global__ void __launch_bounds__(256)
layer_norm_back(real *dx, float *sums, const real *dy, const real *x, const float *stats, const float *gain, const real *residual, int rows, int width, int each) {
  __shared__ float parts[2 * 2 * ROWS * WARP];
  norm_back<VECTOR>(dx, sums, dy, x, stats, gain, residual, rows, width, each, parts);
}

// layer_norm_back_single is layer_norm_back with a thread for every column, of any width up to 1024.
extern "C" __global__ void __launch_bounds__(1024)
layer_norm_back_single(real *dx, float *sums, const real *dy, const real *x, const float *stats, const float *gain, const real *residual, int rows, int width, int each) {
  __shared__ float parts[2 * 2 * ROWS * WARP];
  norm_back<1>(dx, sums, dy, x, stats, gain, residual, rows, width, each, parts);
}

// normalize: y = x/|x|, inverse [rows] = 1/|x|.
extern "C" __global__ void __launch_bounds__(ROWS * WARP)
normalize(float *y, float *inverse, const real *x, int rows, int width) {
  EACH_ROW(row, rows);
  wide r = row;
  float squares = 0;
  for (int c = lane; c < width; c += WARP) squares += value(x[r * width + c]) * value(x[r * width + c]);
  float scale = 1 / sqrtf(warp_sum(squares) + 1e-24f);
  if (lane == 0) inverse[r] = scale;
  for (int c = lane; c < width; c += WARP) y[r * width + c] = value(x[r * width + c]) * scale;
}

// normalize_back: dx = (dy - y (y.dy)) inverse.
extern "C" __global__ void __launch_bounds__(ROWS * WARP)
normalize_back(real *dx, const float *dy, const float *y, const float *inverse, int rows, int width) {
  EACH_ROW(row, rows);
  wide r = row;
  float along = 0;
  for (int c = lane; c < width; c += WARP) along += dy[r * width + c] * y[r * width + c];
  along = warp_sum(along);
  for (int c = lane; c < width; c += WARP)
    dx[r * width + c] = stored(inverse[r] * (dy[r * width + c] - y[r * width + c] * along));
}
