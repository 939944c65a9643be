// CUDA's mathematical functions. The fast ones are as exact as the others here: what they lose
// on a GPU shows only there.
#pragma once

#define EMULATOR_MATH1(name) \
  static inline float name##f(float x) { return __builtin_##name##f(x); } \
  static inline double name(double x) { return __builtin_##name(x); }
#define EMULATOR_MATH2(name) \
  static inline float name##f(float x, float y) { return __builtin_##name##f(x, y); } \
  static inline double name(double x, double y) { return __builtin_##name(x, y); }

EMULATOR_MATH1(sqrt) EMULATOR_MATH1(cbrt) EMULATOR_MATH1(exp) EMULATOR_MATH1(exp2) EMULATOR_MATH1(expm1)
EMULATOR_MATH1(log) EMULATOR_MATH1(log2) EMULATOR_MATH1(log10) EMULATOR_MATH1(log1p)
EMULATOR_MATH1(sin) EMULATOR_MATH1(cos) EMULATOR_MATH1(tan) EMULATOR_MATH1(tanh) EMULATOR_MATH1(sinh) EMULATOR_MATH1(cosh)
EMULATOR_MATH1(asin) EMULATOR_MATH1(acos) EMULATOR_MATH1(atan) EMULATOR_MATH1(erf) EMULATOR_MATH1(erfc)
EMULATOR_MATH1(floor) EMULATOR_MATH1(ceil) EMULATOR_MATH1(trunc) EMULATOR_MATH1(round) EMULATOR_MATH1(rint) EMULATOR_MATH1(nearbyint)
EMULATOR_MATH1(fabs)
EMULATOR_MATH2(pow) EMULATOR_MATH2(fmod) EMULATOR_MATH2(atan2) EMULATOR_MATH2(fmax) EMULATOR_MATH2(fmin)
EMULATOR_MATH2(copysign) EMULATOR_MATH2(hypot) EMULATOR_MATH2(fdim)
#define EMULATOR_FLOATS(name) static inline float name(float x) { return name##f(x); }
EMULATOR_FLOATS(sqrt) EMULATOR_FLOATS(exp) EMULATOR_FLOATS(log) EMULATOR_FLOATS(sin) EMULATOR_FLOATS(cos)
EMULATOR_FLOATS(tanh) EMULATOR_FLOATS(floor) EMULATOR_FLOATS(ceil) EMULATOR_FLOATS(fabs) EMULATOR_FLOATS(erf)
static inline float pow(float x, float y) { return powf(x, y); }

static inline float rsqrtf(float x) { return 1.0f / sqrtf(x); }
static inline double rsqrt(double x) { return 1.0 / sqrt(x); }
static inline float fmaf(float x, float y, float z) { return __builtin_fmaf(x, y, z); }
static inline double fma(double x, double y, double z) { return __builtin_fma(x, y, z); }
static inline float ldexpf(float x, int n) { return __builtin_ldexpf(x, n); }
static inline float exp10f(float x) { return powf(10.0f, x); }
static inline float normcdff(float x) { return 0.5f * erfcf(-0.70710678118654752f * x); }
static inline void sincosf(float x, float* s, float* c) { *s = sinf(x), *c = cosf(x); }
static inline bool isnan(float x) { return __builtin_isnan(x); }
static inline bool isnan(double x) { return __builtin_isnan(x); }
static inline bool isinf(float x) { return __builtin_isinf(x); }
static inline bool isinf(double x) { return __builtin_isinf(x); }
static inline bool isfinite(float x) { return __builtin_isfinite(x); }
static inline bool isfinite(double x) { return __builtin_isfinite(x); }
static inline bool signbit(float x) { return __builtin_signbit(x); }

static inline float __expf(float x) { return expf(x); }
static inline float __exp10f(float x) { return exp10f(x); }
static inline float __logf(float x) { return logf(x); }
static inline float __log2f(float x) { return log2f(x); }
static inline float __sinf(float x) { return sinf(x); }
static inline float __cosf(float x) { return cosf(x); }
static inline float __powf(float x, float y) { return powf(x, y); }
static inline float __tanhf(float x) { return tanhf(x); }
static inline float __saturatef(float x) { return x > 0 ? (x < 1 ? x : 1.0f) : 0.0f; }
static inline float __fdividef(float x, float y) { return x / y; }
static inline float __frcp_rn(float x) { return 1.0f / x; }
static inline float __frsqrt_rn(float x) { return 1.0f / sqrtf(x); }
static inline float __fsqrt_rn(float x) { return sqrtf(x); }
static inline float __fadd_rn(float x, float y) { return x + y; }
static inline float __fsub_rn(float x, float y) { return x - y; }
static inline float __fmul_rn(float x, float y) { return x * y; }
static inline float __fdiv_rn(float x, float y) { return x / y; }
static inline float __fmaf_rn(float x, float y, float z) { return fmaf(x, y, z); }
static inline double __dadd_rn(double x, double y) { return x + y; }
static inline double __dmul_rn(double x, double y) { return x * y; }

static inline int __float2int_rn(float x) { return int(rintf(x)); }
static inline int __float2int_rz(float x) { return int(x); }
static inline int __float2int_rd(float x) { return int(floorf(x)); }
static inline int __float2int_ru(float x) { return int(ceilf(x)); }
static inline unsigned __float2uint_rn(float x) { return unsigned(rintf(x)); }
static inline unsigned __float2uint_rz(float x) { return unsigned(x); }
static inline float __int2float_rn(int x) { return float(x); }
static inline float __uint2float_rn(unsigned x) { return float(x); }
static inline float __double2float_rn(double x) { return float(x); }

template <class To, class From>
static inline To emulatorBits(From from) {
  To to;
  __builtin_memcpy(&to, &from, sizeof to);
  return to;
}
static inline int __float_as_int(float x) { return emulatorBits<int>(x); }
static inline unsigned __float_as_uint(float x) { return emulatorBits<unsigned>(x); }
static inline float __int_as_float(int x) { return emulatorBits<float>(x); }
static inline float __uint_as_float(unsigned x) { return emulatorBits<float>(x); }
static inline long long __double_as_longlong(double x) { return emulatorBits<long long>(x); }
static inline double __longlong_as_double(long long x) { return emulatorBits<double>(x); }

static inline int __popc(unsigned x) { return __builtin_popcount(x); }
static inline int __popcll(EmulatorWord x) { return __builtin_popcountll(x); }
static inline int __clz(int x) { return x ? __builtin_clz(unsigned(x)) : 32; }
static inline int __clzll(long long x) { return x ? __builtin_clzll(EmulatorWord(x)) : 64; }
static inline int __ffs(int x) { return __builtin_ffs(x); }
static inline int __ffsll(long long x) { return __builtin_ffsll(x); }
static inline unsigned __brev(unsigned x) {
  unsigned r = 0;
  for (int i = 0; i < 32; i++) r |= (x >> i & 1) << (31 - i);
  return r;
}
static inline unsigned __umulhi(unsigned x, unsigned y) { return unsigned(EmulatorWord(x) * y >> 32); }
static inline EmulatorWord __umul64hi(EmulatorWord x, EmulatorWord y) { return EmulatorWord((unsigned __int128)x * y >> 64); }
static inline int __mul24(int x, int y) { return x * y; }
static inline unsigned __umul24(unsigned x, unsigned y) { return x * y; }
static inline unsigned __funnelshift_l(unsigned low, unsigned high, unsigned n) { return unsigned((EmulatorWord(high) << 32 | low) << (n & 31) >> 32); }
static inline unsigned __funnelshift_r(unsigned low, unsigned high, unsigned n) { return unsigned((EmulatorWord(high) << 32 | low) >> (n & 31)); }
static inline unsigned __byte_perm(unsigned x, unsigned y, unsigned s) {
  EmulatorWord bytes = EmulatorWord(y) << 32 | x;
  unsigned r = 0;
  for (int i = 0; i < 4; i++) r |= unsigned(bytes >> (8 * (s >> (4 * i) & 7)) & 255) << (8 * i);
  return r;
}

#define EMULATOR_MINMAX(T)                                         \
  static inline T min(T x, T y) { return y < x ? y : x; }          \
  static inline T max(T x, T y) { return x < y ? y : x; }
EMULATOR_MINMAX(int) EMULATOR_MINMAX(unsigned) EMULATOR_MINMAX(long) EMULATOR_MINMAX(unsigned long)
EMULATOR_MINMAX(long long) EMULATOR_MINMAX(EmulatorWord)
static inline unsigned min(int x, unsigned y) { return min(unsigned(x), y); }
static inline unsigned min(unsigned x, int y) { return min(x, unsigned(y)); }
static inline unsigned max(int x, unsigned y) { return max(unsigned(x), y); }
static inline unsigned max(unsigned x, int y) { return max(x, unsigned(y)); }
static inline float min(float x, float y) { return fminf(x, y); }
static inline float max(float x, float y) { return fmaxf(x, y); }
static inline double min(double x, double y) { return fmin(x, y); }
static inline double max(double x, double y) { return fmax(x, y); }
static inline int abs(int x) { return x < 0 ? -x : x; }
static inline long long abs(long long x) { return x < 0 ? -x : x; }
static inline float abs(float x) { return fabsf(x); }

// Loads and stores with a hint for the caches.
#define EMULATOR_LOAD(name) template <class T> static inline T name(const T* p) { return *p; }
EMULATOR_LOAD(__ldg) EMULATOR_LOAD(__ldcg) EMULATOR_LOAD(__ldca) EMULATOR_LOAD(__ldcs) EMULATOR_LOAD(__ldlu) EMULATOR_LOAD(__ldcv)
#define EMULATOR_STORE(name) template <class T> static inline void name(T* p, T v) { *p = v; }
EMULATOR_STORE(__stwb) EMULATOR_STORE(__stcg) EMULATOR_STORE(__stcs) EMULATOR_STORE(__stwt)

static inline long long clock64() { return __builtin_ia32_rdtsc(); }
static inline int clock() { return int(clock64()); }
