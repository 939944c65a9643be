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

void pause() {
  Thread& t = block.threads[block.running];
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

// wake makes threads ready to go on, in the order that is set.
void wake(const std::vector<int>& threads) {
  for (int i : order(int(threads.size()))) {
    block.threads[threads[i]].waits = Meeting::none;
    block.ready.push_back(threads[i]);
  }
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

namespace {

// gather gives the threads that take part in a meeting if all of them are there, else nothing.
std::vector<int> gather(int index) {
  Thread& t = block.threads[index];
  std::vector<int> all;
  bool whole = t.waits == Meeting::block;
  if (whole && block.waiting < int(block.threads.size())) return {};
  int first = whole ? 0 : index / 32 * 32, n = int(block.threads.size());
  int last = whole ? n : std::min(n, first + 32);
  for (int i = first; i < last; i++) {
    if (!whole && !(t.mask >> (i - first) & 1)) continue;
    Thread& other = block.threads[i];
    if (other.done && !whole) continue;
    if (other.done || other.waits != t.waits) return {};
    all.push_back(i);
  }
  return all;
}

// agree stops the kernel if threads met at different barriers.
void agree(const std::vector<int>& threads) {
  Thread& own = block.threads[block.running];
  for (int i : threads) {
    Thread& t = block.threads[i];
    if (t.kind == own.kind && t.line == own.line && t.mask == own.mask) continue;
    stop(CUDA_ERROR_LAUNCH_FAILED, text("divergent barrier: waits at line %d (lanes %08x), %s at line %d (lanes %08x)", own.line, own.mask, threadName(i).c_str(), t.line, t.mask));
  }
}

uint64_t reduced(const std::vector<int>& threads, int kind) {
  uint64_t count = 0;
  for (int i : threads) count += block.threads[i].value != 0;
  if (kind == countThreads) return count;
  if (kind == andThreads) return count == threads.size();
  return count > 0;
}

uint64_t ballots(const std::vector<int>& threads) {
  uint64_t bits = 0;
  for (int i : threads) bits |= uint64_t(block.threads[i].value != 0) << (i % 32);
  return bits;
}

uint64_t matches(const std::vector<int>& threads, uint64_t value) {
  uint64_t bits = 0;
  for (int i : threads) bits |= uint64_t(block.threads[i].value == value) << (i % 32);
  return bits;
}

// sourceLane gives the lane that a shuffle reads, by the rules of PTX's shfl.sync.
int sourceLane(const Thread& t, int lane) {
  int low = lane / t.width * t.width, high = low + t.width - 1, from = lane;
  if (t.kind == shuffle) from = low + (t.argument & (t.width - 1));
  if (t.kind == shuffleUp) from = lane - t.argument < low ? lane : lane - t.argument;
  if (t.kind == shuffleDown) from = lane + t.argument > high ? lane : lane + t.argument;
  if (t.kind == shuffleXor) from = (lane ^ t.argument) > high ? lane : lane ^ t.argument;
  return from;
}

uint64_t shuffled(const std::vector<int>& threads, int index) {
  Thread& t = block.threads[index];
  int source = index / 32 * 32 + sourceLane(t, index % 32);
  if (std::binary_search(threads.begin(), threads.end(), source)) return block.threads[source].value;
  if (settings.checks) stop(CUDA_ERROR_LAUNCH_FAILED, text("shuffle of line %d reads lane %d, which does not take part", t.line, source % 32));
  return t.value;
}

uint64_t outcome(const std::vector<int>& threads, int index) {
  Thread& t = block.threads[index];
  if (t.kind <= orThreads) return t.kind == syncThreads ? 0 : reduced(threads, t.kind);
  if (t.kind == ballot) return ballots(threads);
  if (t.kind == matchAny) return matches(threads, t.value);
  return t.kind == syncWarp ? 0 : shuffled(threads, index);
}

}  // namespace

namespace {

bool skipped(Kind kind, int line) {
  return (kind == syncThreads || kind == syncWarp) && settings.skip == block.launch->module->name + text(":%d", line);
}

}  // namespace

uint64_t meet(Kind kind, unsigned mask, uint64_t value, int argument, int width, int line) {
  if (!settings.skip.empty() && skipped(kind, line)) return 0;
  int index = block.running;
  Thread& t = block.threads[index];
  t.waits = kind <= orThreads ? Meeting::block : Meeting::warp;
  t.kind = kind, t.mask = mask, t.value = value, t.argument = argument, t.width = width, t.line = line;
  if (t.waits == Meeting::warp && !(mask >> (index % 32) & 1))
    stop(CUDA_ERROR_ILLEGAL_INSTRUCTION, text("line %d: the lane is not in its own mask %08x", line, mask));
  block.waiting++;
  std::vector<int> threads = gather(index);
  if (!threads.empty()) {
    agree(threads);
    for (int i : threads) block.threads[i].result = outcome(threads, i);
    shadowMet(kind, threads);
    block.waiting -= int(threads.size());
    wake(threads);
  }
  pause();
  return block.threads[index].result;
}

}  // namespace emu
