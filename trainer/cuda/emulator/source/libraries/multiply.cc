// The product itself: float32 sums over k in order, whatever the operands' type.
#include <algorithm>
#include <cmath>

#include "../driver/memory.h"
#include "../driver/shadow.h"
#include "bfloat16.h"
#include "cublaslt.h"

namespace emu::blas {

namespace {

using Floats = std::vector<float>;

float load(uint64_t address, int type, size_t index) {
  if (type == f32) return reinterpret_cast<const float*>(address)[index];
  return fromBFloat16(reinterpret_cast<const uint16_t*>(address)[index]);
}

void store(uint64_t address, int type, size_t index, float v) {
  if (type == f32) reinterpret_cast<float*>(address)[index] = v;
  else reinterpret_cast<uint16_t*>(address)[index] = toBFloat16(v);
}

// toTF32 rounds to ten bits of mantissa, ties away from zero (PTX cvt.rna.tf32).
float toTF32(float v) {
  uint32_t bits;
  memcpy(&bits, &v, 4);
  if ((bits & 0x7f800000) != 0x7f800000) bits = (bits + 0x1000) & ~0x1fffu;
  memcpy(&v, &bits, 4);
  return v;
}

// columns reads a matrix (or its transpose) as rows x cols, column after column.
Floats columns(const Operand& x, int batch, bool transpose, bool tf32) {
  const Layout& l = *x.layout;
  uint64_t at = x.address + uint64_t(batch) * uint64_t(l.stride()) * l.width();
  size_t rows = transpose ? l.cols : l.rows, cols = transpose ? l.rows : l.cols;
  Floats out(rows * cols);
  for (size_t j = 0; j < cols; j++)
    for (size_t i = 0; i < rows; i++) {
      float v = load(at, l.type, transpose ? j + i * size_t(l.ld) : i + j * size_t(l.ld));
      out[j * rows + i] = tf32 ? toTF32(v) : v;
    }
  return out;
}

constexpr size_t tileRows = 32, tileCols = 4;

// tile adds a's rows [0,tileRows) times b's columns [0,tileCols) over k into sums.
__attribute__((target_clones("avx2", "default"), optimize("O3", "fp-contract=off")))
void tile(float* __restrict sums, const float* __restrict a, size_t m, const float* __restrict b, size_t k) {
  for (size_t p = 0; p < k; p++)
    for (size_t j = 0; j < tileCols; j++) {
      float scale = b[j * k + p];
      for (size_t i = 0; i < tileRows; i++) sums[j * tileRows + i] += a[p * m + i] * scale;
    }
}

// product gives a (m x k) times b (k x n), column after column.
Floats product(const Floats& a, const Floats& b, size_t m, size_t n, size_t k) {
  Floats out(m * n);
  size_t wide = (m + tileRows - 1) / tileRows * tileRows, high = (n + tileCols - 1) / tileCols * tileCols;
  Floats padded(wide * k), right(high * k);
  for (size_t p = 0; p < k; p++) std::copy_n(&a[p * m], m, &padded[p * wide]);
  std::copy(b.begin(), b.end(), right.begin());
  for (size_t j = 0; j < n; j += tileCols)
    for (size_t i = 0; i < m; i += tileRows) {
      alignas(32) float sums[tileRows * tileCols] = {};
      tile(sums, &padded[i], wide, &right[j * k], k);
      for (size_t y = 0; y < std::min(tileCols, n - j); y++) std::copy_n(&sums[y * tileRows], std::min(tileRows, m - i), &out[(j + y) * m + i]);
    }
  return out;
}

float geluTanh(float x) { return 0.5f * x * (1 + std::tanh(0.7978845608f * (x + 0.044715f * x * x * x))); }

float geluTanhSlope(float x) {
  float t = std::tanh(0.7978845608f * (x + 0.044715f * x * x * x));
  return 0.5f * (1 + t) + 0.5f * x * (1 - t * t) * 0.7978845608f * (1 + 3 * 0.044715f * x * x);
}

// finish applies the epilogue to one element.
float finish(const Product& p, size_t i, size_t j, float v) {
  if (p.epilogue & biased) v += load(p.bias, p.biasType, i);
  size_t at = j * size_t(p.auxLd) + i;
  if (p.epilogue & gelu && p.epilogue & aux) store(p.auxiliary, p.auxType, at, v);
  if (p.epilogue & gelu) return geluTanh(v);
  if (p.epilogue & dgelu) return v * geluTanhSlope(load(p.auxiliary, p.auxType, at));
  return p.epilogue & relu ? std::max(v, 0.0f) : v;
}

void biasGradient(const Product& p, const Floats& a, const Floats& b, const Floats& d, size_t m, size_t n, size_t k) {
  size_t length = p.epilogue & bgradB ? n : m, terms = p.epilogue & bgrad ? n : k;
  for (size_t i = 0; i < length; i++) {
    float sum = 0;
    for (size_t t = 0; t < terms; t++) sum += p.epilogue & bgrad ? d[t * m + i] : p.epilogue & bgradA ? a[t * m + i] : b[i * k + t];
    store(p.bias, p.biasType, i, sum);
  }
}

void one(const Product& p, int batch) {
  const Layout& l = *p.d.layout;
  Floats a = columns(p.a, batch, p.transposeA, p.tf32), b = columns(p.b, batch, p.transposeB, p.tf32);
  size_t m = l.rows, n = l.cols, k = a.size() / m;
  Floats d = product(a, b, m, n, k);
  uint64_t to = p.d.address + uint64_t(batch) * uint64_t(l.stride()) * l.width();
  uint64_t from = p.c.address + uint64_t(batch) * uint64_t(p.c.layout->stride()) * l.width();
  for (size_t j = 0; j < n; j++)
    for (size_t i = 0; i < m; i++) {
      float v = p.alpha * d[j * m + i];
      if (p.beta != 0) v += p.beta * load(from, p.c.layout->type, j * size_t(p.c.layout->ld) + i);
      v = d[j * m + i] = finish(p, i, j, v);
      store(to, l.type, j * size_t(l.ld) + i, v);
    }
  if (p.epilogue & (bgrad | bgradA | bgradB)) biasGradient(p, a, b, d, m, n, k);
}

enum Use { reads, writes };

int look(Context* c, uint64_t at, size_t bytes, Use use, const char* name) {
  std::string what = std::string("matmul, ") + name;
  if (int code = deviceRange(c, at, bytes, what)) return code;
  if (!settings.checks) return 0;
  return use == reads ? shadowReadRange(c, at, bytes, what) : shadowWriteRange(c, at, bytes, what);
}

// lookAt looks at the columns of every matrix of a batch.
int lookAt(Context* c, const Operand& x, Use use, const char* name) {
  const Layout& l = *x.layout;
  for (int batch = 0; batch < l.batches(); batch++) {
    uint64_t at = x.address + uint64_t(batch) * uint64_t(l.stride()) * l.width();
    bool dense = l.ld == int64_t(l.rows);
    size_t pieces = dense ? 1 : l.cols, bytes = dense ? l.extent() : l.rows * l.width();
    for (size_t j = 0; j < pieces; j++)
      if (int code = look(c, at + j * size_t(l.ld) * l.width(), bytes, use, name)) return code;
    if (l.stride() == 0) break;
  }
  return 0;
}

int lookAtEpilogue(Context* c, const Product& p) {
  size_t m = p.d.layout->rows, n = p.d.layout->cols, width = p.biasType == f32 ? 4 : 2;
  if (p.epilogue & biased)
    if (int code = look(c, p.bias, m * width, reads, "bias")) return code;
  if (p.epilogue & (bgrad | bgradA | bgradB))
    if (int code = look(c, p.bias, (p.epilogue & bgradB ? n : m) * width, writes, "bias gradient")) return code;
  if (!(p.epilogue & aux)) return 0;
  size_t bytes = (size_t(p.auxLd) * (n - 1) + m) * (p.auxType == f32 ? 4 : 2);
  return look(c, p.auxiliary, bytes, p.epilogue & gelu ? writes : reads, "auxiliary matrix");
}

}  // namespace

int useWorkspace(Context* c, uint64_t address, size_t bytes) { return bytes == 0 ? 0 : look(c, address, bytes, writes, "workspace"); }

int multiply(Context* c, const Product& given) {
  Product p = given;
  for (auto [at, value] : {std::pair(p.alphaAt, &p.alpha), std::pair(p.betaAt, &p.beta)}) {
    if (at == 0) continue;
    if (int code = look(c, at, 4, reads, "alpha or beta")) return code;
    memcpy(value, reinterpret_cast<void*>(at), 4);
  }
  if (int code = lookAt(c, p.a, reads, "A")) return code;
  if (int code = lookAt(c, p.b, reads, "B")) return code;
  if (p.beta != 0)
    if (int code = lookAt(c, p.c, reads, "C")) return code;
  if (int code = lookAtEpilogue(c, p)) return code;
  if (int code = lookAt(c, p.d, writes, "D")) return code;
  for (int batch = 0; batch < p.d.layout->batches(); batch++) one(p, batch);
  return 0;
}

}  // namespace emu::blas
