// Between sequences, words and single vectors. A warp has a row.

// embed: x [batch*tokens, width] = table at ids + positions.
extern "C" __global__ void __launch_bounds__(ROWS * WARP)
embed(real *x, const float *table, const float *positions, const int *ids, int rows, int tokens, int width) {
  EACH_ROW(row, rows);
  const float *word = table + (wide)ids[row] * width, *position = positions + (wide)(row % tokens) * width;
  for (int c = lane; c < width; c += WARP) x[(wide)row * width + c] = stored(word[c] + position[c]);
}

// bag_scale is 1 over the root of how many words (not 0) a sample has.
__device__ inline float bag_scale(const int *ids, int tokens) {
  int words = 0;
  for (int t = 0; t < tokens; t++) words += ids[t] != 0;
  return words ? 1 / sqrtf((float)words) : 1;
}

// bag: x [rows, width] = the sum of the table at a sample's ids, but 0, times bag_scale.
extern "C" __global__ void __launch_bounds__(ROWS * WARP) bag(real *x, const float *table, const int *ids, int rows, int tokens, int width) {
  EACH_ROW(row, rows);
  const int *words = ids + (wide)row * tokens;
  float scale = bag_scale(words, tokens);
  for (int c = lane; c < width; c += WARP) {
    float sum = 0;
    for (int t = 0; t < tokens; t++)
      if (words[t] != 0) sum += table[(wide)words[t] * width + c];
    x[(wide)row * width + c] = stored(sum * scale);
  }
}

// bag_weights [rows, tokens]: what each word's gradient counts; 0 for no word.
extern "C" __global__ void __launch_bounds__(ROWS * WARP) bag_weights(float *weights, const int *ids, int rows, int tokens) {
  EACH_ROW(row, rows);
  const int *words = ids + (wide)row * tokens;
  float scale = bag_scale(words, tokens);
  for (int t = lane; t < tokens; t += WARP) weights[(wide)row * tokens + t] = words[t] ? scale : 0;
}

// prepend: x [rows, width] = (first [width], then patches, tokens-1 a sample) + positions
// [tokens, width]. Without first (optional) patches are [rows, width].
extern "C" __global__ void __launch_bounds__(ROWS * WARP)
prepend(real *x, const float *first, const real *patches, const float *positions, int rows, int tokens, int width) {
  EACH_ROW(row, rows);
  int t = row % tokens;
  const real *patch = patches + (wide)(first ? row - row / tokens - 1 : row) * width;
  for (int c = lane; c < width; c += WARP) {
    float v = first && t == 0 ? first[c] : value(patch[c]);
    x[(wide)row * width + c] = stored(v + positions[(wide)t * width + c]);
  }
}

// drop_first: patches [rows, width], tokens-1 a sample, are x without the first tokens.
extern "C" __global__ void __launch_bounds__(ROWS * WARP) drop_first(real *patches, const real *x, int rows, int tokens, int width) {
  EACH_ROW(row, rows);
  const real *from = x + (wide)(row + row / (tokens - 1) + 1) * width;
  for (int c = lane; c < width; c += WARP) patches[(wide)row * width + c] = from[c];
}

#define POOL_MEAN 1
#define POOL_END 2

// Range is the tokens [from, to) whose mean stands for a sample.
struct Range {
  int from, to;
};

__device__ inline Range pooled(const int *ids, wide sample, int tokens, int kind, int from) {
  Range all = {from, tokens}, first = {0, 1};
  if (kind == POOL_MEAN) return all;
  if (kind != POOL_END) return first;
  int end = 0;
  for (int t = 1; t < tokens; t++)
    if (ids[sample * tokens + t] > ids[sample * tokens + end]) end = t;
  Range last = {end, end + 1};
  return last;
}

// pool: y [samples, width] from x [samples*tokens, width]. A block has a sample.
extern "C" __global__ void __launch_bounds__(256) pool(real *y, const real *x, const int *ids, int tokens, int width, int kind, int from) {
  wide sample = blockIdx.x;
  Range r = pooled(ids, sample, tokens, kind, from);
  for (int c = threadIdx.x; c < width; c += blockDim.x) {
    float sum = 0;
#pragma unroll 4
    for (int t = r.from; t < r.to; t++) sum += value(x[(sample * tokens + t) * width + c]);
    y[sample * width + c] = stored(sum / (r.to - r.from));
  }
}

// pool_back: dx [samples*tokens, width], zero where a token was not pooled.
extern "C" __global__ void __launch_bounds__(256) pool_back(real *dx, const real *dy, const int *ids, int tokens, int width, int kind, int from) {
  wide sample = blockIdx.x;
  Range r = pooled(ids, sample, tokens, kind, from);
  for (int c = threadIdx.x; c < width; c += blockDim.x) {
    float v = value(dy[sample * width + c]) / (r.to - r.from);
    for (int t = 0; t < tokens; t++) dx[(sample * tokens + t) * width + c] = stored(t >= r.from && t < r.to ? v : 0);
  }
}
