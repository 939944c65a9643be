// Modules: compiled CUDA C that was loaded into a context.
#pragma once
#include "block.h"

namespace emu {

// Entry is what a compiled kernel says of itself (kernel/entry.h).
struct Entry {
  const char* name;
  void (*call)(void* function, void** arguments);
  void* function;
  int arguments;
  const unsigned* sizes;  // of each argument
  int mostThreads;        // __launch_bounds__, 0 without
};

struct Module : Object {
  void* library = nullptr;
  std::string name, path;  // of the program; of the compiled library
  bool instrumented = false;
  explicit Module(Context* c) : Object("module", c) {}
  ~Module() override;
};

struct Function : Object {
  Module* module;
  const Entry* entry;
  unsigned dynamicMost = 48 << 10;  // dynamic shared memory that a launch may ask for
  Function(Context* c, Module* m, const Entry* e) : Object("function", c), module(m), entry(e) {}
};

}  // namespace emu
