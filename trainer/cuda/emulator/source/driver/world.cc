#include "world.h"

#include <chrono>
#include <cstdarg>
#include <cstdio>

#include "failures.h"

namespace emu {

World world;
thread_local std::vector<Context*> currents;

namespace {
thread_local Call* innermost = nullptr;
}

Context* current() {
  if (currents.empty() || !world.live.count(currents.back())) return nullptr;
  return currents.back();
}

Device* deviceAt(CUdevice id) {
  return id < 0 || id >= int(world.devices.size()) ? nullptr : world.devices[id].get();
}

Call::Call(const char* function, Needs needs) : lock(world.mutex), outer(innermost) {
  innermost = this;
  world.calls[function]++;
  if ((code = injected(function)) != 0) return;
  if (needs == nothing) return;
  if (!world.initialized) code = CUDA_ERROR_NOT_INITIALIZED;
  else if (needs == context && current() == nullptr) code = CUDA_ERROR_INVALID_CONTEXT;
  else if (needs == context) code = current()->broken;
}

Call::~Call() { innermost = outer; }

bool wait(double seconds) {
  auto limit = std::chrono::duration<double>(seconds);
  return world.changed.wait_for(innermost->lock, limit) == std::cv_status::no_timeout;
}

int complain(int code, const std::string& report) {
  world.report = report;
  world.reportCode = code;
  return code;
}

int fault(Context* c, int code, const std::string& report) {
  if (c->broken == 0) c->broken = code;
  return complain(code, report);
}

std::string text(const char* format, ...) {
  char buffer[2048];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(buffer, sizeof buffer, format, arguments);
  va_end(arguments);
  return buffer;
}

}  // namespace emu
