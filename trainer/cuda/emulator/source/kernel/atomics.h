// Atomics: a thread is never interrupted between two of its accesses, so plain ones will do;
// the checks are told that they are atomic.
#pragma once

template <class T, class F>
static inline T emulatorModify(T* p, F f) {
  EmulatorWord bits = emulatorAtomicLoad(p, int(sizeof(T)));
  T old, next;
  __builtin_memcpy(&old, &bits, sizeof old);
  next = f(old);
  __builtin_memcpy(&bits, &next, sizeof next);
  emulatorAtomicStore(p, bits, int(sizeof(T)));
  return old;
}

#define EMULATOR_ATOMICS(T)                                                                                  \
  static inline T atomicAdd(T* p, T v) { return emulatorModify(p, [v](T o) { return (T)(o + v); }); }         \
  static inline T atomicExch(T* p, T v) { return emulatorModify(p, [v](T) { return v; }); }

#define EMULATOR_INTEGER_ATOMICS(T)                                                                          \
  static inline T atomicSub(T* p, T v) { return emulatorModify(p, [v](T o) { return (T)(o - v); }); }         \
  static inline T atomicMin(T* p, T v) { return emulatorModify(p, [v](T o) { return o < v ? o : v; }); }    \
  static inline T atomicMax(T* p, T v) { return emulatorModify(p, [v](T o) { return o > v ? o : v; }); }    \
  static inline T atomicAnd(T* p, T v) { return emulatorModify(p, [v](T o) { return (T)(o & v); }); }         \
  static inline T atomicOr(T* p, T v) { return emulatorModify(p, [v](T o) { return (T)(o | v); }); }          \
  static inline T atomicXor(T* p, T v) { return emulatorModify(p, [v](T o) { return (T)(o ^ v); }); }         \
  static inline T atomicCAS(T* p, T c, T v) { return emulatorModify(p, [c, v](T o) { return o == c ? v : o; }); }

EMULATOR_ATOMICS(int)
EMULATOR_ATOMICS(unsigned)
EMULATOR_ATOMICS(unsigned long long)
EMULATOR_ATOMICS(float)
EMULATOR_ATOMICS(double)
EMULATOR_INTEGER_ATOMICS(int)
EMULATOR_INTEGER_ATOMICS(unsigned)
EMULATOR_INTEGER_ATOMICS(unsigned long long)
static inline unsigned atomicInc(unsigned* p, unsigned most) { return emulatorModify(p, [most](unsigned o) { return o >= most ? 0u : o + 1; }); }
