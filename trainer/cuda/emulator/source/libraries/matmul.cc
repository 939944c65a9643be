// cublasLtMatmul and its heuristic: what is refused, and what is put into the stream.
#include "../driver/capture.h"
#include "cublaslt.h"

namespace emu::blas {

namespace {

bool knownEpilogue(int e) {
  for (int known : {int(plain), int(relu), int(biased), relu | biased, gelu | 0, gelu | biased, gelu | aux, gelu | aux | biased, dgelu | aux, dgelu | aux | bgrad, int(bgradA), int(bgradB)})
    if (e == known) return true;
  return false;
}

bool sameTypes(const Operation& o, const Layout& a, const Layout& b, const Layout& c, const Layout& d) {
  if (a.type != b.type || c.type != d.type) return false;
  if (a.type == f32) return d.type == f32;
  return a.type == bf16 && (d.type == f32 || d.type == bf16) && o.compute != computeTF32;
}

bool sane(const Layout& l) { return l.rows > 0 && l.cols > 0 && l.ld >= int64_t(l.rows) && l.batches() > 0 && l.get<int32_t>(1, 0) == 0; }

}  // namespace

int refuse(const Operation& o, const Layout& a, const Layout& b, const Layout& c, const Layout& d) {
  for (const Layout* l : {&a, &b, &c, &d})
    if (!sane(*l)) return complain(invalidValue, text("cublasLt: a layout of %llu rows, %llu columns, leading dimension %lld (column-major layouts only)", (unsigned long long)l->rows, (unsigned long long)l->cols, (long long)l->ld)), invalidValue;
  bool ta = o.transposed(3), tb = o.transposed(4);
  uint64_t m = ta ? a.cols : a.rows, k = ta ? a.rows : a.cols, k2 = tb ? b.cols : b.rows, n = tb ? b.rows : b.cols;
  if (m != d.rows || n != d.cols || k != k2 || c.rows != d.rows || c.cols != d.cols) return complain(invalidValue, "cublasLt: the operands' shapes do not fit each other"), invalidValue;
  if (a.batches() != d.batches() || b.batches() != d.batches() || c.batches() != d.batches()) return complain(invalidValue, "cublasLt: the operands' batch counts differ"), invalidValue;
  if (!sameTypes(o, a, b, c, d)) return complain(notSupported, "cublasLt: this mix of types is not supported"), notSupported;
  if (!knownEpilogue(o.epilogue())) return complain(notSupported, text("cublasLt: epilogue %d is not emulated", o.epilogue())), notSupported;
  if (o.epilogue() & aux && o.get<int64_t>(12, 0) % 8 != 0) return complain(invalidValue, "cublasLt: the auxiliary leading dimension must be divisible by 8"), invalidValue;
  return success;
}

namespace {

uint64_t shape(const Operation& o, const Layout& a, const Layout& b, const Layout& d) {
  uint64_t h = 1469598103934665603ull;
  for (uint64_t v : {uint64_t(o.compute), uint64_t(o.transposed(3)), uint64_t(o.transposed(4)), uint64_t(o.epilogue()), a.rows, a.cols, b.rows, b.cols, uint64_t(a.type), uint64_t(d.type), uint64_t(d.batches())}) h = (h ^ v) * 1099511628211ull;
  return h;
}

// alignment that an algorithm asks of the operands: as much as the caller promised, at most 16.
uint64_t alignment(const Preference& p, const Layout& a, const Layout& b, const Layout& d) {
  uint64_t least = 16;
  for (int which : {5, 6, 7, 8}) least = std::min<uint64_t>(least, p.get<uint32_t>(which, 256));
  for (const Layout* l : {&a, &b, &d})
    while (uint64_t(l->ld) * l->width() % least != 0 || uint64_t(l->stride()) * l->width() % least != 0) least /= 2;
  return least;
}

bool misaligned(const Product& p, uint64_t least) {
  for (uint64_t address : {p.a.address, p.b.address, p.c.address, p.d.address})
    if (address % least != 0) return true;
  return false;
}

int scalars(Product* p, const Operation& o, const void* alpha, const void* beta) {
  int mode = o.get<int32_t>(2, 0);
  if (!alpha || !beta) return invalidValue;
  if (mode == 1) return p->alphaAt = uint64_t(alpha), p->betaAt = uint64_t(beta), success;
  if (mode != 0) return complain(notSupported, "cublasLt: only single alpha and beta are emulated"), notSupported;
  memcpy(&p->alpha, alpha, sizeof p->alpha);
  memcpy(&p->beta, beta, sizeof p->beta);
  return success;
}

int epilogue(Product* p, const Operation& o) {
  p->epilogue = o.epilogue();
  p->bias = o.get<uint64_t>(8, 0);
  p->biasType = o.get<int32_t>(26, p->d.layout->type);
  p->auxiliary = o.get<uint64_t>(11, 0);
  p->auxType = o.get<int32_t>(22, p->d.layout->type);
  p->auxLd = o.get<int64_t>(12, 0);
  bool bias = p->epilogue & (biased | bgrad | bgradA | bgradB);
  if ((bias && !p->bias) || (p->epilogue & aux && (!p->auxiliary || p->auxLd < int64_t(p->d.layout->rows)))) return invalidValue;
  return success;
}

// checkAlgorithm refuses what a real algorithm could not do: another product than it was made
// for, too little workspace, operands less aligned than was promised.
int checkAlgorithm(const Algorithm* algorithm, const Product& p, const Operation& o, uint64_t workspace, size_t bytes) {
  if (!algorithm) return success;
  if (algorithm->magic != 0x656d75) return complain(invalidValue, "cublasLt: no algorithm of the heuristic"), invalidValue;
  if (algorithm->shape != shape(o, *p.a.layout, *p.b.layout, *p.d.layout)) return complain(invalidValue, "cublasLt: the algorithm was made for another product"), invalidValue;
  if (algorithm->workspace > bytes || (algorithm->workspace > 0 && (!workspace || workspace % 16 != 0))) return complain(invalidValue, text("cublasLt: the algorithm needs %llu bytes of workspace, aligned to 16", (unsigned long long)algorithm->workspace)), invalidValue;
  if (misaligned(p, algorithm->alignment)) return complain(invalidValue, text("cublasLt: an operand is not aligned to the %llu bytes that were promised", (unsigned long long)algorithm->alignment)), invalidValue;
  return success;
}

}  // namespace

}  // namespace emu::blas

using namespace emu;
using namespace emu::blas;

API int cublasLtMatmulAlgoGetHeuristic(void* handle, void* operation, void* aDesc, void* bDesc, void* cDesc, void* dDesc, void* preference, int wanted, Result* out, int* count) {
  BLAS;
  auto* o = find<Operation>(operation);
  auto *a = find<Layout>(aDesc), *b = find<Layout>(bDesc), *c = find<Layout>(cDesc), *d = find<Layout>(dDesc);
  auto* p = find<Preference>(preference);
  if (!find<Handle>(handle)) return notInitialized;
  if (!o || !a || !b || !c || !d || !p || !out || !count || wanted < 1) return invalidValue;
  *count = 0;
  if (int status = refuse(*o, *a, *b, *c, *d)) return status;
  uint64_t most = p->get<uint64_t>(1, 0), sizes[] = {0, 32 << 10, 1 << 20};
  for (uint32_t id = 0; id < 3 && *count < wanted; id++) {
    if (sizes[id] > most) continue;
    Result r = {};
    r.algorithm = {0x656d75, id, sizes[id], alignment(*p, *a, *b, *d), shape(*o, *a, *b, *d), {}};
    r.workspace = sizes[id];
    r.waves = 1;
    out[(*count)++] = r;
  }
  return success;
}

API int cublasLtMatmulAlgoCheck(void* handle, void* operation, void* aDesc, void* bDesc, void* cDesc, void* dDesc, const Algorithm* algorithm, Result* out) {
  BLAS;
  auto* o = find<Operation>(operation);
  auto *a = find<Layout>(aDesc), *b = find<Layout>(bDesc), *c = find<Layout>(cDesc), *d = find<Layout>(dDesc);
  if (!find<Handle>(handle)) return notInitialized;
  if (!o || !a || !b || !c || !d || !algorithm || !out) return invalidValue;
  if (int status = refuse(*o, *a, *b, *c, *d)) return status;
  if (algorithm->magic != 0x656d75 || algorithm->shape != shape(*o, *a, *b, *d)) return invalidValue;
  *out = {};
  out->algorithm = *algorithm, out->workspace = algorithm->workspace, out->waves = 1;
  return success;
}

API int cublasLtMatmul(void* handle, void* operation, const void* alpha, const void* A, void* aDesc, const void* B, void* bDesc, const void* beta, const void* C, void* cDesc, void* D, void* dDesc, const Algorithm* algorithm, void* workspace, size_t bytes, void* stream) {
  BLAS;
  auto* o = find<Operation>(operation);
  auto *a = find<Layout>(aDesc), *b = find<Layout>(bDesc), *c = find<Layout>(cDesc), *d = find<Layout>(dDesc);
  if (!find<Handle>(handle) || !current()) return notInitialized;
  if (current()->broken) return executionFailed;
  Stream* s = streamOf(stream);
  if (!o || !a || !b || !c || !d || !s) return invalidValue;
  if (int status = refuse(*o, *a, *b, *c, *d)) return status;
  auto layouts = std::make_shared<std::vector<Layout>>(std::initializer_list<Layout>{*a, *b, *c, *d});
  Product p = {};
  p.a = {uint64_t(A), &(*layouts)[0]}, p.b = {uint64_t(B), &(*layouts)[1]}, p.c = {uint64_t(C), &(*layouts)[2]}, p.d = {uint64_t(D), &(*layouts)[3]};
  p.transposeA = o->transposed(3), p.transposeB = o->transposed(4), p.tf32 = o->compute == computeTF32;
  if (int status = scalars(&p, *o, alpha, beta)) return status;
  if (int status = epilogue(&p, *o)) return status;
  if (int status = checkAlgorithm(algorithm, p, *o, uint64_t(workspace), bytes)) return status;
  auto work = std::make_shared<Work>();
  work->what = text("matmul of %llux%llu", (unsigned long long)d->rows, (unsigned long long)d->cols);
  uint64_t needed = algorithm ? algorithm->workspace : 0;
  work->action = [=](Work* w) {
    (void)layouts;  // p points into them
    if (int code = useWorkspace(w->context, uint64_t(workspace), needed)) return code;
    return multiply(w->context, p);
  };
  return submit(s, work) == 0 ? success : executionFailed;
}
