// What collectives compute.
#include <algorithm>
#include <cstring>

#include "../driver/memory.h"
#include "../driver/shadow.h"
#include "bfloat16.h"
#include "nccl.h"

namespace emu::nccl {

namespace {

using Bytes = std::vector<char>;

template <class T>
T combine(T a, T b, int reduction) {
  if (reduction == prod) return T(a * b);
  if (reduction == maximum) return std::max(a, b);
  return reduction == minimum ? std::min(a, b) : T(a + b);
}

template <class T, class Load, class Store>
void fold(const std::vector<Bytes>& inputs, size_t count, int reduction, Bytes* out, Load load, Store store) {
  for (size_t i = 0; i < count; i++) {
    T value = load(inputs[0].data(), i);
    for (size_t r = 1; r < inputs.size(); r++) value = combine(value, load(inputs[r].data(), i), reduction);
    store(out->data(), i, reduction == average ? T(value / T(inputs.size())) : value);
  }
}

template <class T>
void foldPlain(const std::vector<Bytes>& inputs, size_t count, int reduction, Bytes* out) {
  fold<T>(inputs, count, reduction, out,
          [](const char* p, size_t i) { T v; memcpy(&v, p + i * sizeof v, sizeof v); return v; },
          [](char* p, size_t i, T v) { memcpy(p + i * sizeof v, &v, sizeof v); });
}

void foldBFloat16(const std::vector<Bytes>& inputs, size_t count, int reduction, Bytes* out) {
  fold<float>(inputs, count, reduction, out,
              [](const char* p, size_t i) { uint16_t v; memcpy(&v, p + 2 * i, 2); return fromBFloat16(v); },
              [](char* p, size_t i, float v) { uint16_t b = toBFloat16(v); memcpy(p + 2 * i, &b, 2); });
}

Bytes folded(const std::vector<Bytes>& inputs, size_t count, int type, int reduction) {
  Bytes out(count * widthOf(type));
  switch (type) {
    case 0: foldPlain<int8_t>(inputs, count, reduction, &out); break;
    case 1: foldPlain<uint8_t>(inputs, count, reduction, &out); break;
    case 2: foldPlain<int32_t>(inputs, count, reduction, &out); break;
    case 3: foldPlain<uint32_t>(inputs, count, reduction, &out); break;
    case 4: foldPlain<int64_t>(inputs, count, reduction, &out); break;
    case 5: foldPlain<uint64_t>(inputs, count, reduction, &out); break;
    case 7: foldPlain<float>(inputs, count, reduction, &out); break;
    case 8: foldPlain<double>(inputs, count, reduction, &out); break;
    case 9: foldBFloat16(inputs, count, reduction, &out); break;
  }
  return out;
}

bool same(const Request& a, const Request& b) {
  return a.kind == b.kind && a.count == b.count && a.type == b.type && a.reduction == b.reduction && a.root == b.root;
}

// look looks at what one rank reads and writes.
int look(const Posting& p, int rank, size_t ranks) {
  const Request& c = p.call;
  Context* context = p.work->context;
  size_t unit = c.count * widthOf(c.type);
  size_t in = c.kind == Collective::reduceScatter ? unit * ranks : unit, out = c.kind == Collective::allGather ? unit * ranks : unit;
  bool sends = c.kind != Collective::broadcast || rank == c.root, receives = c.kind != Collective::reduce || rank == c.root;
  shadowBegin(p.work);
  std::string what = text("NCCL, rank %d", rank);
  if (int code = sends ? deviceRange(context, c.send, in, what) : 0) return code;
  if (int code = receives ? deviceRange(context, c.receive, out, what) : 0) return code;
  if (int code = sends ? shadowReadRange(context, c.send, in, what) : 0) return code;
  return receives ? shadowWriteRange(context, c.receive, out, what) : 0;
}

Bytes copyOf(uint64_t address, size_t bytes) {
  auto* p = reinterpret_cast<const char*>(address);
  return Bytes(p, p + bytes);
}

void give(uint64_t address, const char* from, size_t bytes) { memcpy(reinterpret_cast<void*>(address), from, bytes); }

void compute(const std::vector<const Posting*>& all) {
  const Request& c = all[0]->call;
  size_t ranks = all.size(), unit = c.count * widthOf(c.type);
  if (c.kind == Collective::broadcast) {
    Bytes value = copyOf(all[size_t(c.root)]->call.send, unit);
    for (auto* p : all) give(p->call.receive, value.data(), unit);
    return;
  }
  std::vector<Bytes> inputs;
  for (auto* p : all) inputs.push_back(copyOf(p->call.send, c.kind == Collective::reduceScatter ? unit * ranks : unit));
  if (c.kind == Collective::allGather) {
    for (auto* p : all)
      for (size_t r = 0; r < ranks; r++) give(p->call.receive + r * unit, inputs[r].data(), unit);
    return;
  }
  Bytes value = folded(inputs, c.kind == Collective::reduceScatter ? c.count * ranks : c.count, c.type, c.reduction);
  for (size_t r = 0; r < ranks; r++) {
    if (c.kind == Collective::reduce && int(r) != c.root) continue;
    give(all[r]->call.receive, value.data() + (c.kind == Collective::reduceScatter ? r * unit : 0), unit);
  }
}

}  // namespace

size_t widthOf(int type) {
  const size_t widths[] = {1, 1, 4, 4, 8, 8, 0, 4, 8, 2};
  return type >= 0 && type <= 9 ? widths[type] : 0;
}

int perform(Clique* clique, size_t number) {
  std::vector<const Posting*> all;
  for (auto& posted : clique->posted) all.push_back(&posted[number]);
  for (auto* p : all)
    if (!same(p->call, all[0]->call)) return fault(p->work->context, CUDA_ERROR_LAUNCH_FAILED, text("NCCL: collective %zu is not the same on all ranks", number));
  for (size_t r = 0; r < all.size(); r++)
    if (int code = look(*all[r], int(r), all.size())) return code;
  compute(all);
  return 0;
}

}  // namespace emu::nccl
