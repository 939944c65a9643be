// Keywords and built-in variables.
#pragma once

using size_t = decltype(sizeof 0);
using EmulatorWord = unsigned long long;

#define __global__
#define __device__ static __attribute__((unused))
#define __host__
#define __constant__ static __attribute__((unused))
#define __forceinline__ inline
#define __noinline__ __attribute__((noinline))
#define __launch_bounds__(...)
#define __restrict__ __restrict
#define __align__(n) __attribute__((aligned(n)))
#define __grid_constant__

extern "C" {
extern unsigned char emulatorDynamic[];
void* emulatorShared(const void* key, size_t bytes, size_t alignment);
#define EMULATOR_CONST __attribute__((const))
unsigned emulatorThreadX() EMULATOR_CONST, emulatorThreadY() EMULATOR_CONST, emulatorThreadZ() EMULATOR_CONST;
unsigned emulatorBlockX() EMULATOR_CONST, emulatorBlockY() EMULATOR_CONST, emulatorBlockZ() EMULATOR_CONST;
unsigned emulatorBlockDimX() EMULATOR_CONST, emulatorBlockDimY() EMULATOR_CONST, emulatorBlockDimZ() EMULATOR_CONST;
unsigned emulatorGridDimX() EMULATOR_CONST, emulatorGridDimY() EMULATOR_CONST, emulatorGridDimZ() EMULATOR_CONST;
unsigned emulatorLane() EMULATOR_CONST;
unsigned emulatorActive();
EmulatorWord emulatorMeet(int kind, unsigned mask, EmulatorWord value, int argument, int width, int line);
[[noreturn]] void emulatorTrap(const char* what, int line);
void emulatorFence();
EmulatorWord emulatorAtomicLoad(const void* address, int bytes);
void emulatorAtomicStore(void* address, EmulatorWord bits, int bytes);
}

struct EmulatorIndex { unsigned x, y, z; };
static inline EmulatorIndex emulatorThreadIndex() { return {emulatorThreadX(), emulatorThreadY(), emulatorThreadZ()}; }
static inline EmulatorIndex emulatorBlockIndex() { return {emulatorBlockX(), emulatorBlockY(), emulatorBlockZ()}; }
static inline EmulatorIndex emulatorBlockDim() { return {emulatorBlockDimX(), emulatorBlockDimY(), emulatorBlockDimZ()}; }
static inline EmulatorIndex emulatorGridDim() { return {emulatorGridDimX(), emulatorGridDimY(), emulatorGridDimZ()}; }
#define threadIdx emulatorThreadIndex()
#define blockIdx emulatorBlockIndex()
#define blockDim emulatorBlockDim()
#define gridDim emulatorGridDim()
#define warpSize 32

#define assert(condition) ((condition) ? (void)0 : emulatorTrap("assertion " #condition, __LINE__))
static inline void __trap(int line = __builtin_LINE()) { emulatorTrap("__trap", line); }
