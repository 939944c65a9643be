// Barriers, shuffles and votes. The numbers are those of driver/block.h. A place in the source
// is known by its line: threads that wait at different lines have diverged.
#pragma once

#define EMULATOR_HERE int line = __builtin_LINE()

static inline void __syncthreads(EMULATOR_HERE) { emulatorMeet(0, 0, 0, 0, 32, line); }
static inline int __syncthreads_count(int p, EMULATOR_HERE) { return int(emulatorMeet(1, 0, p != 0, 0, 32, line)); }
static inline int __syncthreads_and(int p, EMULATOR_HERE) { return int(emulatorMeet(2, 0, p != 0, 0, 32, line)); }
static inline int __syncthreads_or(int p, EMULATOR_HERE) { return int(emulatorMeet(3, 0, p != 0, 0, 32, line)); }
static inline void __syncwarp(unsigned mask = 0xffffffffu, EMULATOR_HERE) { emulatorMeet(4, mask, 0, 0, 32, line); }

template <class T>
static inline T emulatorShuffle(int kind, unsigned mask, T value, int argument, int width, int line) {
  static_assert(sizeof(T) == 4 || sizeof(T) == 8, "shuffles take 4 or 8 bytes");
  EmulatorWord bits = 0;
  __builtin_memcpy(&bits, &value, sizeof value);
  bits = emulatorMeet(kind, mask, bits, argument, width, line);
  __builtin_memcpy(&value, &bits, sizeof value);
  return value;
}

template <class T> static inline T __shfl_sync(unsigned mask, T v, int lane, int width = 32, EMULATOR_HERE) { return emulatorShuffle(5, mask, v, lane, width, line); }
template <class T> static inline T __shfl_up_sync(unsigned mask, T v, unsigned by, int width = 32, EMULATOR_HERE) { return emulatorShuffle(6, mask, v, int(by), width, line); }
template <class T> static inline T __shfl_down_sync(unsigned mask, T v, unsigned by, int width = 32, EMULATOR_HERE) { return emulatorShuffle(7, mask, v, int(by), width, line); }
template <class T> static inline T __shfl_xor_sync(unsigned mask, T v, int bits, int width = 32, EMULATOR_HERE) { return emulatorShuffle(8, mask, v, bits, width, line); }

static inline unsigned __ballot_sync(unsigned mask, int p, EMULATOR_HERE) { return unsigned(emulatorMeet(9, mask, p != 0, 0, 32, line)); }
static inline int __any_sync(unsigned mask, int p, EMULATOR_HERE) { return __ballot_sync(mask, p, line) != 0; }
static inline int __all_sync(unsigned mask, int p, EMULATOR_HERE) { return __ballot_sync(mask, !p, line) == 0; }
template <class T> static inline unsigned __match_any_sync(unsigned mask, T v, EMULATOR_HERE) { return unsigned(emulatorMeet(10, mask, (EmulatorWord)v, 0, 32, line)); }
static inline unsigned __activemask() { return emulatorActive(); }

template <class F>
static inline unsigned emulatorReduce(unsigned mask, unsigned v, F f, int line) {
  unsigned result = v;
  for (int lane = 0, first = 1; lane < 32; lane++) {
    if (!(mask >> lane & 1)) continue;
    unsigned other = unsigned(emulatorMeet(5, mask, v, lane, 32, line));
    result = first ? other : f(result, other);
    first = 0;
  }
  return result;
}
static inline unsigned __reduce_add_sync(unsigned m, unsigned v, EMULATOR_HERE) { return emulatorReduce(m, v, [](unsigned a, unsigned b) { return a + b; }, line); }
static inline int __reduce_add_sync(unsigned m, int v, EMULATOR_HERE) { return int(emulatorReduce(m, unsigned(v), [](unsigned a, unsigned b) { return a + b; }, line)); }
static inline unsigned __reduce_max_sync(unsigned m, unsigned v, EMULATOR_HERE) { return emulatorReduce(m, v, [](unsigned a, unsigned b) { return a > b ? a : b; }, line); }
static inline unsigned __reduce_min_sync(unsigned m, unsigned v, EMULATOR_HERE) { return emulatorReduce(m, v, [](unsigned a, unsigned b) { return a < b ? a : b; }, line); }

static inline void __threadfence() { emulatorFence(); }
static inline void __threadfence_block() {}
static inline void __threadfence_system() { emulatorFence(); }
static inline void __nanosleep(unsigned) {}
