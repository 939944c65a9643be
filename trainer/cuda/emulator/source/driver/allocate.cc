// The calls that give and take memory.
#include "capture.h"
#include "memory.h"

using namespace emu;

namespace {

CUresult give(CUdeviceptr* out, size_t bytes) {
  if (!out) return CUDA_ERROR_INVALID_VALUE;
  int code = 0;
  if (Allocation* a = allocate(current(), bytes, false, &code)) *out = a->address;
  return code;
}

CUresult givePinned(void** out, size_t bytes) {
  if (!out) return CUDA_ERROR_INVALID_VALUE;
  int code = 0;
  if (Allocation* a = allocate(current(), bytes, true, &code)) *out = reinterpret_cast<void*>(a->address);
  return code;
}

// take waits for the device, as the driver does, before memory goes.
CUresult take(uint64_t address, bool pinned) {
  Allocation* a = around(address);
  if (!a || a->freed || a->address != address || a->pinned != pinned || a->registered) return CUDA_ERROR_INVALID_VALUE;
  int code = awaitAll(a->context);
  release(address);
  return code;
}

}  // namespace

API CUresult cuMemGetInfo_v2(size_t* available, size_t* total) {
  ENTER(context);
  if (available) *available = settings.memory - device()->used;
  if (total) *total = settings.memory;
  return 0;
}

API CUresult cuMemAlloc_v2(CUdeviceptr* out, size_t bytes) {
  ENTER(context);
  if (int refused = refuseInCapture(current())) return refused;
  return give(out, bytes);
}

API CUresult cuMemFree_v2(CUdeviceptr address) {
  ENTER(context);
  if (int refused = refuseInCapture(current())) return refused;
  return address == 0 ? 0 : take(address, false);
}

API CUresult cuMemAllocAsync(CUdeviceptr* out, size_t bytes, void* stream) {
  ENTER(context);
  Stream* s = streamOf(stream);
  if (!s) return CUDA_ERROR_INVALID_HANDLE;
  if (s->capture) return breakCapture(s->capture, CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED);
  return give(out, bytes);
}

API CUresult cuMemFreeAsync(CUdeviceptr address, void* stream) {
  ENTER(context);
  Stream* s = streamOf(stream);
  if (!s) return CUDA_ERROR_INVALID_HANDLE;
  Allocation* a = around(address);
  if (!a || a->address != address || a->pinned || a->freed) return CUDA_ERROR_INVALID_VALUE;
  auto work = std::make_shared<Work>();
  work->what = "free";
  work->action = [address](Work*) { return release(address); };
  return s->capture ? breakCapture(s->capture, CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED) : submit(s, work);
}

API CUresult cuMemAllocHost_v2(void** out, size_t bytes) {
  ENTER(context);
  if (int refused = refuseInCapture(current())) return refused;
  return givePinned(out, bytes);
}

API CUresult cuMemHostAlloc(void** out, size_t bytes, unsigned flags) {
  ENTER(context);
  if (flags > 7) return CUDA_ERROR_INVALID_VALUE;
  if (int refused = refuseInCapture(current())) return refused;
  return givePinned(out, bytes);
}

API CUresult cuMemFreeHost(void* address) {
  ENTER(context);
  if (int refused = refuseInCapture(current())) return refused;
  return take(uint64_t(address), true);
}

API CUresult cuMemHostGetDevicePointer_v2(CUdeviceptr* out, void* address, unsigned) {
  ENTER(context);
  if (!out || !isPinned(address, 1)) return CUDA_ERROR_INVALID_VALUE;
  *out = uint64_t(address);
  return 0;
}

API CUresult cuMemHostRegister_v2(void* address, size_t bytes, unsigned) {
  ENTER(context);
  return address && bytes ? registerHost(current(), uint64_t(address), bytes) : CUDA_ERROR_INVALID_VALUE;
}

API CUresult cuMemHostUnregister(void* address) {
  ENTER(context);
  Allocation* a = around(uint64_t(address));
  if (!a || a->address != uint64_t(address) || !a->registered) return CUDA_ERROR_HOST_MEMORY_NOT_REGISTERED;
  int code = awaitAll(a->context);
  release(uint64_t(address));
  return code;
}

API CUresult cuMemGetAddressRange_v2(CUdeviceptr* base, size_t* bytes, CUdeviceptr address) {
  ENTER(context);
  Allocation* a = around(address);
  if (!a || a->freed) return CUDA_ERROR_NOT_FOUND;
  if (base) *base = a->address;
  if (bytes) *bytes = a->size;
  return 0;
}
