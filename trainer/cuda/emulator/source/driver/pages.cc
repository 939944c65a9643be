#include "pages.h"

#include <sys/mman.h>

#include <cstdlib>
#include <cstring>

#include "shadow.h"

namespace emu {

namespace {

constexpr uint64_t tableEntries = 16 * deviceSpan / pageBytes;

// table has a place for every page of every device, filled as memory is allocated.
Page** table() {
  static Page** t = static_cast<Page**>(mmap(nullptr, tableEntries * sizeof(Page*), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0));
  return t;
}

uint64_t bitsOf(uint32_t offset, uint32_t bytes) { return (bytes >= 64 ? ~0ull : (1ull << bytes) - 1) << (offset & 63); }

}  // namespace

Page* pageOf(uint64_t address) {
  uint64_t offset = address - arena();
  return offset < 16 * deviceSpan ? table()[offset / pageBytes] : nullptr;
}

Page::~Page() {
  free(cells);
  delete[] forbidden;
}

void Page::fit(uint32_t offset, unsigned bytes) {
  uint8_t to = shift;
  while (to > 0 && ((1u << to) > bytes || offset & ((1u << to) - 1))) to--;
  size_t count = pageBytes >> to;
  auto* fresh = static_cast<Cell*>(calloc(count, sizeof(Cell)));
  for (size_t i = 0; cells && i < count; i++) fresh[i] = cells[i >> (shift - to)];
  free(cells);
  cells = fresh;
  shift = to;
}

bool Page::all(const uint64_t* bits, uint32_t offset, uint32_t bytes) {
  while (bytes > 0) {
    uint32_t here = std::min(bytes, 64 - (offset & 63));
    uint64_t want = bitsOf(offset, here);
    if ((bits[offset >> 6] & want) != want) return false;
    offset += here, bytes -= here;
  }
  return true;
}

void Page::setWritten(uint32_t offset, uint32_t bytes) {
  while (bytes > 0) {
    uint32_t here = std::min(bytes, 64 - (offset & 63));
    written[offset >> 6] |= bitsOf(offset, here);
    offset += here, bytes -= here;
  }
}

bool Page::isForbidden(uint32_t offset, uint32_t bytes) const {
  while (forbidden && bytes > 0) {
    uint32_t here = std::min(bytes, 64 - (offset & 63));
    if (forbidden[offset >> 6] & bitsOf(offset, here)) return true;
    offset += here, bytes -= here;
  }
  return false;
}

void shadowAllocate(Allocation* a) {
  for (uint64_t at = 0; at < a->size; at += pageBytes) {
    Page* page = new Page();
    page->owner = a;
    page->address = a->address + at;
    page->limit = uint32_t(std::min(pageBytes, a->size - at));
    table()[(a->address + at - arena()) / pageBytes] = page;
  }
}

void shadowFree(Allocation* a) {
  for (uint64_t at = 0; at < a->size; at += pageBytes) {
    Page*& page = table()[(a->address + at - arena()) / pageBytes];
    delete page;
    page = nullptr;
  }
}

}  // namespace emu
