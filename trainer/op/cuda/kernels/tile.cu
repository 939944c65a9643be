// Products of 16 x 16 by 16 x 8 numbers within a warp, by the tensor cores. With lane = 4 g + t, a
// lane has of
//   Left  (16 x 16): rows g and g+8, columns 2t, 2t+1, 2t+8, 2t+9
//   Right (16 x 8):  column g, rows 2t, 2t+1, 2t+8, 2t+9
//   the sum (16 x 8): (g, 2t), (g, 2t+1), (g+8, 2t), (g+8, 2t+1)
// which is how mma.sync wants bfloat16 (PTX ISA, m16n8k16). For floats two m16n8k8 of TF32 do it,
// their inner index in an order that suits the same places; TF32 rounds to 11 bits, without it
// three products of the upper and lower halves give float's precision (Ootomo and Yokota 2022).
// Without tensor cores a plain twin does the same through shared memory.

#define WARPS 8      // the most of a block of attention
#define WARPS_BACK 5 // of attention_back: 77 tokens are one block

// STRIDE is how far the rows of a tile lie apart in shared memory: no two of the lanes that read
// together meet in one bank.
#define PADDED ((HEAD + 15) / 16 * 16)
#define STRIDE (PADDED + 8)

#ifdef BF16
struct Left {
  unsigned x[4]; // (g, 2t), (g+8, 2t), (g, 2t+8), (g+8, 2t+8), each with its right neighbour
};
struct Right {
  unsigned x[2]; // (2t, g), (2t+8, g), each with its lower neighbour
};
#else
struct Left {
  float x[8]; // (g, 2t), (g+8, 2t), (g, 2t+1), (g+8, 2t+1); the same for 2t+8
};
struct Right {
  float x[4]; // (2t, g), (2t+1, g); the same for 2t+8
};
#endif
struct Rights {
  Right half[2]; // of 16 columns
};

#ifdef TENSOR_CORES

#ifdef BF16
__device__ inline void multiply(float (&c)[4], const Left &a, const Right &b) {
  asm("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
      : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])
      : "r"(a.x[0]), "r"(a.x[1]), "r"(a.x[2]), "r"(a.x[3]), "r"(b.x[0]), "r"(b.x[1]));
}
#else
__device__ inline unsigned tf32(float x) {
  unsigned y;
  asm("cvt.rna.tf32.f32 %0, %1;" : "=r"(y) : "f"(x));
  return y;
}

__device__ inline void multiply8(float (&c)[4], const unsigned *a, const unsigned *b) {
  asm("mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
      : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
}

__device__ inline void multiply(float (&c)[4], const Left &a, const Right &b) {
  unsigned a_high[8], b_high[4];
#pragma unroll
  for (int i = 0; i < 8; i++) a_high[i] = tf32(a.x[i]);
#pragma unroll
  for (int i = 0; i < 4; i++) b_high[i] = tf32(b.x[i]);
#ifndef TF32
  unsigned a_low[8], b_low[4];
#pragma unroll
  for (int i = 0; i < 8; i++) a_low[i] = tf32(a.x[i] - __uint_as_float(a_high[i]));
#pragma unroll
  for (int i = 0; i < 4; i++) b_low[i] = tf32(b.x[i] - __uint_as_float(b_high[i]));
#pragma unroll
  for (int k = 0; k < 2; k++) { // the small ones first
    multiply8(c, a_low + 4 * k, b_high + 2 * k);
    multiply8(c, a_high + 4 * k, b_low + 2 * k);
  }
#endif
#pragma unroll
  for (int k = 0; k < 2; k++) multiply8(c, a_high + 4 * k, b_high + 2 * k);
}
#endif

#else // the plain twin

#ifdef BF16
// at gives number k of a lane's row or column, of those at 2t, 2t+1, 2t+8, 2t+9.
__device__ inline float at(const Left &a, int row, int k) {
  unsigned both = a.x[row + 2 * (k / 2)];
  return k % 2 ? high(both) : low(both);
}
__device__ inline float at(const Right &b, int k) { return k % 2 ? high(b.x[k / 2]) : low(b.x[k / 2]); }
#else
__device__ inline float at(const Left &a, int row, int k) { return a.x[row + 2 * k]; }
__device__ inline float at(const Right &b, int k) { return b.x[k]; }
#endif

__device__ inline void multiply(float (&c)[4], const Left &a, const Right &b) {
  __shared__ float left[WARPS][16][16];
  __shared__ float right[WARPS][8][16];
  int warp = threadIdx.x / WARP, g = threadIdx.x % WARP / 4, t = threadIdx.x % 4;
  for (int k = 0; k < 4; k++) {
    int column = 2 * t + k % 2 + 8 * (k / 2);
    left[warp][g][column] = at(a, 0, k);
    left[warp][g + 8][column] = at(a, 1, k);
    right[warp][g][column] = at(b, k);
  }
  __syncwarp();
  for (int k = 0; k < 16; k++) {
    float above = left[warp][g][k], below = left[warp][g + 8][k], first = right[warp][2 * t][k], second = right[warp][2 * t + 1][k];
    c[0] += above * first, c[1] += above * second;
    c[2] += below * first, c[3] += below * second;
  }
  __syncwarp();
}

#endif

#if defined(TENSOR_CORES) && defined(BF16)
__device__ inline unsigned shared_address(const real *p) {
  return (unsigned)__cvta_generic_to_shared(p);
}

// left_of is the 16 x 16 numbers at tile, whose rows lie STRIDE apart.
__device__ inline Left left_of(const real *tile) {
  int lane = threadIdx.x % WARP;
  Left a;
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];"
               : "=r"(a.x[0]), "=r"(a.x[1]), "=r"(a.x[2]), "=r"(a.x[3])
               : "r"(shared_address(tile + lane % 16 * STRIDE + lane / 16 * 8))
               : "memory");
  return a;
}

// across is the transposed 16 x 16 numbers at tile: its rows are the product's columns.
__device__ inline Rights across(const real *tile) {
  int lane = threadIdx.x % WARP;
  Rights b;
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];"
               : "=r"(b.half[0].x[0]), "=r"(b.half[0].x[1]), "=r"(b.half[1].x[0]), "=r"(b.half[1].x[1])
               : "r"(shared_address(tile + (lane % 8 + lane / 16 * 8) * STRIDE + lane / 8 % 2 * 8))
               : "memory");
  return b;
}

// along is the 16 x 16 numbers at tile as they lie.
__device__ inline Rights along(const real *tile) {
  int lane = threadIdx.x % WARP;
  Rights b;
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0, %1, %2, %3}, [%4];"
               : "=r"(b.half[0].x[0]), "=r"(b.half[0].x[1]), "=r"(b.half[1].x[0]), "=r"(b.half[1].x[1])
               : "r"(shared_address(tile + lane % 16 * STRIDE + lane / 16 * 8))
               : "memory");
  return b;
}

#else

#ifdef BF16
__device__ inline unsigned neighbours(real a, real b) { return a.bits | (unsigned)b.bits << 16; }
#endif

__device__ inline Left left_of(const real *tile) {
  int g = threadIdx.x % WARP / 4, t = threadIdx.x % 4;
  Left a;
#pragma unroll
  for (int k = 0; k < 2; k++) {
    const real *above = tile + g * STRIDE + 2 * t + 8 * k, *below = above + 8 * STRIDE;
#ifdef BF16
    a.x[2 * k] = neighbours(above[0], above[1]), a.x[2 * k + 1] = neighbours(below[0], below[1]);
#else
    float2 u = *(const float2 *)above, v = *(const float2 *)below;
    a.x[4 * k] = u.x, a.x[4 * k + 1] = v.x, a.x[4 * k + 2] = u.y, a.x[4 * k + 3] = v.y;
#endif
  }
  return a;
}

__device__ inline Rights across(const real *tile) {
  int g = threadIdx.x % WARP / 4, t = threadIdx.x % 4;
  Rights b;
#pragma unroll
  for (int h = 0; h < 2; h++) {
#pragma unroll
    for (int k = 0; k < 2; k++) {
      const real *from = tile + (g + 8 * h) * STRIDE + 2 * t + 8 * k;
#ifdef BF16
      b.half[h].x[k] = neighbours(from[0], from[1]);
#else
      float2 u = *(const float2 *)from;
      b.half[h].x[2 * k] = u.x, b.half[h].x[2 * k + 1] = u.y;
#endif
    }
  }
  return b;
}

__device__ inline Rights along(const real *tile) {
  int g = threadIdx.x % WARP / 4, t = threadIdx.x % 4;
  Rights b;
#pragma unroll
  for (int h = 0; h < 2; h++) {
#pragma unroll
    for (int k = 0; k < 2; k++) {
      const real *from = tile + (2 * t + 8 * k) * STRIDE + g + 8 * h;
#ifdef BF16
      b.half[h].x[k] = neighbours(from[0], from[STRIDE]);
#else
      b.half[h].x[2 * k] = from[0], b.half[h].x[2 * k + 1] = from[STRIDE];
#endif
    }
  }
  return b;
}
#endif

// left_from is 16 x 16 of two sums, side by side: the result of a product as the left of the next.
__device__ inline Left left_from(const float (&a)[4], const float (&b)[4]) {
  Left l;
#ifdef BF16
  l.x[0] = pair(a[0], a[1]), l.x[1] = pair(a[2], a[3]);
  l.x[2] = pair(b[0], b[1]), l.x[3] = pair(b[2], b[3]);
#else
  l.x[0] = a[0], l.x[1] = a[2], l.x[2] = a[1], l.x[3] = a[3];
  l.x[4] = b[0], l.x[5] = b[2], l.x[6] = b[1], l.x[7] = b[3];
#endif
  return l;
}
