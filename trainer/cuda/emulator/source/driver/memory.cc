#include "memory.h"

#include <sys/mman.h>

#include <cstring>

#include "shadow.h"

namespace emu {

namespace {

std::map<uint64_t, Allocation> allocations;  // by first address
uint64_t unused[16];                           // first address not yet given out, of each device

uint64_t reserve() {
  void* p = mmap(nullptr, 17 * deviceSpan, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (p == MAP_FAILED) return 0;
  return (uint64_t(p) + deviceSpan - 1) / deviceSpan * deviceSpan;
}

uint64_t pages(size_t bytes) { return (bytes + pageBytes - 1) / pageBytes * pageBytes; }

uint64_t map(uint64_t address, size_t bytes) {
  int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | (address ? MAP_FIXED : 0);
  void* p = mmap(reinterpret_cast<void*>(address), bytes, PROT_READ | PROT_WRITE, flags, -1, 0);
  return p == MAP_FAILED ? 0 : uint64_t(p);
}

}  // namespace

uint64_t arena() {
  static const uint64_t base = reserve();
  return base;
}

Allocation* allocate(Context* c, size_t bytes, bool pinned, int* code) {
  *code = bytes == 0 ? CUDA_ERROR_INVALID_VALUE : CUDA_ERROR_OUT_OF_MEMORY;
  if (bytes == 0) return nullptr;
  uint64_t at = 0, whole = pages(bytes);
  if (pinned) {
    at = map(0, whole);
  } else {
    Device* d = c->device;
    if (arena() == 0 || d->used + bytes > settings.memory) return nullptr;
    uint64_t start = arena() + uint64_t(d->id) * deviceSpan;
    if (unused[d->id] == 0) unused[d->id] = start + pageBytes;
    if (unused[d->id] + whole + pageBytes > start + deviceSpan) return nullptr;
    at = map(unused[d->id], whole);
    unused[d->id] += whole + pageBytes;  // a page between allocations belongs to none
    d->used += bytes;
  }
  if (at == 0) return nullptr;
  *code = 0;
  Allocation a;
  a.address = at, a.size = bytes, a.context = c, a.pinned = pinned;
  if (!pinned) memset(reinterpret_cast<void*>(at), 0xff, bytes);  // not a number in every float format
  Allocation* kept = &(allocations[at] = a);
  if (!pinned) shadowAllocate(kept);
  return kept;
}

int release(uint64_t address) {
  auto it = allocations.find(address);
  if (it == allocations.end() || it->second.freed) return CUDA_ERROR_INVALID_VALUE;
  Allocation& a = it->second;
  if (a.pinned) {
    if (!a.registered) munmap(reinterpret_cast<void*>(address), pages(a.size));
    allocations.erase(it);
    return 0;
  }
  a.freed = true;
  a.context->device->used -= a.size;
  shadowFree(&a);
  mmap(reinterpret_cast<void*>(address), pages(a.size), PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0);
  return 0;
}

std::vector<Allocation> allocationsOf(Context* c) {
  std::vector<Allocation> found;
  for (auto& [address, a] : allocations)
    if (a.context == c && !a.freed) found.push_back(a);
  return found;
}

Allocation* around(uint64_t address) {
  auto it = allocations.upper_bound(address);
  if (it == allocations.begin()) return nullptr;
  Allocation& a = (--it)->second;
  return address < a.address + a.size ? &a : nullptr;
}

std::string whereIs(uint64_t address) {
  if (Allocation* a = around(address)) {
    const char* kind = a->pinned ? "pinned memory" : a->freed ? "freed device memory" : "device memory";
    return text("byte %llu of %s of %zu bytes", (unsigned long long)(address - a->address), kind, a->size);
  }
  auto it = allocations.upper_bound(address);
  bool ofDevice = arena() != 0 && address - arena() < 16 * deviceSpan;
  if (ofDevice && it != allocations.begin()) {
    Allocation& a = (--it)->second;
    return text("%llu bytes past the end of device memory of %zu bytes%s", (unsigned long long)(address - a.address - a.size), a.size, a.freed ? " (freed)" : "");
  }
  return ofDevice ? "no allocation of the device" : "an address of the host, not of the device";
}

int deviceRange(Context* c, uint64_t address, size_t bytes, const std::string& what) {
  if (bytes == 0) return 0;
  Allocation* a = around(address);
  bool right = a && !a->freed && address + bytes <= a->address + a->size;
  if (right && (a->pinned || a->context == c || c->peers.count(a->context->device->id))) return 0;
  uint64_t wrong = a && !a->freed && address + bytes > a->address + a->size ? a->address + a->size : address;
  std::string reason = right ? "memory of another device" : whereIs(wrong);
  return fault(c, CUDA_ERROR_ILLEGAL_ADDRESS, text("%s: %zu bytes at 0x%llx: %s", what.c_str(), bytes, (unsigned long long)address, reason.c_str()));
}

int registerHost(Context* c, uint64_t address, size_t bytes) {
  if (around(address)) return CUDA_ERROR_HOST_MEMORY_ALREADY_REGISTERED;
  Allocation a;
  a.address = address, a.size = bytes, a.context = c, a.pinned = a.registered = true;
  allocations[address] = a;
  return 0;
}

bool isPinned(const void* address, size_t bytes) {
  Allocation* a = around(uint64_t(address));
  return a && a->pinned && uint64_t(address) + bytes <= a->address + a->size;
}

}  // namespace emu
