// cublasLt's handles and descriptors.
#include "cublaslt.h"

using namespace emu;
using namespace emu::blas;

namespace {

template <class T, class... A>
int make(void** out, A... arguments) {
  if (!out) return invalidValue;
  *out = keep(std::make_unique<T>(arguments...));
  return success;
}

template <class T>
int drop(void* handle) {
  return find<T>(handle) ? (world.live.erase(handle), success) : invalidValue;
}

// The fields that Create sets are attributes, too.
bool setField(Attributes* a, int which, const void* value) {
  auto read = [&](auto* field) { memcpy(field, value, sizeof *field); return true; };
  if (auto* l = dynamic_cast<Layout*>(a)) {
    if (which == 0) { uint32_t t; read(&t); l->type = int(t); return true; }
    if (which == 2) return read(&l->rows);
    if (which == 3) return read(&l->cols);
    if (which == 4) return read(&l->ld);
  }
  if (auto* o = dynamic_cast<Operation*>(a)) {
    if (which == 0) return read(&o->compute);
    if (which == 1) return read(&o->scale);
  }
  return false;
}

template <class T>
int setAttribute(void* handle, int which, const void* value, size_t size, int most) {
  auto* a = find<T>(handle);
  if (!a || !value || size == 0 || size > 8 || which < 0 || which > most) return invalidValue;
  if (setField(a, which, value)) return success;
  const char* p = static_cast<const char*>(value);
  a->values[which].assign(p, p + size);
  return success;
}

}  // namespace

API int cublasLtCreate(void** out) {
  BLAS;
  if (!current()) return notInitialized;
  return make<Handle>(out, current());
}

API int cublasLtDestroy(void* handle) { BLAS; return drop<Handle>(handle); }
API size_t cublasLtGetVersion() { return size_t(settings.driver / 1000) * 10000; }
API size_t cublasLtGetCudartVersion() { return size_t(settings.driver); }

API int cublasLtMatmulDescCreate(void** out, int compute, int scale) {
  BLAS;
  bool known = compute == compute32 || compute == compute32Pedantic || compute == computeFastBF16 || compute == computeTF32;
  if (!known || scale != f32) return invalidValue;
  return make<Operation>(out, compute, scale);
}

API int cublasLtMatmulDescDestroy(void* d) { BLAS; return drop<Operation>(d); }
API int cublasLtMatmulDescSetAttribute(void* d, int which, const void* value, size_t size) { BLAS; return setAttribute<Operation>(d, which, value, size, 38); }

API int cublasLtMatrixLayoutCreate(void** out, int type, uint64_t rows, uint64_t cols, int64_t ld) {
  BLAS;
  if (type != f32 && type != bf16) return invalidValue;
  return make<Layout>(out, type, rows, cols, ld);
}

API int cublasLtMatrixLayoutDestroy(void* d) { BLAS; return drop<Layout>(d); }
API int cublasLtMatrixLayoutSetAttribute(void* d, int which, const void* value, size_t size) { BLAS; return setAttribute<Layout>(d, which, value, size, 8); }
API int cublasLtMatmulPreferenceCreate(void** out) { BLAS; return make<Preference>(out); }
API int cublasLtMatmulPreferenceDestroy(void* d) { BLAS; return drop<Preference>(d); }
API int cublasLtMatmulPreferenceSetAttribute(void* d, int which, const void* value, size_t size) { BLAS; return setAttribute<Preference>(d, which, value, size, 12); }

static const char* statusName(int status) {
  switch (status) {
    case success: return "CUBLAS_STATUS_SUCCESS";
    case notInitialized: return "CUBLAS_STATUS_NOT_INITIALIZED";
    case allocFailed: return "CUBLAS_STATUS_ALLOC_FAILED";
    case invalidValue: return "CUBLAS_STATUS_INVALID_VALUE";
    case 8: return "CUBLAS_STATUS_ARCH_MISMATCH";
    case 11: return "CUBLAS_STATUS_MAPPING_ERROR";
    case executionFailed: return "CUBLAS_STATUS_EXECUTION_FAILED";
    case internalError: return "CUBLAS_STATUS_INTERNAL_ERROR";
    case notSupported: return "CUBLAS_STATUS_NOT_SUPPORTED";
    default: return "CUBLAS_STATUS unknown";
  }
}

API const char* cublasLtGetStatusName(int status) { return statusName(status); }
API const char* cublasLtGetStatusString(int status) { return statusName(status); }
