// The gradient of a table whose rows were taken by ids: entries are sorted by id, in their order
// among equals (a radix sort, 8 bits a pass), then each id's rows are added up in that order. So
// there is no atomic sum of floats, and a word that fills half of a batch is summed in parallel.

#define BINS 256
#define SORT_WARPS (BINS / WARP)
#define SORT_EACH 8                              // times a warp's width that it sorts
#define SORT_TILE (SORT_EACH * SORT_WARPS * WARP) // entries of a block

// sort_counts: counts [BINS, gridDim.x], how many entries of each block have each digit.
extern "C" __global__ void __launch_bounds__(BINS) sort_counts(int *counts, const int *keys, int n, int shift) {
  __shared__ int bins[BINS];
  bins[threadIdx.x] = 0;
  __syncthreads();
  int end = (blockIdx.x + 1) * SORT_TILE < n ? (blockIdx.x + 1) * SORT_TILE : n;
  for (int i = blockIdx.x * SORT_TILE + threadIdx.x; i < end; i += BINS) atomicAdd(&bins[keys[i] >> shift & (BINS - 1)], 1);
  __syncthreads();
  counts[threadIdx.x * gridDim.x + blockIdx.x] = bins[threadIdx.x];
}

// sum_before gives each thread of a block of BINS the sum of the earlier threads' numbers, and of all.
__device__ inline int sum_before(int x, int &all, int *sums) {
  int lane = threadIdx.x % WARP, warp = threadIdx.x / WARP, up = x;
#pragma unroll
  for (int k = 1; k < WARP; k *= 2) {
    int left = __shfl_up_sync(ALL, up, k);
    if (lane >= k) up += left;
  }
  if (lane == WARP - 1) sums[warp] = up;
  __syncthreads();
  int before = 0;
  all = 0;
  for (int w = 0; w < SORT_WARPS; w++) {
    if (w < warp) before += sums[w];
    all += sums[w];
  }
  __syncthreads();
  return before + up - x;
}

// sort_offsets turns each digit's counts into their sums before, and gives all in totals [BINS].
// A block has a digit.
extern "C" __global__ void __launch_bounds__(BINS) sort_offsets(int *counts, int *totals, int blocks) {
  __shared__ int sums[SORT_WARPS];
  int carry = 0, all, *row = counts + blockIdx.x * blocks;
  for (int first = 0; first < blocks; first += BINS) {
    int i = first + threadIdx.x, x = i < blocks ? row[i] : 0, before = sum_before(x, all, sums);
    if (i < blocks) row[i] = carry + before;
    carry += all;
  }
  if (threadIdx.x == 0) totals[blockIdx.x] = carry;
}

// alike gives the lanes whose digit is this lane's; digits of BINS and more are nobody's.
__device__ inline unsigned alike(int digit) {
  unsigned lanes = ALL;
#pragma unroll
  for (int bit = 1; bit <= BINS; bit *= 2) {
    unsigned set = __ballot_sync(ALL, (digit & bit) != 0);
    lanes &= digit & bit ? set : ~set;
  }
  return lanes;
}

// sort_scatter moves each entry to its place: a warp has a run of entries, in order. places
// (optional: else an entry's place is its number) come along.
extern "C" __global__ void __launch_bounds__(BINS)
sort_scatter(int *to_keys, int *to_places, const int *keys, const int *places, const int *counts, const int *totals, int n, int shift) {
  __shared__ int next[SORT_WARPS][BINS];
  __shared__ int sums[SORT_WARPS];
  int lane = threadIdx.x % WARP, warp = threadIdx.x / WARP, from = blockIdx.x * SORT_TILE + warp * SORT_EACH * WARP, all;
  for (int w = 0; w < SORT_WARPS; w++) next[w][threadIdx.x] = 0;
  int base = sum_before(totals[threadIdx.x], all, sums) + counts[threadIdx.x * gridDim.x + blockIdx.x];
  for (int k = 0; k < SORT_EACH; k++) {
    int i = from + k * WARP + lane, digit = i < n ? keys[i] >> shift & (BINS - 1) : BINS;
    unsigned lanes = alike(digit);
    if (digit < BINS && (lanes & ((1u << lane) - 1)) == 0) next[warp][digit] += __popc(lanes);
    __syncwarp();
  }
  __syncthreads();
  for (int w = 0; w < SORT_WARPS; w++) {
    int count = next[w][threadIdx.x];
    next[w][threadIdx.x] = base;
    base += count;
  }
  __syncthreads();
  for (int k = 0; k < SORT_EACH; k++) {
    int i = from + k * WARP + lane, digit = i < n ? keys[i] >> shift & (BINS - 1) : BINS;
    unsigned lanes = alike(digit), before = lanes & ((1u << lane) - 1);
    int at = digit < BINS ? next[warp][digit] + __popc(before) : 0;
    __syncwarp();
    if (digit < BINS) {
      to_keys[at] = keys[i];
      to_places[at] = places ? places[i] : i;
      if (before == 0) next[warp][digit] = at + __popc(lanes);
    }
    __syncwarp();
  }
}

#define RUN 128 // sorted entries of a block

// sum_runs adds up the rows of dx [., width] of each run of equal keys within a block's entries:
// row places/each (each: tokens of a sample, or 1) times weights at places (optional; with them
// key 0 is left out). A run within the block goes to table. Of one that began before, the part
// goes to heads [blocks, width]; of one that only begins here, to tails.
extern "C" __global__ void __launch_bounds__(256)
sum_runs(float *table, float *heads, float *tails, const real *dx, const int *keys, const int *places, const float *weights, int n, int each, int width) {
  __shared__ int key[RUN + 2];
  __shared__ int row[RUN];
  __shared__ float weight[RUN];
  int from = blockIdx.x * RUN, count = n - from < RUN ? n - from : RUN, c = blockIdx.y * blockDim.x + threadIdx.x;
  for (int i = threadIdx.x; i < count + 2; i += blockDim.x) // the entries before and after, too; -1: none
    key[i] = from + i - 1 >= 0 && from + i - 1 < n ? keys[from + i - 1] : -1;
  for (int i = threadIdx.x; i < count; i += blockDim.x) {
    int place = places[from + i];
    row[i] = place / each;
    weight[i] = weights ? weights[place] : 1;
  }
  __syncthreads();
  if (c >= width) return;
  wide out = (wide)blockIdx.x * width + c;
  float sum = 0, v[4];
  for (int i = 0, begin = 0; i < count; i++) {
    if (i % 4 == 0) {
#pragma unroll
      for (int k = 0; k < 4; k++) v[k] = i + k < count ? value(dx[(wide)row[i + k] * width + c]) : 0;
    }
    sum += weight[i] * (i % 4 < 2 ? (i % 4 ? v[1] : v[0]) : (i % 4 == 2 ? v[2] : v[3]));
    int mine = key[i + 1];
    bool last = i + 1 == count, more = key[i + 2] == mine;
    if (more && !last) continue;
    if (begin == 0 && key[0] == mine) {
      heads[out] = sum;
    } else if (more) {
      tails[out] = sum;
    } else if (mine != 0 || !weights) {
      table[(wide)mine * width + c] += sum;
    }
    sum = 0, begin = i + 1;
  }
}

// join_runs adds up the parts of those runs that are longer than their block, one that begins in
// it at most.
extern "C" __global__ void __launch_bounds__(256)
join_runs(float *table, const float *heads, const float *tails, const int *keys, int n, int width, int skip) {
  int end = (blockIdx.x + 1) * RUN, c = blockIdx.y * blockDim.x + threadIdx.x;
  if (end >= n || c >= width) return;
  int mine = keys[end - 1];
  if (keys[end] != mine || (skip && mine == 0)) return;
  int first = blockIdx.x * RUN;
  if (first > 0 && keys[first - 1] == mine && keys[first] == mine) return; // it began before
  int low = end, high = n; // the first entry after the run is in (low, high]
  while (high - low > 1) {
    int middle = low + (high - low) / 2;
    if (keys[middle] == mine) {
      low = middle;
    } else {
      high = middle;
    }
  }
  float sum = tails[(wide)blockIdx.x * width + c];
#pragma unroll 8
  for (int k = blockIdx.x + 1; k <= low / RUN; k++) sum += heads[(wide)k * width + c];
  table[(wide)mine * width + c] += sum;
}
