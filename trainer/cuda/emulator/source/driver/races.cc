#include "races.h"

#include <algorithm>
#include <cstring>

#include "block.h"

namespace emu {

Moment moment;

namespace {

struct Done {
  uint32_t first, last;  // its intervals; last 0: it is the newest
  WorkPtr work;
};

// Release is what a block's fence and atomic operation let others see.
struct Release { uint32_t first, upTo; };

std::vector<Done> past;  // that some later work may not be ordered after
std::vector<Release> releases;
std::vector<uint32_t> fenced;              // by thread: the interval of its last fence
uint16_t ticks[32];                        // of each warp
uint16_t seen[1024][32];                   // what is before this tick of a lane is before the thread
WorkPtr running;

uint64_t stampOf(int thread) {
  return uint64_t(moment.interval) << 32 | uint64_t(thread) << 22 | uint64_t(ticks[thread / 32]) << 6;
}

const Done& workOf(uint32_t interval) {
  auto after = [](uint32_t i, const Done& d) { return i < d.first; };
  return *(std::upper_bound(past.begin(), past.end(), interval, after) - 1);
}

bool released(uint32_t interval) {
  if (!moment.acquired) return false;
  auto after = [](uint32_t i, const Release& r) { return i < r.first; };
  auto it = std::upper_bound(releases.begin(), releases.end(), interval, after);
  return it != releases.begin() && interval <= (it - 1)->upTo;
}

// inOrder says of accesses with no barrier of the block in between that barriers of the warp, or
// that one thread made them, put them before what now runs.
bool inOrder(uint64_t stamp) {
  int own = block.running, other = threadOf(stamp);
  if (!(stamp & several)) return other == own || (other / 32 == own / 32 && seen[own][other % 32] > tickOf(stamp));
  bool before = !(stamp & severalWarps) && other / 32 == own / 32;
  for (int lane = 0; lane < 32 && before; lane++) before = lane == own % 32 || seen[own][lane] > tickOf(stamp);
  return before;
}

bool sameInterval(uint64_t stamp, std::string* what) {
  if (inOrder(stamp)) return false;
  *what = (stamp & several ? "several threads" : threadName(threadOf(stamp))) + std::string(" of the block, with no barrier in between");
  return true;
}

bool older(uint64_t stamp, std::string* what) {
  uint32_t interval = intervalOf(stamp);
  if (interval >= moment.blockFirst) return false;
  if (interval >= moment.workFirst) return released(interval) ? false : (*what = "another block of the launch", true);
  if (past.empty() || interval < past.front().first) return false;
  const Done& d = workOf(interval);
  if (d.last && interval > d.last) return false;  // of work that was forgotten
  return ordered(*d.work, *running) ? false : (*what = d.work->what + ", which no stream or event puts before it", true);
}

// forget drops what every work still to come is ordered after.
void forget() {
  if (past.size() < 256) return;
  past.erase(std::remove_if(past.begin(), past.end(), [](const Done& d) { return behindAll(*d.work); }), past.end());
}

}  // namespace

bool races(uint64_t stamp, bool atomic, bool shared, std::string* what) {
  uint32_t interval = intervalOf(stamp);
  if (interval < (shared ? moment.blockFirst : moment.floor)) return false;
  if (atomic && stamp & atomicFlag) return false;
  if (!shared && stamp & otherBlocks && interval >= moment.workFirst && !moment.acquired) return *what = "another block of the launch", true;
  if (interval == moment.interval) return moment.kernel && sameInterval(stamp, what);
  return older(stamp, what);
}

uint64_t reading(uint64_t old) {
  uint64_t now = moment.stamp, interval = intervalOf(old);
  if (interval < moment.workFirst) return now;
  if (interval < moment.blockFirst) return now | otherBlocks;
  now |= old & otherBlocks;
  if (interval != moment.interval) return now;
  int other = threadOf(old), own = threadOf(now);
  if (other == own && !(old & several)) return now;
  if (moment.kernel && inOrder(old)) return now;  // whoever comes after this read comes after those
  now |= several | (old & severalWarps);
  if (other / 32 != own / 32) now |= severalWarps;
  if (tickOf(old) > tickOf(now)) now = (now & ~(0xffffull << 6)) | (old & (0xffffull << 6));
  return now;
}

void racesBegin(const WorkPtr& work) {
  if (!past.empty() && !past.back().last) past.back().last = moment.interval;
  forget();
  running = work;
  moment.workFirst = moment.blockFirst = moment.floor = ++moment.interval;
  moment.acquired = moment.kernel = false;
  moment.stamp = uint64_t(moment.interval) << 32;
  releases.clear();
  for (const Done& d : past)
    if (!ordered(*d.work, *work)) {
      moment.floor = d.first;
      break;
    }
  past.push_back({moment.interval, 0, work});
}

void racesBlock() {
  moment.blockFirst = ++moment.interval;
  moment.kernel = true;
  moment.acquired = false;
  fenced.assign(block.threads.size(), 0);
  for (auto& tick : ticks) tick = 1;
  memset(seen, 0, block.threads.size() * sizeof *seen);
}

void racesBarrier() { moment.interval++; }

void racesWarp(const std::vector<int>& threads) {
  int warp = threads.front() / 32;
  uint16_t joined[32] = {}, tick = ++ticks[warp];
  for (int t : threads)
    for (int lane = 0; lane < 32; lane++) joined[lane] = std::max(joined[lane], seen[t][lane]);
  for (int t : threads) joined[t % 32] = tick;
  for (int lane = 0; lane < 32; lane++) {
    size_t t = size_t(warp) * 32 + size_t(lane);
    if (t >= block.threads.size() || block.threads[t].done) joined[lane] = tick;
  }
  for (int t : threads) memcpy(seen[t], joined, sizeof joined);
}

void racesThread(int thread) { moment.stamp = stampOf(thread); }

void racesFence() {
  if (block.running >= 0) fenced[size_t(block.running)] = moment.interval;
}

void racesAtomic() {
  moment.acquired = true;
  uint32_t upTo = fenced[size_t(block.running)];
  if (upTo == 0) return;
  if (releases.empty() || releases.back().first != moment.blockFirst) releases.push_back({moment.blockFirst, 0});
  releases.back().upTo = upTo;
}

}  // namespace emu
