// Primary contexts and what is current on each thread.
#include <algorithm>

#include "memory.h"
#include "stream.h"
#include "world.h"

namespace emu {

void destroy(Context* c) {
  awaitAll(c);
  for (auto& allocation : allocationsOf(c)) {
    world.leaks.push_back(text("%s of %zu bytes", allocation.pinned ? "pinned memory" : "device memory", allocation.size));
    release(allocation.address);
  }
  std::vector<const void*> handles;
  for (auto& [handle, object] : world.live)
    if (object->context == c && object.get() != c) handles.push_back(handle);
  for (const void* handle : handles) {
    if (handle != c->legacy) world.leaks.push_back(find<Object>(handle)->kind);
    world.live.erase(handle);
  }
  c->device->primary = nullptr;
  c->device->retains = 0;
  world.live.erase(c);
}

}  // namespace emu

using namespace emu;

API CUresult cuDevicePrimaryCtxRetain(void** out, CUdevice id) {
  ENTER(driver);
  Device* d = deviceAt(id);
  if (!out) return CUDA_ERROR_INVALID_VALUE;
  if (!d) return CUDA_ERROR_INVALID_DEVICE;
  if (!d->primary) {
    d->primary = keep(std::make_unique<Context>(d));
    d->primary->legacy = keep(std::make_unique<Stream>(d->primary, 0));
  }
  d->retains++;
  *out = d->primary;
  return 0;
}

API CUresult cuDevicePrimaryCtxRelease_v2(CUdevice id) {
  ENTER(driver);
  Device* d = deviceAt(id);
  if (!d) return CUDA_ERROR_INVALID_DEVICE;
  if (d->retains == 0) return CUDA_ERROR_INVALID_CONTEXT;
  if (--d->retains == 0) destroy(d->primary);
  return 0;
}

API CUresult cuDevicePrimaryCtxReset_v2(CUdevice id) {
  ENTER(driver);
  Device* d = deviceAt(id);
  if (!d) return CUDA_ERROR_INVALID_DEVICE;
  if (d->primary) destroy(d->primary);
  return 0;
}

API CUresult cuDevicePrimaryCtxSetFlags_v2(CUdevice id, unsigned) {
  ENTER(driver);
  return deviceAt(id) ? 0 : CUDA_ERROR_INVALID_DEVICE;
}

API CUresult cuDevicePrimaryCtxGetState(CUdevice id, unsigned* flags, int* active) {
  ENTER(driver);
  Device* d = deviceAt(id);
  if (!d) return CUDA_ERROR_INVALID_DEVICE;
  if (!flags || !active) return CUDA_ERROR_INVALID_VALUE;
  *flags = 0;
  *active = d->primary != nullptr;
  return 0;
}

API CUresult cuCtxSetCurrent(void* context) {
  ENTER(driver);
  if (!currents.empty()) currents.pop_back();
  if (!context) return 0;
  Context* c = find<Context>(context);
  if (!c) return CUDA_ERROR_INVALID_CONTEXT;
  currents.push_back(c);
  return 0;
}

API CUresult cuCtxGetCurrent(void** out) {
  ENTER(driver);
  if (!out) return CUDA_ERROR_INVALID_VALUE;
  *out = current();
  return 0;
}

API CUresult cuCtxPushCurrent_v2(void* context) {
  ENTER(driver);
  Context* c = find<Context>(context);
  if (!c) return CUDA_ERROR_INVALID_CONTEXT;
  currents.push_back(c);
  return 0;
}

API CUresult cuCtxPopCurrent_v2(void** out) {
  ENTER(driver);
  if (currents.empty()) return CUDA_ERROR_INVALID_CONTEXT;
  if (out) *out = current();
  currents.pop_back();
  return 0;
}

API CUresult cuCtxGetDevice(CUdevice* out) {
  ENTER(context);
  if (!out) return CUDA_ERROR_INVALID_VALUE;
  *out = device()->id;
  return 0;
}

API CUresult cuCtxGetStreamPriorityRange(int* least, int* greatest) {
  ENTER(context);
  if (least) *least = 0;
  if (greatest) *greatest = -5;
  return 0;
}

API CUresult cuCtxGetApiVersion(void*, unsigned* version) {
  ENTER(driver);
  if (!version) return CUDA_ERROR_INVALID_VALUE;
  *version = 3020;
  return 0;
}

API CUresult cuCtxEnablePeerAccess(void* peer, unsigned) {
  ENTER(context);
  Context* c = find<Context>(peer);
  if (!c || c == current()) return CUDA_ERROR_INVALID_CONTEXT;
  return current()->peers.insert(c->device->id).second ? 0 : CUDA_ERROR_PEER_ACCESS_ALREADY_ENABLED;
}

API CUresult cuCtxSynchronize() {
  ENTER(context);
  if (int refused = refuseInCapture(current())) return refused;
  return awaitAll(current());
}
