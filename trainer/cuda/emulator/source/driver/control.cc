// What tests ask of the emulation itself: functions that no real driver has.
#include <algorithm>
#include <cstring>

#include "failures.h"
#include "memory.h"
#include "world.h"

using namespace emu;

namespace {

// fill copies text to a buffer of the caller's and gives the length it needs.
size_t fill(const std::string& text, char* out, size_t room) {
  if (out && room > 0) {
    size_t n = std::min(room - 1, text.size());
    memcpy(out, text.data(), n);
    out[n] = 0;
  }
  return text.size() + 1;
}

std::string leaks() {
  std::string all;
  for (auto& leak : world.leaks) all += leak + " (given back by the end of its context)\n";
  for (auto& d : world.devices) {
    if (!d->primary) continue;
    for (auto& a : allocationsOf(d->primary)) all += text("%s of %zu bytes\n", a.pinned ? "pinned memory" : "device memory", a.size);
    all += text("primary context of device %d, retained %d times\n", d->id, d->retains);
  }
  for (auto& [handle, object] : world.live) {
    auto* c = dynamic_cast<Context*>(object.get());
    if (c || strcmp(object->kind, "function") == 0 || (object->context && object->context->legacy == reinterpret_cast<const Stream*>(handle))) continue;
    all += std::string(object->kind) + "\n";
  }
  return all;
}

}  // namespace

// emulatorConfigure gives one setting a value; 0, or 1 if it makes no sense.
API int emulatorConfigure(const char* name, const char* value) {
  Call call(__func__, Call::nothing);
  return set(name, value) ? 0 : 1;
}

// emulatorFail plans failures (failures.h); 0, or 1 if the plan makes no sense.
API int emulatorFail(const char* text) {
  Call call(__func__, Call::nothing);
  return plan(text) ? 0 : 1;
}

// emulatorReport gives the report of the last fault.
API size_t emulatorReport(char* out, size_t room) {
  Call call(__func__, Call::nothing);
  return fill(world.report, out, room);
}

// emulatorLeaks lists what is not given back, a line each.
API size_t emulatorLeaks(char* out, size_t room) {
  Call call(__func__, Call::nothing);
  return fill(leaks(), out, room);
}

// emulatorCalls lists the functions that were called, "name count" a line.
API size_t emulatorCalls(char* out, size_t room) {
  Call call(__func__, Call::nothing);
  std::string all;
  for (auto& [name, count] : world.calls)
    if (name.compare(0, 8, "emulator") != 0) all += name + text(" %llu\n", (unsigned long long)count);
  return fill(all, out, room);
}

// emulatorReset takes settings from the environment again, forgets counts, failures and reports, ends all contexts (whatever is current on
// threads stops being so when they next set it) and takes the devices away until cuInit.
API int emulatorReset() {
  Call call(__func__, Call::nothing);
  plan("");
  settings = initialSettings();
  for (auto& d : world.devices)
    if (d->primary) destroy(d->primary);
  world.live.clear();
  world.calls.clear();
  world.leaks.clear();
  world.report.clear();
  world.reportCode = 0;
  world.devices.clear();
  world.initialized = false;
  return 0;
}
