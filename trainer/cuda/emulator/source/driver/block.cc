#include "block.h"

#include <algorithm>
#include <cstring>

#include "fiber.h"
#include "memory.h"
#include "module.h"
#include "races.h"
#include "shadow.h"
#include "sharedmemory.h"

namespace emu {

Block block;
alignas(4096) unsigned char emulatorDynamic[dynamicSharedMost + 4096];

namespace {

void* scheduler = nullptr;  // the stack pointer of runBlock
int faultCode = 0;
std::mt19937_64 randomOrder;

std::vector<int> order(int n) {
  std::vector<int> result(n);
  for (int i = 0; i < n; i++) result[i] = settings.order == Order::reversed ? n - 1 - i : i;
  if (settings.order == Order::shuffled) std::shuffle(result.begin(), result.end(), randomOrder);
  return result;
}

void enter() {
  block.launch->body();
  Thread& t = block.threads[block.running];
  t.done = true;
  emulatorSwitch(&t.stack, scheduler);
}

// resume runs one thread until it waits or is done.
void resume(int index) {
  Thread& t = block.threads[index];
  if (t.stack == nullptr) {
    t.place = takeStack();
    t.stack = prepare(t.place, enter);
  }
  block.running = index;
  if (settings.checks) racesThread(index);
  emulatorSwitch(&scheduler, t.stack);
  if (!t.done || t.place < 0) return;
  giveStack(t.place);
  t.place = -1;
}

int next() {
  size_t pick = 0;
  if (settings.order == Order::shuffled) pick = randomOrder() % block.ready.size();
  int index = block.ready[pick];
  block.ready.erase(block.ready.begin() + long(pick));
  return index;
}

std::string standstill() {
  std::string report = "threads wait for each other for ever:";
  int shown = 0, returned = -1;
  for (int i = 0; i < int(block.threads.size()); i++)
    if (block.threads[i].done) returned = i;
  for (int i = 0; i < int(block.threads.size()) && shown < 3; i++) {
    Thread& t = block.threads[i];
    bool other = i == 0 || t.line != block.threads[i - 1].line || t.waits != block.threads[i - 1].waits;
    if (t.waits == Meeting::none || !other) continue;
    report += text(" %s at the %s of line %d;", threadName(i).c_str(), t.waits == Meeting::block ? "barrier" : "warp barrier", t.line);
    shown++;
  }
  if (returned >= 0) report += text(" %s has returned", threadName(returned).c_str());
  return "divergent barrier: " + report;
}

void clear(const Launch& launch, unsigned linear) {
  block.launch = &launch;
  block.index = {linear % launch.grid.x, linear / launch.grid.x % launch.grid.y, linear / launch.grid.x / launch.grid.y};
  unsigned n = launch.block.x * launch.block.y * launch.block.z;
  block.threads.assign(n, Thread());
  for (unsigned i = 0; i < n; i++)
    block.threads[i].index = {i % launch.block.x, i / launch.block.x % launch.block.y, i / launch.block.x / launch.block.y};
  block.ready = order(int(n));
  block.waiting = 0;
  block.failed = false;
  shadowBlock(launch);
}

void abandon() {
  for (Thread& t : block.threads)
    if (t.place >= 0) giveStack(t.place);
}

int runBlock(const Launch& launch, unsigned linear) {
  clear(launch, linear);
  faultCode = 0;
  while (!block.ready.empty() && faultCode == 0) resume(next());
  if (faultCode == 0 && block.waiting > 0)
    faultCode = fault(launch.work->context, CUDA_ERROR_LAUNCH_FAILED, "kernel " + launch.kernel + text(", block (%u,%u,%u): ", block.index.x, block.index.y, block.index.z) + standstill());
  abandon();
  return faultCode;
}

}  // namespace

int runGrid(const Launch& launch) {
  uint64_t blocks = uint64_t(launch.grid.x) * launch.grid.y * launch.grid.z;
  randomOrder.seed(settings.seed);
  sharedLaunch();
  if (settings.order == Order::shuffled) {
    for (int linear : order(int(blocks)))
      if (int code = runBlock(launch, unsigned(linear))) return code;
    return 0;
  }
  for (uint64_t i = 0; i < blocks; i++) {
    uint64_t linear = settings.order == Order::reversed ? blocks - 1 - i : i;
    if (int code = runBlock(launch, unsigned(linear))) return code;
  }
  return 0;
}

void pause() {
  Thread& t = block.threads[block.running];
  emulatorSwitch(&t.stack, scheduler);
}

void wake(const std::vector<int>& threads) {
  for (int i : order(int(threads.size()))) {
    block.threads[threads[i]].waits = Meeting::none;
    block.ready.push_back(threads[i]);
  }
}

std::string threadName(int thread) {
  Dim d = block.threads[thread].index;
  return text("thread (%u,%u,%u)", d.x, d.y, d.z);
}

void stop(int code, const std::string& report) {
  Dim b = block.index;
  std::string where = "kernel " + block.launch->kernel + text(", block (%u,%u,%u), ", b.x, b.y, b.z) + threadName(block.running);
  faultCode = fault(block.launch->work->context, code, where + ": " + report);
  pause();
  abort();  // never resumed
}

}  // namespace emu
