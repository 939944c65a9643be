// A block of threads: each thread is a fiber on the one thread of the operating system that
// runs the kernel; barriers, shuffles and votes switch between them.
#pragma once
#include <cstdint>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include "stream.h"

namespace emu {

struct Dim { unsigned x = 1, y = 1, z = 1; };

enum class Meeting { none, block, warp };  // what a thread waits at

struct Thread {
  void* stack = nullptr;  // saved stack pointer; null before the start
  int place = -1;         // which stack of the pool
  bool done = false;
  Meeting waits = Meeting::none;
  int kind = 0, line = 0;      // of the barrier; kind tells shuffles, votes and barriers apart
  unsigned mask = 0;           // lanes that take part
  uint64_t value = 0, result = 0;
  int argument = 0, width = 32;
  Dim index;
};

// Kinds of meeting, as kernel/warp.h numbers them.
enum Kind { syncThreads = 0, countThreads, andThreads, orThreads, syncWarp, shuffle, shuffleUp, shuffleDown, shuffleXor, ballot, matchAny };

struct Launch {
  Work* work = nullptr;
  std::string kernel;
  Dim grid, block;
  unsigned dynamicBytes = 0;
  std::function<void()> body;
  struct Module* module = nullptr;
};

struct Block {
  const Launch* launch = nullptr;
  Dim index;
  std::vector<Thread> threads;
  std::vector<int> ready;
  int waiting = 0, running = -1;
  bool failed = false;
};

extern Block block;  // the one that runs

// runGrid runs all blocks; 0 or the code of the fault.
int runGrid(const Launch& launch);
// meet makes the running thread wait for the others; it returns what the meeting gives.
uint64_t meet(Kind kind, unsigned mask, uint64_t value, int argument, int width, int line);
// pause lets other threads go on; wake makes threads that wait ready, in the order that is set.
void pause();
void wake(const std::vector<int>& threads);
// stop ends the kernel from within a thread: a fault was found.
[[noreturn]] void stop(int code, const std::string& report);
std::string threadName(int thread);

extern "C" __attribute__((visibility("default"))) unsigned char emulatorDynamic[];
constexpr unsigned dynamicSharedMost = 227 << 10;

}  // namespace emu
