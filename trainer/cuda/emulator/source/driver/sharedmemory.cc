#include "sharedmemory.h"

#include <cstring>
#include <memory>

namespace emu {

namespace {

constexpr uint32_t staticMost = 48 << 10, gap = 64, room = 4 * staticMost;
alignas(4096) unsigned char statics[room];

struct Variable {
  const void* key;
  uint32_t at, size;
};

std::vector<Variable> variables;  // of the launch, in the order of their first use
uint32_t sizes = 0, used = 0;     // of the variables; of statics, with the gaps

std::vector<Page>& staticPages() {
  static std::vector<Page> pages(room / pageBytes);
  return pages;
}

std::vector<Page>& dynamicPages() {
  static std::vector<Page> pages(dynamicSharedMost / pageBytes + 1);
  return pages;
}

// forbid marks bytes of static shared memory as no variable's, or as a new one's.
void forbid(uint32_t at, uint32_t size, bool forbidden) {
  for (uint32_t i = at; i < at + size; i++) {
    Page& page = staticPages()[i / pageBytes];
    if (!page.forbidden) page.forbidden = new uint64_t[pageBytes / 64]();
    uint64_t bit = 1ull << (i % 64);
    uint64_t& word = page.forbidden[i % pageBytes / 64];
    word = forbidden ? word | bit : word & ~bit;
    page.written[i % pageBytes / 64] &= ~bit;
  }
}

void* place(const void* key, uint32_t size, uint32_t alignment) {
  uint32_t at = (used + gap + alignment - 1) / alignment * alignment;
  if ((sizes += size) > staticMost) stop(CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES, text("%u bytes of static shared memory: at most %u", sizes, staticMost));
  if (settings.checks) forbid(used, at + size + gap - used, true), forbid(at, size, false);
  variables.push_back({key, at, size});
  used = at + size;
  memset(statics + at, 0xff, size);
  return statics + at;
}

void unwrite(std::vector<Page>* pages, uint32_t bytes) {
  for (uint32_t i = 0; i * pageBytes < bytes; i++) memset((*pages)[i].written, 0, sizeof(Page::written));
}

bool isStatic(uint64_t address) { return address - uint64_t(statics) < used + gap; }

}  // namespace

void sharedLaunch() {
  variables.clear();
  sizes = used = 0;
}

void sharedBlock(const Launch& launch) {
  unwrite(&staticPages(), used);
  for (const Variable& v : variables) memset(statics + v.at, 0xff, v.size);
  unwrite(&dynamicPages(), launch.dynamicBytes);
  memset(emulatorDynamic, 0xff, launch.dynamicBytes);
}

Page* sharedPage(uint64_t address, uint32_t* offset) {
  uint64_t at = address - uint64_t(statics);
  std::vector<Page>* pages = &staticPages();
  if (!isStatic(address)) {
    at = address - uint64_t(emulatorDynamic);
    pages = &dynamicPages();
    if (at >= block.launch->dynamicBytes) return nullptr;
  }
  *offset = uint32_t(at % pageBytes);
  Page* page = &(*pages)[at / pageBytes];
  if (pages == &dynamicPages()) page->limit = uint32_t(std::min<uint64_t>(pageBytes, block.launch->dynamicBytes - at / pageBytes * pageBytes));
  return page;
}

std::string sharedName(uint64_t address) {
  uint64_t at = address - uint64_t(emulatorDynamic);
  if (isStatic(address)) return "static shared memory";
  if (at < block.launch->dynamicBytes) return text("byte %llu of dynamic shared memory", (unsigned long long)at);
  if (at < dynamicSharedMost + pageBytes) return text("byte %llu of dynamic shared memory, of which the launch asked for %u bytes", (unsigned long long)at, block.launch->dynamicBytes);
  return address - uint64_t(statics) < room ? "beyond static shared memory" : "";
}

}  // namespace emu

// emulatorShared gives a kernel the running block's variable of a key: the first thread that
// asks for it places it.
API void* emulatorShared(const void* key, size_t bytes, size_t alignment) {
  for (const emu::Variable& v : emu::variables)
    if (v.key == key) return emu::statics + v.at;
  return emu::place(key, uint32_t(bytes), uint32_t(alignment));
}
