// cublasLt's descriptors. Values of attributes and codes are those of cublasLt.h (CUDA 13.0).
#pragma once
#include <cstdint>
#include <cstring>
#include <map>
#include <vector>

#include "../driver/stream.h"

namespace emu::blas {

enum Status { success = 0, notInitialized = 1, allocFailed = 3, invalidValue = 7, executionFailed = 13, internalError = 14, notSupported = 15 };
enum Type { f32 = 0, f16 = 2, bf16 = 14 };
enum Compute { compute32 = 68, compute32Pedantic = 69, computeFastBF16 = 75, computeTF32 = 77 };
enum Epilogue { plain = 1, relu = 2, biased = 4, bgrad = 16, gelu = 32, dgelu = 64, aux = 128, bgradA = 256, bgradB = 512 };

// Attributes holds what was set; get falls back to a default.
struct Attributes : Object {
  std::map<int, std::vector<char>> values;
  using Object::Object;
  template <class T>
  T get(int which, T otherwise) const {
    auto it = values.find(which);
    if (it != values.end()) memcpy(&otherwise, it->second.data(), std::min(sizeof otherwise, it->second.size()));
    return otherwise;
  }
};

struct Handle : Object {
  explicit Handle(Context* c) : Object("cublasLt handle", c) {}
};

struct Operation : Attributes {
  int compute, scale;
  Operation(int c, int s) : Attributes("cublasLt matmul descriptor", nullptr), compute(c), scale(s) {}
  bool transposed(int which) const { return get<int32_t>(which, 0) != 0; }
  int epilogue() const { return get<uint32_t>(7, plain); }
};

struct Layout : Attributes {
  int type;
  uint64_t rows, cols;
  int64_t ld;
  Layout(int t, uint64_t r, uint64_t c, int64_t l) : Attributes("cublasLt matrix layout", nullptr), type(t), rows(r), cols(c), ld(l) {}
  int batches() const { return get<int32_t>(5, 1); }
  int64_t stride() const { return get<int64_t>(6, 0); }
  size_t width() const { return type == f32 ? 4 : 2; }
  // extent is how many bytes lie between a matrix's first element and its last one's end.
  size_t extent() const { return (size_t(ld) * (cols - 1) + rows) * width(); }
};

struct Preference : Attributes {
  Preference() : Attributes("cublasLt preference", nullptr) {}
};

// Algorithm is the 64 bytes that callers keep.
struct Algorithm {
  uint32_t magic, id;
  uint64_t workspace, alignment;
  uint64_t shape;  // of the product that it was made for
  uint64_t unused[4];
};
static_assert(sizeof(Algorithm) == 64);

// Result is what the heuristic gives for each candidate.
struct Result {
  Algorithm algorithm;
  size_t workspace;
  int state;
  float waves;
  int reserved[4];
};

struct Operand {
  uint64_t address;
  Layout* layout;
};

// Product is one matmul: D = epilogue(alpha op(A) op(B) + beta C).
struct Product {
  Operand a, b, c, d;
  bool transposeA, transposeB;
  int epilogue;
  bool tf32;
  float alpha, beta;
  uint64_t alphaAt = 0, betaAt = 0;  // on the device, where the pointer mode says so
  uint64_t bias = 0, auxiliary = 0;
  int biasType = f32, auxType = f32;
  int64_t auxLd = 0;
};

// useWorkspace marks the workspace as overwritten.
int useWorkspace(Context* c, uint64_t address, size_t bytes);

// multiply computes a product, after looking at all that it reads and writes.
int multiply(Context* c, const Product& p);

// refuse gives the status that cublasLt answers to operands which do not fit, 0 if they do.
int refuse(const Operation& o, const Layout& a, const Layout& b, const Layout& c, const Layout& d);

}  // namespace emu::blas

#define BLAS                                    \
  emu::Call call(__func__, emu::Call::nothing); \
  if (call.code != 0) return call.code
