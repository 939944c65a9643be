// Self-attention over a sequence, with the softmax computed as the keys stream by (Dao 2023,
// FlashAttention-2, algorithms 1 and 2), for heads of HEAD numbers. A warp owns 16 rows: queries,
// or in the second half of the backward pass keys; the other side streams through shared memory
// in tiles of STREAM rows. All products are tile.cu's. Backward, the scores are computed twice,
// once where queries own and once where keys own, so that every sum is one warp's: no atomics.

#ifdef BF16
#define STREAM 64
#else
#define STREAM 32
#endif
#define OWN 16
#define LOG2E 1.4426950408889634f

// Sequence is one head of one sample.
struct Sequence {
  const real *qkv;
  int tokens, width; // width: of all heads
  int causal;

  // sees: whether a query's softmax has the key.
  METHOD bool sees(int query, int key) const {
    return query < tokens && key < tokens && (!causal || key <= query);
  }
};

__device__ inline Sequence sequence_of(const real *qkv, int tokens, int heads, int causal) {
  int sample = blockIdx.x / heads, head = blockIdx.x % heads;
  Sequence s = {qkv + (wide)sample * tokens * 3 * heads * HEAD + head * HEAD, tokens, heads * HEAD, causal};
  return s;
}

// fill copies rows [first, first+rows) of HEAD numbers that lie step apart into a tile; those from
// tokens on, and columns from HEAD on, are zero. All threads of the block take part.
__device__ inline void fill(real *tile, const real *from, wide step, int first, int rows, int tokens) {
  constexpr int n = HEAD % VECTOR == 0 ? VECTOR : 1, each = PADDED / n;
  for (int i = threadIdx.x; i < rows * each; i += blockDim.x) {
    int r = i / each, c = i % each * n;
    float v[n];
#pragma unroll
    for (int k = 0; k < n; k++) v[k] = 0;
    if (first + r < tokens && c < HEAD) load(v, from + (first + r) * step + c);
    store(tile + r * STRIDE + c, v);
  }
}

// put writes a warp's 16 rows of HEAD sums, from row first on.
__device__ inline void put(real *to, wide step, int first, int tokens, const float (&x)[PADDED / 8][4]) {
  int g = threadIdx.x % WARP / 4, t = threadIdx.x % 4;
#pragma unroll
  for (int half = 0; half < 2; half++) {
    int r = first + g + 8 * half;
    if (r >= tokens) continue;
#pragma unroll
    for (int n = 0; n < PADDED / 8; n++) {
      int c = 8 * n + 2 * t;
      real *at = to + r * step + c;
      if (HEAD % 2 == 0) {
        if (c >= HEAD) continue;
#ifdef BF16
        *(unsigned *)at = pair(x[n][2 * half], x[n][2 * half + 1]);
#else
        *(float2 *)at = make_float2(x[n][2 * half], x[n][2 * half + 1]);
#endif
      } else {
        if (c < HEAD) at[0] = stored(x[n][2 * half]);
        if (c + 1 < HEAD) at[1] = stored(x[n][2 * half + 1]);
      }
    }
  }
}

__device__ inline float quad_sum(float x) {
  x += __shfl_xor_sync(ALL, x, 1);
  return x + __shfl_xor_sync(ALL, x, 2);
}

__device__ inline float quad_max(float x) {
  x = fmaxf(x, __shfl_xor_sync(ALL, x, 1));
  return fmaxf(x, __shfl_xor_sync(ALL, x, 2));
}

// Own is the tile of a warp's 16 rows as the left of a product: KEPT in registers, or read each
// time where those are short.
template <bool KEPT> struct Own {
  Left x[PADDED / 16];
  METHOD void begin(const real *tile) {
#pragma unroll
    for (int k = 0; k < PADDED / 16; k++) x[k] = left_of(tile + 16 * k);
  }
  METHOD Left at(int k) const { return x[k]; }
};

template <> struct Own<false> {
  const real *from;
  METHOD void begin(const real *tile) { from = tile; }
  METHOD Left at(int k) const { return left_of(from + 16 * k); }
};

#ifdef BF16
#define KEPT true
#define KEPT_BACK (HEAD <= 64)
#else
#define KEPT (HEAD <= 64)
#define KEPT_BACK false
#endif

// STEPS is how far the loop over a head's numbers is unrolled: to its end where what it reads is in
// registers, else not, since the loads of later turns would take them.
#define STEPS(kept) ((kept) ? PADDED / 16 : 1)

// Softmax is a warp's 16 queries on their way through the keys. Of its two rows a lane keeps the
// largest score so far, and its share of the sum of exponentials.
struct Softmax {
  Own<KEPT> q;
  float y[PADDED / 8][4], top[2], sum[2];

  METHOD void begin(const real *queries) {
    q.begin(queries);
#pragma unroll
    for (int n = 0; n < PADDED / 8; n++) y[n][0] = y[n][1] = y[n][2] = y[n][3] = 0;
    top[0] = top[1] = NONE, sum[0] = sum[1] = 0;
  }

  // scores of the warp's queries, from row on, with a tile's keys, from first on; in powers of two.
  METHOD void scores(float (&s)[STREAM / 8][4], const real *keys, const Sequence &of, int row, int first, int end, float scale) {
    int g = threadIdx.x % WARP / 4, t = threadIdx.x % 4;
#pragma unroll
    for (int j = 0; j < STREAM / 8; j++) s[j][0] = s[j][1] = s[j][2] = s[j][3] = 0;
#pragma unroll
    for (int j = 0; j < STREAM / 16; j++) {
      if (first + 16 * j >= end) continue;
#pragma unroll STEPS(KEPT)
      for (int k = 0; k < PADDED / 16; k++) {
        Left a = q.at(k);
        Rights b = across(keys + 16 * j * STRIDE + 16 * k);
        multiply(s[2 * j], a, b.half[0]);
        multiply(s[2 * j + 1], a, b.half[1]);
      }
    }
#pragma unroll
    for (int j = 0; j < STREAM / 8; j++) {
#pragma unroll
      for (int e = 0; e < 4; e++) {
        int query = row + g + 8 * (e / 2), key = first + 8 * j + 2 * t + e % 2;
        bool seen = key < of.tokens && (!of.causal || key <= query);
        s[j][e] = seen ? s[j][e] * scale : NONE;
      }
    }
  }

  // weigh turns scores into exponentials by the largest so far, and what was summed before with it.
  METHOD void weigh(float (&s)[STREAM / 8][4]) {
#pragma unroll
    for (int half = 0; half < 2; half++) {
      float best = top[half];
#pragma unroll
      for (int j = 0; j < STREAM / 8; j++) best = fmaxf(best, fmaxf(s[j][2 * half], s[j][2 * half + 1]));
      best = quad_max(best);
      float fade = exp2f(top[half] - best);
      top[half] = best;
      sum[half] *= fade;
#pragma unroll
      for (int n = 0; n < PADDED / 8; n++) y[n][2 * half] *= fade, y[n][2 * half + 1] *= fade;
#pragma unroll
      for (int j = 0; j < STREAM / 8; j++) {
#pragma unroll
        for (int e = 2 * half; e < 2 * half + 2; e++) {
          s[j][e] = exp2f(s[j][e] - best);
          sum[half] += s[j][e];
        }
      }
    }
  }

  METHOD void add(const float (&p)[STREAM / 8][4], const real *values, int first, int end) {
#pragma unroll
    for (int j = 0; j < STREAM / 16; j++) {
      if (first + 16 * j >= end) continue;
      Left a = left_from(p[2 * j], p[2 * j + 1]);
#pragma unroll
      for (int n = 0; n < PADDED / 16; n++) {
        Rights b = along(values + 16 * j * STRIDE + 16 * n);
        multiply(y[2 * n], a, b.half[0]);
        multiply(y[2 * n + 1], a, b.half[1]);
      }
    }
  }

  // finish divides by the sums, and writes their logarithms.
  METHOD void finish(float *log_sum, int row, int tokens) {
    int g = threadIdx.x % WARP / 4, t = threadIdx.x % 4;
#pragma unroll
    for (int half = 0; half < 2; half++) {
      float all = quad_sum(sum[half]);
#pragma unroll
      for (int n = 0; n < PADDED / 8; n++) y[n][2 * half] /= all, y[n][2 * half + 1] /= all;
      int r = row + g + 8 * half;
      if (t == 0 && r < tokens) log_sum[r] = top[half] / LOG2E + logf(all);
    }
  }
};

// attention: y [batch*tokens, heads*HEAD], log_sum [batch, heads, tokens]. Grid: (batch*heads,
// blocks of queries); a warp for every 16 queries of a block. Shared memory: the block's queries
// and STREAM keys and values, STRIDE numbers each.
extern "C" __global__ void __launch_bounds__(WARPS * WARP, 1)
attention(real *y, float *log_sum, const real *qkv, int tokens, int heads, int causal, float scale) {
  extern __shared__ uint4 tiles[];
  int warps = blockDim.x / WARP, from = blockIdx.y * warps * OWN, row = from + threadIdx.x / WARP * OWN;
  real *queries = (real *)tiles, *keys = queries + warps * OWN * STRIDE, *values = keys + STREAM * STRIDE;
  Sequence s = sequence_of(qkv, tokens, heads, causal);
  int end = causal && from + warps * OWN < tokens ? from + warps * OWN : tokens;
  fill(queries, s.qkv, 3 * s.width, from, warps * OWN, tokens);
  __syncthreads();
  Softmax soft;
  soft.begin(queries + threadIdx.x / WARP * OWN * STRIDE);
  for (int first = 0; first < end; first += STREAM) {
    if (first > 0) __syncthreads();
    fill(keys, s.qkv + s.width, 3 * s.width, first, STREAM, tokens);
    fill(values, s.qkv + 2 * s.width, 3 * s.width, first, STREAM, tokens);
    __syncthreads();
    if (row >= tokens || (causal && first > row + OWN - 1)) continue;
    float p[STREAM / 8][4];
    soft.scores(p, keys, s, row, first, end, scale * LOG2E);
    soft.weigh(p);
    soft.add(p, values, first, end);
  }
  soft.finish(log_sum + (wide)blockIdx.x * tokens, row, tokens);
  int sample = blockIdx.x / heads, head = blockIdx.x % heads;
  put(y + (wide)sample * tokens * s.width + head * HEAD, s.width, row, tokens, soft.y);
}

// Back is a warp's 16 rows in the backward pass. Where they are queries, own is q and dy, the
// stream k and v; where they are keys, own is k and v, the stream q and dy. logs and means are,
// for each query of the tile, the softmax's logarithm and y.dy.
template <bool KEYS> struct Back {
  Own<KEPT_BACK> own, own2;
  float first[PADDED / 8][4];             // dq, or dk
  float second[KEYS ? PADDED / 8 : 1][4]; // dv

  METHOD void begin(const real *tile, const real *tile2) {
    own.begin(tile);
    own2.begin(tile2);
#pragma unroll
    for (int n = 0; n < PADDED / 8; n++) first[n][0] = first[n][1] = first[n][2] = first[n][3] = 0;
#pragma unroll
    for (int n = 0; n < (KEYS ? PADDED / 8 : 1); n++) second[n][0] = second[n][1] = second[n][2] = second[n][3] = 0;
  }

  // group takes 16 rows of the stream, from column on.
  METHOD void group(const real *stream, const real *stream2, const float *logs, const float *means, const Sequence &of, int row, int column, float scale) {
    float p[2][4] = {}, d[2][4] = {};
#pragma unroll STEPS(KEPT_BACK)
    for (int k = 0; k < PADDED / 16; k++) {
      Left a = own.at(k), a2 = own2.at(k);
      Rights b = across(stream + 16 * k), b2 = across(stream2 + 16 * k);
#pragma unroll
      for (int h = 0; h < 2; h++) {
        multiply(p[h], a, b.half[h]);
        multiply(d[h], a2, b2.half[h]);
      }
    }
    int g = threadIdx.x % WARP / 4, t = threadIdx.x % 4;
#pragma unroll
    for (int h = 0; h < 2; h++) {
#pragma unroll
      for (int e = 0; e < 4; e++) {
        int r = g + 8 * (e / 2), c = 8 * h + 2 * t + e % 2, q = KEYS ? c : r;
        bool seen = KEYS ? of.sees(column + c, row + r) : of.sees(row + r, column + c);
        p[h][e] = seen ? exp2f((p[h][e] * scale - logs[q]) * LOG2E) : 0;
        d[h][e] = scale * p[h][e] * (d[h][e] - means[q]);
      }
    }
    Left slopes = left_from(d[0], d[1]), weights = left_from(p[0], p[1]);
#pragma unroll
    for (int n = 0; n < PADDED / 16; n++) {
      Rights b = along(stream + 16 * n);
      multiply(first[2 * n], slopes, b.half[0]);
      multiply(first[2 * n + 1], slopes, b.half[1]);
      if (!KEYS) continue;
      b = along(stream2 + 16 * n);
      multiply(second[KEYS ? 2 * n : 0], weights, b.half[0]);
      multiply(second[KEYS ? 2 * n + 1 : 0], weights, b.half[1]);
    }
  }
};

// Outer is what the backward pass has beside q, k and v, for one head of one sample.
struct Outer {
  const real *dy, *y;
  const float *log_sum;

  // rates fills logs and means for rows of queries, from first on; dy's rows are in a tile.
  METHOD void rates(float *logs, float *means, const real *tile, int first, int rows, const Sequence &s) const {
    int lane = threadIdx.x % WARP;
    for (int r = threadIdx.x / WARP; r < rows; r += blockDim.x / WARP) {
      float along = 0;
      if (first + r < s.tokens)
        for (int c = lane; c < HEAD; c += WARP) along += value(tile[r * STRIDE + c]) * value(y[(wide)(first + r) * s.width + c]);
      along = warp_sum(along);
      if (lane != 0) continue;
      means[r] = along;
      logs[r] = first + r < s.tokens ? log_sum[first + r] : 0;
    }
  }
};

template <bool KEYS> __device__ inline void back(real *dqkv, const Outer &o, const Sequence &s, int block, float scale, uint4 *tiles) {
  int warps = blockDim.x / WARP, rows = warps * OWN, from = block * rows, mine = threadIdx.x / WARP * OWN, row = from + mine;
  real *own = (real *)tiles, *own2 = own + rows * STRIDE, *stream = own2 + rows * STRIDE, *stream2 = stream + STREAM * STRIDE;
  float *logs = (float *)(stream2 + STREAM * STRIDE), *means = logs + (KEYS ? STREAM : rows);
  const real *q = s.qkv, *k = q + s.width, *v = k + s.width;
  wide step = 3 * s.width;
  fill(own, KEYS ? k : q, step, from, rows, s.tokens);
  if (KEYS) {
    fill(own2, v, step, from, rows, s.tokens);
  } else {
    fill(own2, o.dy, s.width, from, rows, s.tokens);
  }
  __syncthreads();
  if (!KEYS) o.rates(logs, means, own2, from, rows, s);
  int begin = KEYS && s.causal ? from / STREAM * STREAM : 0;
  int end = !KEYS && s.causal && from + rows < s.tokens ? from + rows : s.tokens;
  Back<KEYS> b;
  b.begin(own + mine * STRIDE, own2 + mine * STRIDE);
  for (int first = begin; first < end; first += STREAM) {
    if (first > begin) __syncthreads();
    fill(stream, KEYS ? q : k, step, first, STREAM, s.tokens);
    if (KEYS) {
      fill(stream2, o.dy, s.width, first, STREAM, s.tokens);
      __syncthreads();
      o.rates(logs, means, stream2, first, STREAM, s);
    } else {
      fill(stream2, v, step, first, STREAM, s.tokens);
    }
    __syncthreads();
    for (int j = 0; j < STREAM && first + j < end && row < s.tokens; j += 16) {
      int query = KEYS ? first + j + 15 : row + OWN - 1, key = KEYS ? row : first + j; // the latest query, the earliest key
      if (s.causal && key > query) continue;
      int at = KEYS ? j : mine;
      b.group(stream + j * STRIDE, stream2 + j * STRIDE, logs + at, means + at, s, row, first + j, scale);
    }
  }
  put(dqkv + (KEYS ? s.width : 0), step, row, s.tokens, b.first);
  if constexpr (KEYS) put(dqkv + 2 * s.width, step, row, s.tokens, b.second);
}

// attention_back: dqkv as qkv, from dy as y. Grid: (batch*heads, twice the blocks of attention's
// rows): the first half gives dq, the second dk and dv. Shared memory: two tiles of the block's
// own rows and two of STREAM rows, STRIDE numbers each, and two floats for each row of the larger.
extern "C" __global__ void __launch_bounds__(WARPS_BACK * WARP, 1)
attention_back(real *dqkv, const real *dy, const real *y, const float *log_sum, const real *qkv, int tokens, int heads, int causal, float scale) {
  extern __shared__ uint4 tiles[];
  int sample = blockIdx.x / heads, head = blockIdx.x % heads, blocks = gridDim.y / 2;
  Sequence s = sequence_of(qkv, tokens, heads, causal);
  wide at = (wide)sample * tokens * s.width + head * HEAD;
  Outer o = {dy + at, y + at, log_sum + (wide)blockIdx.x * tokens};
  real *to = dqkv + (s.qkv - qkv);
  if (blockIdx.y < blocks) {
    back<false>(to, o, s, blockIdx.y, scale, tiles);
  } else {
    back<true>(to, o, s, blockIdx.y - blocks, scale, tiles);
  }
}
