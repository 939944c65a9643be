#include "shadow.h"

#include <cstring>

#include "module.h"
#include "pages.h"
#include "races.h"
#include "sharedmemory.h"

namespace emu {

void shadowBegin(const WorkPtr& work) {
  if (settings.checks) racesBegin(work);
}

void shadowBlock(const Launch& launch) {
  sharedBlock(launch);
  if (settings.checks) racesBlock();
}

void shadowMet(int kind, const std::vector<int>& threads) {
  if (!settings.checks) return;
  if (kind <= orThreads) racesBarrier();
  if (kind == syncWarp) racesWarp(threads);
}

namespace {

// inPages calls f for each part of a range that lies in one page, until one gives a code.
template <class F>
int inPages(uint64_t address, size_t bytes, F f) {
  while (bytes > 0) {
    Page* page = pageOf(address);
    uint32_t offset = uint32_t(address % pageBytes), here = uint32_t(std::min<size_t>(bytes, pageBytes - offset));
    if (page)  // pinned memory has none
      if (int code = f(page, offset, here)) return code;
    address += here, bytes -= here;
  }
  return 0;
}

// granules calls f for each granule of a part of a page.
template <class F>
int granules(Page* page, uint32_t offset, uint32_t bytes, F f) {
  page->cell(offset, bytes);
  page->cell(offset + bytes - 1, (offset + bytes) % 4 == 0 ? 4 : 1);
  uint32_t first = offset >> page->shift, last = (offset + bytes - 1) >> page->shift;
  for (uint32_t i = first; i <= last; i++)
    if (int code = f(page->cells[i])) return code;
  return 0;
}

int unordered(Context* c, const std::string& what, const std::string& other, const char* verb) {
  return fault(c, CUDA_ERROR_LAUNCH_FAILED, "race: " + what + " " + verb + " what was used by " + other);
}

// firstUnwritten gives the first byte of a part of a page that was never written, or -1.
int firstUnwritten(const Page& page, uint32_t offset, uint32_t bytes) {
  if (page.isWritten(offset, bytes)) return -1;
  while (page.isWritten(offset, 1)) offset++;
  return int(offset);
}

int readRange(Context* c, uint64_t address, size_t bytes, const std::string& what, bool mustBeWritten) {
  if (!settings.checks) return 0;
  return inPages(address, bytes, [&](Page* page, uint32_t offset, uint32_t here) {
    int unwritten = mustBeWritten ? firstUnwritten(*page, offset, here) : -1;
    if (unwritten >= 0) return fault(c, CUDA_ERROR_LAUNCH_FAILED, what + ": reads device memory that was never written: " + whereIs(page->address + uint64_t(unwritten)));
    return granules(page, offset, here, [&](Cell& cell) {
      std::string other;
      if (races(cell.write, false, false, &other)) return unordered(c, what, other, "reads");
      cell.read = reading(cell.read);
      return 0;
    });
  });
}

}  // namespace

int shadowReadRange(Context* c, uint64_t address, size_t bytes, const std::string& what) { return readRange(c, address, bytes, what, true); }

int shadowWriteRange(Context* c, uint64_t address, size_t bytes, const std::string& what) {
  if (!settings.checks) return 0;
  return inPages(address, bytes, [&](Page* page, uint32_t offset, uint32_t here) {
    page->setWritten(offset, here);
    return granules(page, offset, here, [&](Cell& cell) {
      std::string other;
      if (races(cell.write, false, false, &other) || races(cell.read, false, false, &other)) return unordered(c, what, other, "overwrites");
      cell.write = moment.stamp;
      return 0;
    });
  });
}

int shadowCopy(Context* c, uint64_t to, uint64_t from, size_t bytes, const std::string& what) {
  if (!settings.checks) return 0;
  if (int code = readRange(c, from, bytes, what, false)) return code;
  std::vector<bool> known(bytes, true);
  size_t at = 0;
  inPages(from, bytes, [&](Page* page, uint32_t offset, uint32_t here) {
    for (uint32_t i = 0; i < here; i++) known[at++] = page->isWritten(offset + i, 1);
    return 0;
  });
  if (int code = shadowWriteRange(c, to, bytes, what)) return code;
  at = 0;
  return inPages(to, bytes, [&](Page* page, uint32_t offset, uint32_t here) {
    for (uint32_t i = offset; i < offset + here; i++)
      if (!known[at++]) page->written[i >> 6] &= ~(1ull << (i & 63));
    return 0;
  });
}

}  // namespace emu
