// Initialization, devices and their attributes.
#include <cstdio>
#include <cstring>

#include "memory.h"
#include "world.h"

using namespace emu;

namespace {

// attribute gives what an H100 answers, where the trainer could care.
int attribute(int which, int* value) {
  switch (which) {
    case 1: *value = 1024; break;         // MAX_THREADS_PER_BLOCK
    case 2: case 3: *value = 1024; break; // MAX_BLOCK_DIM_X, Y
    case 4: *value = 64; break;           // MAX_BLOCK_DIM_Z
    case 5: *value = 2147483647; break;   // MAX_GRID_DIM_X
    case 6: case 7: *value = 65535; break;
    case 8: *value = 48 << 10; break;     // MAX_SHARED_MEMORY_PER_BLOCK
    case 9: *value = 64 << 10; break;     // TOTAL_CONSTANT_MEMORY
    case 10: *value = 32; break;          // WARP_SIZE
    case 12: case 82: *value = 65536; break;  // registers
    case 13: *value = 1980000; break;     // CLOCK_RATE, kHz
    case 16: *value = 4; break;           // MULTIPROCESSOR_COUNT
    case 18: case 20: case 32: *value = 0; break;  // INTEGRATED, COMPUTE_MODE, ECC_ENABLED
    case 19: case 31: case 41: case 78: *value = 1; break;
    case 34: case 50: *value = 0; break;  // PCI_DEVICE_ID, PCI_DOMAIN_ID
    case 36: *value = 2619000; break;     // MEMORY_CLOCK_RATE, kHz
    case 37: *value = 5120; break;        // GLOBAL_MEMORY_BUS_WIDTH
    case 38: *value = 50 << 20; break;    // L2_CACHE_SIZE
    case 39: *value = 2048; break;        // MAX_THREADS_PER_MULTIPROCESSOR
    case 40: *value = 3; break;           // ASYNC_ENGINE_COUNT
    case 75: *value = settings.major; break;
    case 76: *value = settings.minor; break;
    case 81: *value = 228 << 10; break;   // MAX_SHARED_MEMORY_PER_MULTIPROCESSOR
    case 83: case 95: case 115: *value = 1; break;  // MANAGED_MEMORY, COOPERATIVE_LAUNCH, MEMORY_POOLS
    case 97: *value = 227 << 10; break;   // MAX_SHARED_MEMORY_PER_BLOCK_OPTIN
    case 106: *value = 32; break;         // MAX_BLOCKS_PER_MULTIPROCESSOR
    case 111: *value = 1 << 10; break;    // RESERVED_SHARED_MEMORY_PER_BLOCK
    default: *value = 0;
  }
  return which < 1 || which > 147 ? CUDA_ERROR_INVALID_VALUE : 0;
}

}  // namespace

API CUresult cuInit(unsigned flags) {
  ENTER(nothing);
  if (flags != 0) return CUDA_ERROR_INVALID_VALUE;
  if (settings.devices == 0) return CUDA_ERROR_NO_DEVICE;
  while (int(world.devices.size()) < settings.devices) {
    world.devices.push_back(std::make_unique<Device>());
    world.devices.back()->id = int(world.devices.size()) - 1;
  }
  world.initialized = true;
  return 0;
}

API CUresult cuDriverGetVersion(int* version) {
  ENTER(nothing);
  if (!version) return CUDA_ERROR_INVALID_VALUE;
  *version = settings.driver;
  return 0;
}

API CUresult cuDeviceGetCount(int* count) {
  ENTER(driver);
  if (!count) return CUDA_ERROR_INVALID_VALUE;
  *count = int(world.devices.size());
  return 0;
}

API CUresult cuDeviceGet(CUdevice* out, int ordinal) {
  ENTER(driver);
  if (!out) return CUDA_ERROR_INVALID_VALUE;
  if (!deviceAt(ordinal)) return CUDA_ERROR_INVALID_DEVICE;
  *out = ordinal;
  return 0;
}

API CUresult cuDeviceGetName(char* name, int length, CUdevice id) {
  ENTER(driver);
  if (!name || length < 1) return CUDA_ERROR_INVALID_VALUE;
  if (!deviceAt(id)) return CUDA_ERROR_INVALID_DEVICE;
  snprintf(name, length, "Emulated GPU");
  return 0;
}

static CUresult uuid(CUuuid* out, CUdevice id) {
  if (!out) return CUDA_ERROR_INVALID_VALUE;
  if (!deviceAt(id)) return CUDA_ERROR_INVALID_DEVICE;
  memcpy(out->bytes, "emulated gpu   0", 16);
  out->bytes[15] = (unsigned char)('0' + id);
  return 0;
}

API CUresult cuDeviceGetUuid(CUuuid* out, CUdevice id) { ENTER(driver); return uuid(out, id); }
API CUresult cuDeviceGetUuid_v2(CUuuid* out, CUdevice id) { ENTER(driver); return uuid(out, id); }

API CUresult cuDeviceGetAttribute(int* value, int which, CUdevice id) {
  ENTER(driver);
  if (!value) return CUDA_ERROR_INVALID_VALUE;
  if (!deviceAt(id)) return CUDA_ERROR_INVALID_DEVICE;
  if (which == 33) return *value = id + 1, 0;  // PCI_BUS_ID
  return attribute(which, value);
}

API CUresult cuDeviceTotalMem_v2(size_t* bytes, CUdevice id) {
  ENTER(driver);
  if (!bytes) return CUDA_ERROR_INVALID_VALUE;
  if (!deviceAt(id)) return CUDA_ERROR_INVALID_DEVICE;
  *bytes = settings.memory;
  return 0;
}

API CUresult cuDeviceGetPCIBusId(char* out, int length, CUdevice id) {
  ENTER(driver);
  if (!out || length < 13) return CUDA_ERROR_INVALID_VALUE;
  if (!deviceAt(id)) return CUDA_ERROR_INVALID_DEVICE;
  snprintf(out, length, "0000:%02x:00.0", id + 1);
  return 0;
}

API CUresult cuDeviceCanAccessPeer(int* can, CUdevice id, CUdevice peer) {
  ENTER(driver);
  if (!can) return CUDA_ERROR_INVALID_VALUE;
  if (!deviceAt(id) || !deviceAt(peer)) return CUDA_ERROR_INVALID_DEVICE;
  *can = id != peer;
  return 0;
}
