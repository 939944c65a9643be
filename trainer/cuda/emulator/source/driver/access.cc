// Every access of a checked kernel: g++ compiles kernels with -fsanitize=thread,alignment,bounds,
// and the functions that it then calls are these.
#include <dlfcn.h>

#include <cstring>
#include <unordered_set>

#include "block.h"
#include "fiber.h"
#include "locate.h"
#include "module.h"
#include "pages.h"
#include "races.h"
#include "sharedmemory.h"

namespace emu {

namespace {

enum Access { reads, writes, atomically };

const char* verb(Access a) { return a == reads ? "reads" : a == writes ? "writes" : "changes atomically"; }

[[noreturn]] void report(int code, void* pc, Access a, unsigned bytes, const std::string& rest) {
  stop(code, sourceLine(pc) + text(" %s %u bytes: ", verb(a), bytes) + rest);
}

// known are pages of modules' own constants and tables.
std::unordered_set<uint64_t> known;

// elsewhere judges an address that is neither device nor shared memory.
void elsewhere(uint64_t address, unsigned bytes, Access a, void* pc) {
  if (onStack(reinterpret_cast<void*>(address)) || known.count(address / pageBytes)) return;
  Dl_info own, other;
  bool inModule = dladdr(pc, &own) && dladdr(reinterpret_cast<void*>(address), &other) && own.dli_fbase == other.dli_fbase;
  if (inModule) return void(known.insert(address / pageBytes));
  std::string shared = sharedName(address);
  if (!shared.empty()) report(CUDA_ERROR_ILLEGAL_ADDRESS, pc, a, bytes, shared);
  if (isPinned(reinterpret_cast<void*>(address), bytes)) return;
  report(CUDA_ERROR_ILLEGAL_ADDRESS, pc, a, bytes, text("0x%llx is ", (unsigned long long)address) + whereIs(address));
}

bool foreign(const Page& page) {
  Context* c = block.launch->work->context;
  return page.owner && page.owner->context != c && !c->peers.count(page.owner->context->device->id);
}

void judge(Page* page, uint32_t offset, uint64_t address, unsigned bytes, Access a, void* pc) {
  bool shared = !page->owner;
  if (offset + bytes > page->limit) report(CUDA_ERROR_ILLEGAL_ADDRESS, pc, a, bytes, shared ? sharedName(address) : whereIs(address + (offset < page->limit ? page->limit - offset : 0)));
  if (page->forbidden && page->isForbidden(offset, bytes)) report(CUDA_ERROR_ILLEGAL_ADDRESS, pc, a, bytes, "beside a variable of static shared memory");
  if (foreign(*page)) report(CUDA_ERROR_ILLEGAL_ADDRESS, pc, a, bytes, "memory of another device");
  std::string where = shared ? sharedName(address) : "";
  if (a != writes && !page->isWritten(offset, bytes)) report(CUDA_ERROR_LAUNCH_FAILED, pc, a, bytes, "never written: " + (shared ? where : whereIs(address)));
}

// clash reports a race with whoever left one of the cell's stamps.
void clash(const Cell& cell, bool shared, uint64_t address, unsigned bytes, Access a, void* pc) {
  std::string other;
  const char* earlier = " was written by ";
  bool found = races(cell.write, a == atomically, shared, &other);
  if (!found && a != reads) found = races(cell.read, false, shared, &other), earlier = " was read by ";
  if (found) report(CUDA_ERROR_LAUNCH_FAILED, pc, a, bytes, "race: " + (shared ? sharedName(address) : whereIs(address)) + earlier + other);
}

inline void touch(Cell* cell, bool shared, uint64_t address, unsigned bytes, Access a, void* pc) {
  uint32_t floor = shared ? moment.blockFirst : moment.floor;
  if (intervalOf(cell->write) >= floor || (a != reads && intervalOf(cell->read) >= floor)) clash(*cell, shared, address, bytes, a, pc);
  if (a == reads) cell->read = reading(cell->read);
  else cell->write = moment.stamp | (a == atomically ? uint64_t(atomicFlag) : 0);
}

inline void observe(uint64_t address, unsigned bytes, Access a, void* pc) {
  uint32_t offset = uint32_t(address % pageBytes);
  Page* page = pageOf(address);
  if (!page) {
    if (address - arena() < 16 * deviceSpan) report(CUDA_ERROR_ILLEGAL_ADDRESS, pc, a, bytes, whereIs(address));
    page = sharedPage(address, &offset);
    if (!page) return elsewhere(address, bytes, a, pc);
  }
  if (offset + bytes > page->limit || page->forbidden || page->owner == nullptr || a != writes || foreign(*page)) judge(page, offset, address, bytes, a, pc);
  if (a != reads) page->setWritten(offset, bytes);
  Cell* cell = page->cell(offset, bytes);
  for (unsigned done = 0; done < bytes; done += 1u << page->shift) touch(cell++, !page->owner, address, bytes, a, pc);
}

// range splits an access that is larger than a cell or crosses pages.
void range(uint64_t address, unsigned long bytes, Access a, void* pc) {
  while (bytes > 0) {
    unsigned here = unsigned(std::min<uint64_t>({bytes, 4 - address % 4, pageBytes - address % pageBytes}));
    observe(address, here, a, pc);
    address += here, bytes -= here;
  }
}

struct SourcePlace { const char* file; unsigned line, column; };

}  // namespace

}  // namespace emu

using namespace emu;

#define PC __builtin_return_address(0)
#define HOOK API
#define SIZED(n)                                                                                        \
  HOOK void __tsan_read##n(void* p) { observe(uint64_t(p), n, reads, PC); }                              \
  HOOK void __tsan_write##n(void* p) { observe(uint64_t(p), n, writes, PC); }                            \
  HOOK void __tsan_unaligned_read##n(void* p) { range(uint64_t(p), n, reads, PC); }                     \
  HOOK void __tsan_unaligned_write##n(void* p) { range(uint64_t(p), n, writes, PC); }                   \
  HOOK void __tsan_volatile_read##n(void* p) { observe(uint64_t(p), n, reads, PC); }                     \
  HOOK void __tsan_volatile_write##n(void* p) { observe(uint64_t(p), n, writes, PC); }
SIZED(1) SIZED(2) SIZED(4) SIZED(8) SIZED(16)
HOOK void __tsan_init() {}
HOOK void __tsan_func_entry(void*) {}
HOOK void __tsan_func_exit() {}
HOOK void __tsan_read_range(void* p, unsigned long n) { range(uint64_t(p), n, reads, PC); }
HOOK void __tsan_write_range(void* p, unsigned long n) { range(uint64_t(p), n, writes, PC); }

HOOK void __ubsan_handle_type_mismatch_v1(const SourcePlace* place, uint64_t address) {
  stop(CUDA_ERROR_MISALIGNED_ADDRESS, text("%s:%u: misaligned address 0x%llx", place->file, place->line, (unsigned long long)address));
}

HOOK void __ubsan_handle_out_of_bounds(const SourcePlace* place, uint64_t index) {
  stop(CUDA_ERROR_ILLEGAL_ADDRESS, text("%s:%u: index %lld is outside of the array", place->file, place->line, (long long)index));
}

// Atomics load and store here, where no access is reported a second time.
HOOK uint64_t emulatorAtomicLoad(const void* p, int bytes) {
  if (settings.checks && block.launch->module->instrumented) {
    if (uint64_t(p) % uint64_t(bytes) != 0) stop(CUDA_ERROR_MISALIGNED_ADDRESS, sourceLine(PC) + ": misaligned atomic");
    racesAtomic();
    observe(uint64_t(p), unsigned(bytes), atomically, PC);
  }
  uint64_t bits = 0;
  memcpy(&bits, p, size_t(bytes));
  return bits;
}

HOOK void emulatorAtomicStore(void* p, uint64_t bits, int bytes) { memcpy(p, &bits, size_t(bytes)); }

HOOK void emulatorFence() {
  if (settings.checks) racesFence();
}
