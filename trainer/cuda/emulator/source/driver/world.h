// The state that all calls share, behind one lock: devices, contexts, live handles, the last
// report. Every exported function begins with a Call.
#pragma once
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "abi.h"
#include "settings.h"

namespace emu {

struct Context;
struct Stream;

struct Device {
  int id = 0;
  uint64_t used = 0;           // bytes allocated
  Context* primary = nullptr;  // alive while retained
  int retains = 0;
};

// Object is what a handle points to.
struct Object {
  const char* kind;
  Context* context;
  Object(const char* k, Context* c) : kind(k), context(c) {}
  virtual ~Object() = default;
};

struct Context : Object {
  Device* device;
  int broken = 0;  // the error that ended it: every later call returns it
  Stream* legacy = nullptr;
  std::set<int> peers;
  explicit Context(Device* d) : Object("context", this), device(d) {}
};

struct World {
  std::mutex mutex;
  std::condition_variable changed;  // work was added or done
  bool initialized = false;
  std::vector<std::unique_ptr<Device>> devices;
  std::unordered_map<const void*, std::unique_ptr<Object>> live;
  std::map<std::string, uint64_t> calls;  // how often each function was called
  std::string report;                     // of the last fault
  int reportCode = 0;
  std::vector<std::string> leaks;  // what was alive when its context went
};

extern World world;
extern thread_local std::vector<Context*> currents;

// Call is held during each exported function: it takes the lock, counts the call and lets an
// injected failure happen.
struct Call {
  std::unique_lock<std::mutex> lock;
  Call* outer;
  int code = 0;
  enum Needs { nothing, driver, context };
  Call(const char* function, Needs needs);
  ~Call();
};

#define ENTER(needs)                              \
  emu::Call call(__func__, emu::Call::needs);     \
  if (call.code != 0) return call.code

// current is what the calling thread has set; null once it is destroyed.
Context* current();
Device* deviceAt(CUdevice id);  // null if there is none
inline Device* device() { return current()->device; }

// fault records a report and ends the context with code, which it returns.
int fault(Context* c, int code, const std::string& text);
// complain records a report without ending anything.
int complain(int code, const std::string& text);

// destroy ends a context as the driver does: everything that belongs to it goes with it, and
// what its owner had not given back is written down.
void destroy(Context* c);

// wait lets other threads in until something changes; false after the seconds of patience.
bool wait(double seconds);

template <class T>
T* find(const void* handle) {
  auto it = world.live.find(handle);
  return it == world.live.end() ? nullptr : dynamic_cast<T*>(it->second.get());
}

template <class T>
T* keep(std::unique_ptr<T> object) {
  T* p = object.get();
  world.live[p] = std::move(object);
  return p;
}

std::string text(const char* format, ...) __attribute__((format(printf, 1, 2)));

}  // namespace emu
