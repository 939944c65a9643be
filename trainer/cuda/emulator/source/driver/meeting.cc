// Where threads wait for each other: barriers, shuffles and votes.
#include <algorithm>

#include "block.h"
#include "module.h"
#include "shadow.h"

namespace emu {

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
