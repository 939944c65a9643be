#include "sharedmemory.h"

#include <cstring>
#include <memory>

#include "module.h"

namespace emu {

namespace {

const char guard[] = "scalelaw-emulator-guard-between-shared-variables-0123456789abcd";
constexpr uint64_t gapBytes = 64;
static_assert(sizeof guard == gapBytes);

struct Region {
  uint64_t from = 0, size = 0;
  std::vector<std::unique_ptr<Page>> pages;
};

Region statics, dynamics;
const Module* module = nullptr;

void cover(Region* r, uint64_t from, uint64_t size) {
  r->from = from, r->size = size;
  while (r->pages.size() * pageBytes < size) r->pages.push_back(std::make_unique<Page>());
  for (uint64_t i = 0; i * pageBytes < size; i++) {
    r->pages[i]->limit = uint32_t(std::min(pageBytes, size - i * pageBytes));
    memset(r->pages[i]->written, 0, sizeof r->pages[i]->written);
  }
}

void forbid(Region* r, uint64_t at) {
  Page& page = *r->pages[at / pageBytes];
  if (!page.forbidden) page.forbidden = new uint64_t[pageBytes / 64]();
  page.forbidden[at % pageBytes / 64] |= 1ull << (at % 64);
}

// findGuards notes where a module's guards lie (kernel/words.h puts one before each variable),
// with what aligns the variable behind it.
void findGuards() {
  for (auto& page : statics.pages) {
    delete[] page->forbidden;
    page->forbidden = nullptr;
  }
  auto* text = reinterpret_cast<const char*>(statics.from);
  for (uint64_t at = 0; at + gapBytes <= statics.size; at++) {
    if (memcmp(text + at, guard, gapBytes) != 0) continue;
    uint64_t end = (statics.from + at + gapBytes + 15) / 16 * 16 - statics.from;
    for (; at < end; at++) forbid(&statics, at);
    at--;
  }
}

void poison(const Region& r) {
  auto* bytes = reinterpret_cast<unsigned char*>(r.from);
  for (uint64_t i = 0; i < r.size; i++)
    if (!r.pages[i / pageBytes]->isForbidden(uint32_t(i % pageBytes), 1)) bytes[i] = 0xff;
}

bool within(const Region& r, uint64_t address) { return address - r.from < r.size; }

}  // namespace

void sharedBlock(const Launch& launch) {
  const Module* m = launch.module;
  cover(&statics, m->sharedFrom, m->sharedTo - m->sharedFrom);
  cover(&dynamics, uint64_t(emulatorDynamic), launch.dynamicBytes);
  if (m != module) findGuards();
  module = m;
  poison(statics);
  memset(emulatorDynamic, 0xff, launch.dynamicBytes);
}

void sharedForget(const Module* m) {
  if (module == m) module = nullptr;
}

Page* sharedPage(uint64_t address, uint32_t* offset) {
  const Region& r = within(statics, address) ? statics : dynamics;
  if (!within(r, address)) return nullptr;
  uint64_t at = address - r.from;
  *offset = uint32_t(at % pageBytes);
  return r.pages[at / pageBytes].get();
}

std::string sharedName(uint64_t address) {
  if (within(statics, address)) return "static shared memory";
  uint64_t at = address - dynamics.from;
  if (at < dynamics.size) return text("byte %llu of dynamic shared memory", (unsigned long long)at);
  if (at < dynamicSharedMost + pageBytes) return text("byte %llu of dynamic shared memory, of which the launch asked for %llu bytes", (unsigned long long)at, (unsigned long long)dynamics.size);
  return "";
}

}  // namespace emu
