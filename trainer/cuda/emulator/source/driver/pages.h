// Pages of shadow: for each page of device and shared memory, which bytes exist and were
// written, and two stamps for each granule. A granule has four bytes until a smaller access
// splits the page's granules.
#pragma once
#include <cstdint>

#include "memory.h"

namespace emu {

struct Cell { uint64_t write, read; };  // stamps (races.h)

struct Page {
  Allocation* owner = nullptr;       // null for shared memory
  uint64_t address = 0;              // of device memory
  uint32_t limit = pageBytes;        // bytes that exist
  uint8_t shift = 2;                 // a granule has 1 << shift bytes
  uint64_t written[pageBytes / 64] = {};  // a bit for each byte
  uint64_t* forbidden = nullptr;     // a bit for each byte that is no shared variable's
  Cell* cells = nullptr;
  ~Page();

  // cell gives the granule of an offset; bytes is the access's size, to which granules shrink.
  Cell* cell(uint32_t offset, unsigned bytes) {
    if (!cells || (1u << shift) > bytes || offset & ((1u << shift) - 1)) fit(offset, bytes);
    return cells + (offset >> shift);
  }
  bool isWritten(uint32_t offset, uint32_t bytes) const { return all(written, offset, bytes); }
  void setWritten(uint32_t offset, uint32_t bytes);
  bool isForbidden(uint32_t offset, uint32_t bytes) const;

 private:
  void fit(uint32_t offset, unsigned bytes);
  static bool all(const uint64_t* bits, uint32_t offset, uint32_t bytes);
};

// pageOf finds the page of an address in device memory; null where there is none.
Page* pageOf(uint64_t address);

}  // namespace emu
