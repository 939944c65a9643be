#include "copy.h"

#include <cstring>

#include "capture.h"
#include "memory.h"
#include "shadow.h"

namespace emu {

namespace {

bool onDevice(uint64_t address) {
  Allocation* a = around(address);
  return (a && !a->pinned) || (arena() != 0 && address - arena() < 16 * deviceSpan);
}

uint64_t sum(uint64_t address, size_t bytes) {  // FNV-1a over words: notices a changed buffer
  uint64_t h = 1469598103934665603ull, word = 0;
  auto* p = reinterpret_cast<const unsigned char*>(address);
  for (size_t i = 0; i < bytes; i += 8) {
    word = 0;
    memcpy(&word, p + i, std::min<size_t>(8, bytes - i));
    h = (h ^ word) * 1099511628211ull;
  }
  return h;
}

// guardSource notes what pinned memory holds when a copy from it is submitted: it may not
// change before the copy is done.
void guardSource(Work* work, uint64_t from, size_t bytes) {
  if (!settings.checks || pendingUses(from, bytes)) return;
  work->source = sum(from, bytes);
  work->guarded = true;
}

int copy(Work* work, uint64_t to, bool toDevice, uint64_t from, bool fromDevice, size_t bytes) {
  Context* c = work->context;
  if (toDevice)
    if (int code = deviceRange(c, to, bytes, work->what + " to the device")) return code;
  if (fromDevice)
    if (int code = deviceRange(c, from, bytes, work->what + " from the device")) return code;
  if (work->guarded && sum(from, bytes) != work->source)
    return fault(c, CUDA_ERROR_LAUNCH_FAILED, text("%s: %zu bytes of pinned memory changed between the call and the copy: reused too early", work->what.c_str(), bytes));
  if (fromDevice && !toDevice && settings.checks)
    if (int code = shadowReadRange(c, from, bytes, work->what)) return code;
  memmove(reinterpret_cast<void*>(to), reinterpret_cast<void*>(from), bytes);
  if (!toDevice) return 0;
  return fromDevice ? shadowCopy(c, to, from, bytes, work->what) : shadowWriteRange(c, to, bytes, work->what);
}

}  // namespace

WorkPtr copyWork(Context* c, uint64_t to, Place toPlace, uint64_t from, Place fromPlace, size_t bytes) {
  auto work = std::make_shared<Work>();
  bool toDevice = toPlace == Place::device || (toPlace == Place::either && onDevice(to));
  bool fromDevice = fromPlace == Place::device || (fromPlace == Place::either && onDevice(from));
  work->what = "copy";
  work->context = c;
  if (!fromDevice) work->hosts.push_back({from, bytes});
  if (!toDevice) work->hosts.push_back({to, bytes});
  work->prepare = [=](Work* w) {
    if (!fromDevice && isPinned(reinterpret_cast<void*>(from), bytes)) guardSource(w, from, bytes);
    if (!toDevice && settings.checks && !pendingUses(to, bytes)) memset(reinterpret_cast<void*>(to), 0xff, bytes);
  };
  work->action = [=](Work* w) { return copy(w, to, toDevice, from, fromDevice, bytes); };
  return work;
}

WorkPtr fillWork(Context* c, uint64_t to, unsigned value, int width, size_t count) {
  auto work = std::make_shared<Work>();
  work->what = "fill";
  work->context = c;
  work->action = [=](Work* w) {
    size_t bytes = count * size_t(width);
    if (int code = deviceRange(w->context, to, bytes, w->what)) return code;
    auto* p = reinterpret_cast<unsigned char*>(to);
    if (width == 1) memset(p, int(value), bytes);
    else for (size_t i = 0; i < count; i++) memcpy(p + i * size_t(width), &value, size_t(width));
    return shadowWriteRange(w->context, to, bytes, w->what);
  };
  return work;
}

}  // namespace emu

using namespace emu;

namespace {

CUresult now(uint64_t to, Place toPlace, uint64_t from, Place fromPlace, size_t bytes) {
  if (int refused = refuseImplicit(current())) return refused;
  if (bytes == 0) return 0;
  if (int code = submit(current()->legacy, copyWork(current(), to, toPlace, from, fromPlace, bytes))) return code;
  return awaitStream(current()->legacy);
}

bool host(Place place, uint64_t address) { return place == Place::host || (place == Place::either && !onDevice(address)); }

// Memory that is not pinned is staged: read at once, and written before the call returns.
CUresult later(uint64_t to, Place toPlace, uint64_t from, Place fromPlace, size_t bytes, void* handle) {
  Stream* s = streamOf(handle);
  if (!s) return CUDA_ERROR_INVALID_HANDLE;
  if (bytes == 0) return 0;
  bool staged = host(fromPlace, from) && !isPinned(reinterpret_cast<void*>(from), bytes);
  bool waited = host(toPlace, to) && !isPinned(reinterpret_cast<void*>(to), bytes);
  if (s->capture && (staged || waited)) {
    breakCapture(s->capture, CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED);
    return complain(CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED, "a copy of memory that is not pinned was captured: it would be used at every launch");
  }
  std::shared_ptr<std::vector<char>> staging;
  if (staged) {
    auto* p = reinterpret_cast<char*>(from);
    staging = std::make_shared<std::vector<char>>(p, p + bytes);
    from = uint64_t(staging->data());
  }
  auto work = copyWork(s->context, to, toPlace, from, staged ? Place::host : fromPlace, bytes);
  work->staging = staging;
  if (int code = submit(s, work)) return code;
  return waited ? awaitStream(s) : 0;
}

CUresult fill(CUdeviceptr to, unsigned value, int width, size_t count, void* handle) {
  Stream* s = streamOf(handle);
  if (!s) return CUDA_ERROR_INVALID_HANDLE;
  if (to % uint64_t(width) != 0) return CUDA_ERROR_INVALID_VALUE;
  return count == 0 ? 0 : submit(s, fillWork(s->context, to, value, width, count));
}

}  // namespace

API CUresult cuMemcpy(CUdeviceptr to, CUdeviceptr from, size_t n) { ENTER(context); return now(to, Place::either, from, Place::either, n); }
API CUresult cuMemcpyHtoD_v2(CUdeviceptr to, const void* from, size_t n) { ENTER(context); return now(to, Place::device, uint64_t(from), Place::host, n); }
API CUresult cuMemcpyDtoH_v2(void* to, CUdeviceptr from, size_t n) { ENTER(context); return now(uint64_t(to), Place::host, from, Place::device, n); }
API CUresult cuMemcpyDtoD_v2(CUdeviceptr to, CUdeviceptr from, size_t n) { ENTER(context); return now(to, Place::device, from, Place::device, n); }
API CUresult cuMemcpyAsync(CUdeviceptr to, CUdeviceptr from, size_t n, void* s) { ENTER(context); return later(to, Place::either, from, Place::either, n, s); }
API CUresult cuMemcpyHtoDAsync_v2(CUdeviceptr to, const void* from, size_t n, void* s) { ENTER(context); return later(to, Place::device, uint64_t(from), Place::host, n, s); }
API CUresult cuMemcpyDtoHAsync_v2(void* to, CUdeviceptr from, size_t n, void* s) { ENTER(context); return later(uint64_t(to), Place::host, from, Place::device, n, s); }
API CUresult cuMemcpyDtoDAsync_v2(CUdeviceptr to, CUdeviceptr from, size_t n, void* s) { ENTER(context); return later(to, Place::device, from, Place::device, n, s); }
API CUresult cuMemsetD8_v2(CUdeviceptr to, unsigned char v, size_t n) { ENTER(context); return fill(to, v, 1, n, nullptr); }
API CUresult cuMemsetD16_v2(CUdeviceptr to, unsigned short v, size_t n) { ENTER(context); return fill(to, v, 2, n, nullptr); }
API CUresult cuMemsetD32_v2(CUdeviceptr to, unsigned v, size_t n) { ENTER(context); return fill(to, v, 4, n, nullptr); }
API CUresult cuMemsetD8Async(CUdeviceptr to, unsigned char v, size_t n, void* s) { ENTER(context); return fill(to, v, 1, n, s); }
API CUresult cuMemsetD16Async(CUdeviceptr to, unsigned short v, size_t n, void* s) { ENTER(context); return fill(to, v, 2, n, s); }
API CUresult cuMemsetD32Async(CUdeviceptr to, unsigned v, size_t n, void* s) { ENTER(context); return fill(to, v, 4, n, s); }
