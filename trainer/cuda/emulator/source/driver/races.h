// Who accessed a granule last, and whether that is sure to come before what happens now.
//
// Time is counted in intervals: one begins with each piece of work, each block and each barrier
// of a block. A stamp holds the interval, the thread, and the tick of its warp; a warp ticks at
// each __syncwarp. Shuffles and votes exchange values but order no memory (CUDA C Programming
// Guide, warp shuffle functions), so they do not tick.
//
// Two accesses race if one of them writes, not both are atomic, and neither barrier, kernel
// order, stream order nor event puts one before the other. Blocks of a launch run in any order;
// one may read what another wrote only after a fence and an atomic operation on each side (the
// "last block" pattern).
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "pages.h"
#include "stream.h"

namespace emu {

enum Flag : uint64_t { atomicFlag = 1, several = 2, severalWarps = 4, otherBlocks = 8 };

struct Moment {
  uint32_t interval = 1;
  uint32_t blockFirst = 1, workFirst = 1;  // intervals in which the running ones began
  uint32_t floor = 1;                      // what is older than this is sure to come before
  uint64_t stamp = 0;                      // of the running thread, without flags
  bool kernel = false;                     // a kernel's block runs, no copy
  bool acquired = false;                   // the block has done an atomic operation
};
extern Moment moment;

inline uint32_t intervalOf(uint64_t stamp) { return uint32_t(stamp >> 32); }
inline int threadOf(uint64_t stamp) { return int(stamp >> 22 & 1023); }
inline unsigned tickOf(uint64_t stamp) { return unsigned(stamp >> 6 & 0xffff); }

// races says whether an access now races with the one that left a stamp. what describes the
// earlier one if it does.
bool races(uint64_t stamp, bool atomic, bool shared, std::string* what);

// reading gives the stamp that a cell's readers leave.
uint64_t reading(uint64_t old);

void racesBegin(const WorkPtr& work);
void racesBlock();
void racesBarrier();
void racesWarp(const std::vector<int>& threads);
void racesThread(int thread);  // another thread goes on
void racesFence();
void racesAtomic();

}  // namespace emu
