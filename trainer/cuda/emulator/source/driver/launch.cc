// Launches, and what a running kernel asks of the emulation.
#include <cstring>

#include "capture.h"
#include "fiber.h"
#include "module.h"
#include "shadow.h"

using namespace emu;

namespace {

// Arguments are copied at the call, as the driver does; the kernel gets pointers to the copies.
struct Arguments {
  std::vector<std::vector<char>> values;
  std::vector<void*> pointers;
  Arguments(const Entry& e, void** given) {
    for (int i = 0; i < e.arguments; i++) {
      auto* p = static_cast<char*>(given[i]);
      values.emplace_back(p, p + e.sizes[i]);
    }
    for (auto& v : values) pointers.push_back(v.data());
  }
};

CUresult refuse(const Function& f, Dim grid, Dim block, unsigned dynamic, void** arguments) {
  uint64_t threads = uint64_t(block.x) * block.y * block.z;
  if (grid.x == 0 || grid.y == 0 || grid.z == 0 || threads == 0) return CUDA_ERROR_INVALID_VALUE;
  if (grid.x > 2147483647u || grid.y > 65535 || grid.z > 65535) return CUDA_ERROR_INVALID_VALUE;
  if (block.x > 1024 || block.y > 1024 || block.z > 64 || threads > 1024) return CUDA_ERROR_INVALID_VALUE;
  if (f.entry->mostThreads && threads > uint64_t(f.entry->mostThreads)) return CUDA_ERROR_INVALID_VALUE;
  if (dynamic > f.dynamicMost) return CUDA_ERROR_INVALID_VALUE;
  if (f.entry->arguments > 0 && !arguments) return CUDA_ERROR_INVALID_VALUE;
  for (int i = 0; i < f.entry->arguments; i++)
    if (!arguments[i]) return CUDA_ERROR_INVALID_VALUE;
  return 0;
}

CUresult launch(void* handle, Dim grid, Dim block, unsigned dynamic, void* stream, void** arguments) {
  auto* f = find<Function>(handle);
  Stream* s = streamOf(stream);
  if (!f || !s || f->context != s->context) return CUDA_ERROR_INVALID_HANDLE;
  if (int code = refuse(*f, grid, block, dynamic, arguments)) return code;
  auto work = std::make_shared<Work>();
  work->what = std::string("kernel ") + f->entry->name;
  auto copies = std::make_shared<Arguments>(*f->entry, arguments);
  work->action = [=, entry = f->entry, module = f->module](Work* w) {
    Launch l;
    l.work = w, l.kernel = entry->name, l.grid = grid, l.block = block, l.dynamicBytes = dynamic, l.module = module;
    l.body = [&] { entry->call(entry->function, copies->pointers.data()); };
    return runGrid(l);
  };
  return submit(s, work);
}

}  // namespace

API CUresult cuLaunchKernel(void* function, unsigned gx, unsigned gy, unsigned gz, unsigned bx, unsigned by, unsigned bz, unsigned dynamic, void* stream, void** arguments, void** extra) {
  ENTER(context);
  if (extra) return complain(CUDA_ERROR_NOT_SUPPORTED, "packed arguments (extra) are not emulated");
  return launch(function, {gx, gy, gz}, {bx, by, bz}, dynamic, stream, arguments);
}

API CUresult cuLaunchKernelEx(const CUlaunchConfig* c, void* function, void** arguments, void** extra) {
  ENTER(context);
  if (!c) return CUDA_ERROR_INVALID_VALUE;
  if (extra) return complain(CUDA_ERROR_NOT_SUPPORTED, "packed arguments (extra) are not emulated");
  return launch(function, {c->gridX, c->gridY, c->gridZ}, {c->blockX, c->blockY, c->blockZ}, c->sharedBytes, c->stream, arguments);
}

API CUresult cuOccupancyMaxActiveBlocksPerMultiprocessor(int* blocks, void* function, int threads, size_t dynamic) {
  ENTER(context);
  auto* f = find<Function>(function);
  if (!f) return CUDA_ERROR_INVALID_HANDLE;
  if (!blocks || threads < 1) return CUDA_ERROR_INVALID_VALUE;
  size_t shared = dynamic + 1024;
  *blocks = threads > 1024 || dynamic > f->dynamicMost ? 0 : std::min(2048 / ((threads + 31) / 32 * 32), int((228u << 10) / shared));
  return 0;
}

// What compiled kernels call (kernel/*.h).
extern "C" {
#define KERNEL_API __attribute__((visibility("default")))
KERNEL_API unsigned emulatorThreadX() { return block.threads[block.running].index.x; }
KERNEL_API unsigned emulatorThreadY() { return block.threads[block.running].index.y; }
KERNEL_API unsigned emulatorThreadZ() { return block.threads[block.running].index.z; }
KERNEL_API unsigned emulatorBlockX() { return block.index.x; }
KERNEL_API unsigned emulatorBlockY() { return block.index.y; }
KERNEL_API unsigned emulatorBlockZ() { return block.index.z; }
KERNEL_API unsigned emulatorBlockDimX() { return block.launch->block.x; }
KERNEL_API unsigned emulatorBlockDimY() { return block.launch->block.y; }
KERNEL_API unsigned emulatorBlockDimZ() { return block.launch->block.z; }
KERNEL_API unsigned emulatorGridDimX() { return block.launch->grid.x; }
KERNEL_API unsigned emulatorGridDimY() { return block.launch->grid.y; }
KERNEL_API unsigned emulatorGridDimZ() { return block.launch->grid.z; }
KERNEL_API unsigned emulatorLane() { return unsigned(block.running) % 32; }
KERNEL_API unsigned emulatorActive() {
  int first = block.running / 32 * 32;
  unsigned bits = 0;
  for (int i = first; i < first + 32 && i < int(block.threads.size()); i++) bits |= unsigned(!block.threads[i].done) << (i - first);
  return bits;
}
KERNEL_API uint64_t emulatorMeet(int kind, unsigned mask, uint64_t value, int argument, int width, int line) {
  return meet(Kind(kind), mask, value, argument, width, line);
}
KERNEL_API void emulatorTrap(const char* what, int line) { stop(CUDA_ERROR_ASSERT, text("%s at line %d", what, line)); }
}
