// Device and pinned memory. Addresses of device memory are real ones, so kernels use them as
// they are; each device has its own range, and no address is given out twice.
#pragma once
#include <vector>

#include "world.h"

namespace emu {

struct Allocation {
  uint64_t address = 0;
  size_t size = 0;
  Context* context = nullptr;
  bool pinned = false;      // the host's
  bool registered = false;  // the host's own, only registered
  bool freed = false;
};

constexpr uint64_t deviceSpan = 1ull << 38;  // addresses of one device
constexpr uint64_t pageBytes = 4096;

// arena is the first device's first address; devices follow each other at deviceSpan.
uint64_t arena();

// allocate gives device or pinned memory; null with a code in *code.
Allocation* allocate(Context* c, size_t bytes, bool pinned, int* code);
// release frees what allocate gave at exactly address.
int release(uint64_t address);
// registerHost makes memory of the host's own pinned; release undoes it.
int registerHost(Context* c, uint64_t address, size_t bytes);
std::vector<Allocation> allocationsOf(Context* c);

// around finds the allocation (freed ones included) that holds address, or null.
Allocation* around(uint64_t address);
// nearest describes where address lies: for reports.
std::string whereIs(uint64_t address);

// deviceRange says whether [address, address+bytes) is device memory that c may use; if not it
// ends c with a report that begins with what.
int deviceRange(Context* c, uint64_t address, size_t bytes, const std::string& what);
bool isPinned(const void* address, size_t bytes);

}  // namespace emu
