// What is done to each number by itself. A thread has V neighbours; grids stride.

#define STRIDED(i, n, v) \
  for (wide i = ((wide)blockIdx.x * blockDim.x + threadIdx.x) * (v); i < (n); i += (wide)gridDim.x * blockDim.x * (v))

#define GELU 1
#define QUICK_GELU 2

// activate gives an activation's value at u and its derivative.
__device__ inline float activate(int kind, float u, float &derivative) {
  if (kind == GELU) {
    float phi = 0.5f * (1 + erff(u * 0.70710678f));
    derivative = phi + u * 0.39894228f * expf(-0.5f * u * u);
    return u * phi;
  }
  if (kind == QUICK_GELU) {
    float sigmoid = 1 / (1 + expf(-1.702f * u));
    derivative = sigmoid + 1.702f * u * sigmoid * (1 - sigmoid);
    return u * sigmoid;
  }
  derivative = 1;
  return u;
}

template <int V> __device__ inline void finish(real *y, real *slope, const real *x, const float *bias, const real *residual, wide n, int out, int kind) {
  STRIDED(i, n, V) {
    float u[V], b[V], d[V], r[V];
    load(u, x + i);
#pragma unroll
    for (int k = 0; k < V; k++) b[k] = r[k] = 0;
    if (bias) load(b, bias + i % out);
    if (residual) load(r, residual + i);
#pragma unroll
    for (int k = 0; k < V; k++) u[k] = activate(kind, u[k] + b[k], d[k]) + r[k];
    store(y + i, u);
    if (slope) store(slope + i, d);
  }
}

// finish_linear: y = act(x + bias) + residual, slope = act'(x + bias); all [n], in rows of out. bias,
// residual and slope are optional; y may be x or residual. vectors: out is a multiple of VECTOR.
extern "C" __global__ void __launch_bounds__(256)
finish_linear(real *y, real *slope, const real *x, const float *bias, const real *residual, wide n, int out, int kind, int vectors) {
  if (vectors) {
    finish<VECTOR>(y, slope, x, bias, residual, n, out, kind);
  } else {
    finish<1>(y, slope, x, bias, residual, n, out, kind);
  }
}

// whole gives how many of n numbers are in whole vectors, when addresses allow vectors.
__device__ inline wide whole(wide n, int v, int vectors) { return vectors ? n / v * v : 0; }

// times: y *= x.
extern "C" __global__ void __launch_bounds__(256) times(real *y, const real *x, wide n, int vectors) {
  wide all = whole(n, VECTOR, vectors);
  STRIDED(i, all, VECTOR) {
    float a[VECTOR], b[VECTOR];
    load(a, y + i);
    load(b, x + i);
#pragma unroll
    for (int k = 0; k < VECTOR; k++) a[k] *= b[k];
    store(y + i, a);
  }
  STRIDED(i, n - all, 1) y[all + i] = stored(value(y[all + i]) * value(x[all + i]));
}

// add: y += x.
extern "C" __global__ void __launch_bounds__(256) add(real *y, const real *x, wide n, int vectors) {
  wide all = whole(n, VECTOR, vectors);
  STRIDED(i, all, VECTOR) {
    float a[VECTOR], b[VECTOR];
    load(a, y + i);
    load(b, x + i);
#pragma unroll
    for (int k = 0; k < VECTOR; k++) a[k] += b[k];
    store(y + i, a);
  }
  STRIDED(i, n - all, 1) y[all + i] = stored(value(y[all + i]) + value(x[all + i]));
}

// add_floats: y += x.
extern "C" __global__ void __launch_bounds__(256) add_floats(float *y, const float *x, wide n) {
  STRIDED(i, n, 1) y[i] += x[i];
}

// clamp: x = min(max(x, low), high).
extern "C" __global__ void __launch_bounds__(256) clamp(float *x, wide n, float low, float high) {
  STRIDED(i, n, 1) x[i] = fminf(fmaxf(x[i], low), high);
}

// narrow: y = x in the stored type.
extern "C" __global__ void __launch_bounds__(256) narrow(real *y, const float *x, wide n) {
  STRIDED(i, n, 1) y[i] = stored(x[i]);
}

// widen: y = x.
extern "C" __global__ void __launch_bounds__(256) widen(float *y, const real *x, wide n) {
  STRIDED(i, n, 1) y[i] = value(x[i]);
}

// Rates are an optimizer's numbers that stay the same from step to step.
struct Rates {
  float beta1, rest1, beta2, rest2, eps, clip, size, root, keep;

  METHOD float step(float p, float g, float &m, float &v) const {
    g *= clip;
    m = beta1 * m + rest1 * g;
    v = beta2 * v + rest2 * g * g;
    return keep * p - size * m / (sqrtf(v) * root + eps);
  }
};

// adamw: one step (op.Update) for p [n], and for its copy in the stored type (optional). pace holds
// size, root and keep; keep counts where decays. norm [1] is the gradient's length; without
// max_norm it is not read. beta1 and beta2 come with 1 less them, exact in float.
extern "C" __global__ void __launch_bounds__(256)
adamw(float *p, const float *g, float *m, float *v, real *copy, const float *pace, const float *norm, wide n, float beta1, float rest1, float beta2, float rest2, float eps, float max_norm, int decays, int vectors) {
  float clip = max_norm > 0 ? fminf(1, max_norm / (norm[0] + 1e-6f)) : 1;
  Rates rates = {beta1, rest1, beta2, rest2, eps, clip, pace[0], pace[1], decays ? pace[2] : 1};
  wide all = whole(n, 4, vectors);
  STRIDED(i, all, 4) {
    float a[4], b[4], c[4], d[4];
    load(a, p + i);
    load(b, g + i);
    load(c, m + i);
    load(d, v + i);
#pragma unroll
    for (int k = 0; k < 4; k++) a[k] = rates.step(a[k], b[k], c[k], d[k]);
    store(p + i, a);
    store(m + i, c);
    store(v + i, d);
    if (!copy) continue;
#ifdef BF16
    *(uint2 *)(copy + i) = make_uint2(pair(a[0], a[1]), pair(a[2], a[3]));
#else
    store(copy + i, a);
#endif
  }
  STRIDED(i, n - all, 1) {
    wide at = all + i;
    float first = m[at], second = v[at], x = rates.step(p[at], g[at], first, second);
    p[at] = x, m[at] = first, v[at] = second;
    if (copy) copy[at] = stored(x);
  }
}
