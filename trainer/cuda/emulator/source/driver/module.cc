#include "module.h"

#include <dlfcn.h>

#include <cstring>
#include <fstream>
#include <sstream>

#include "capture.h"
#include "compile.h"

using namespace emu;

namespace emu {

Module::~Module() {
  if (library) dlclose(library);
}

}  // namespace emu

namespace {

CUresult load(void** out, const std::string& content) {
  Program program;
  if (!unpack(content, &program)) return complain(CUDA_ERROR_INVALID_IMAGE, "no image of this emulator, or a damaged one");
  if (program.architecture > settings.major * 10 + settings.minor) return CUDA_ERROR_NO_BINARY_FOR_GPU;
  auto module = std::make_unique<Module>(current());
  std::string log;
  module->name = program.name;
  module->instrumented = settings.checks;
  module->path = compile(program, settings.checks, &log);
  if (module->path.empty()) return complain(CUDA_ERROR_INVALID_IMAGE, log);
  module->library = dlopen(module->path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!module->library) return complain(CUDA_ERROR_INVALID_IMAGE, dlerror());
  *out = keep(std::move(module));
  return 0;
}

// An image's length stands in its second line; the driver is not told it either.
CUresult loadText(void** out, const void* image) {
  if (!out || !image) return CUDA_ERROR_INVALID_VALUE;
  if (int refused = refuseInCapture(current())) return refused;
  const char* p = static_cast<const char*>(image);
  const char* magic = "scalelaw emulated cubin 1\n";
  unsigned long long sum;
  size_t size;
  if (strncmp(p, magic, strlen(magic)) != 0 || sscanf(p + strlen(magic), "%llx %zu\n", &sum, &size) != 2) return complain(CUDA_ERROR_INVALID_IMAGE, "no image of this emulator");
  const char* body = strchr(p + strlen(magic), '\n') + 1;
  return load(out, std::string(p, body + strnlen(body, size)));
}

}  // namespace

API CUresult cuModuleLoadData(void** out, const void* image) { ENTER(context); return loadText(out, image); }
API CUresult cuModuleLoadDataEx(void** out, const void* image, unsigned, int*, void**) { ENTER(context); return loadText(out, image); }

API CUresult cuModuleLoad(void** out, const char* path) {
  ENTER(context);
  if (!out || !path) return CUDA_ERROR_INVALID_VALUE;
  std::ifstream in(path, std::ios::binary);
  if (!in) return CUDA_ERROR_FILE_NOT_FOUND;
  std::ostringstream content;
  content << in.rdbuf();
  return load(out, content.str());
}

API CUresult cuModuleUnload(void* handle) {
  ENTER(context);
  auto* m = find<Module>(handle);
  if (!m) return CUDA_ERROR_INVALID_HANDLE;
  awaitAll(m->context);
  std::vector<const void*> functions;
  for (auto& [key, object] : world.live)
    if (auto* f = dynamic_cast<Function*>(object.get()); f && f->module == m) functions.push_back(key);
  for (const void* f : functions) world.live.erase(f);
  world.live.erase(handle);
  return 0;
}

API CUresult cuModuleGetFunction(void** out, void* handle, const char* name) {
  ENTER(context);
  auto* m = find<Module>(handle);
  if (!m) return CUDA_ERROR_INVALID_HANDLE;
  if (!out || !name) return CUDA_ERROR_INVALID_VALUE;
  for (auto& [key, object] : world.live)
    if (auto* f = dynamic_cast<Function*>(object.get()); f && f->module == m && strcmp(f->entry->name, name) == 0) return *out = f, 0;
  for (auto* e = static_cast<const Entry*>(dlsym(m->library, "emulatorEntries")); e->name; e++)
    if (strcmp(e->name, name) == 0) return *out = keep(std::make_unique<Function>(current(), m, e)), 0;
  return CUDA_ERROR_NOT_FOUND;
}

API CUresult cuFuncGetAttribute(int* value, int which, void* handle) {
  ENTER(context);
  auto* f = find<Function>(handle);
  if (!f) return CUDA_ERROR_INVALID_HANDLE;
  if (!value) return CUDA_ERROR_INVALID_VALUE;
  switch (which) {
    case CU_FUNC_ATTRIBUTE_MAX_THREADS_PER_BLOCK: *value = f->entry->mostThreads ? f->entry->mostThreads : 1024; break;
    case CU_FUNC_ATTRIBUTE_NUM_REGS: *value = 32; break;
    case CU_FUNC_ATTRIBUTE_PTX_VERSION: case CU_FUNC_ATTRIBUTE_BINARY_VERSION: *value = settings.major * 10 + settings.minor; break;
    case CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES: *value = int(f->dynamicMost); break;
    default: *value = 0;
  }
  return which < 0 || which > 15 ? CUDA_ERROR_INVALID_VALUE : 0;
}

API CUresult cuFuncGetParamInfo(void* handle, size_t index, size_t* offset, size_t* bytes) {
  ENTER(context);
  auto* f = find<Function>(handle);
  if (!f) return CUDA_ERROR_INVALID_HANDLE;
  if (!offset || index >= size_t(f->entry->arguments)) return CUDA_ERROR_INVALID_VALUE;
  size_t at = 0;
  for (size_t i = 0; i <= index; i++) {
    size_t own = f->entry->sizes[i], alignment = own % 8 == 0 ? 8 : own % 4 == 0 ? 4 : own % 2 == 0 ? 2 : 1;
    *offset = at = (at + alignment - 1) / alignment * alignment;
    at += own;
  }
  if (bytes) *bytes = f->entry->sizes[index];
  return 0;
}

API CUresult cuFuncSetAttribute(void* handle, int which, int value) {
  ENTER(context);
  auto* f = find<Function>(handle);
  if (!f) return CUDA_ERROR_INVALID_HANDLE;
  if (which == CU_FUNC_ATTRIBUTE_PREFERRED_SHARED_MEMORY_CARVEOUT) return value >= -1 && value <= 100 ? 0 : CUDA_ERROR_INVALID_VALUE;
  if (which != CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES || value < 0 || value > int(dynamicSharedMost)) return CUDA_ERROR_INVALID_VALUE;
  f->dynamicMost = unsigned(value);
  return 0;
}

API CUresult cuFuncSetCacheConfig(void* handle, int) {
  ENTER(context);
  return find<Function>(handle) ? 0 : CUDA_ERROR_INVALID_HANDLE;
}
