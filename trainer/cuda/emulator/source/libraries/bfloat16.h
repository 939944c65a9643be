// bfloat16 numbers as their 16 bits.
#pragma once
#include <cstdint>
#include <cstring>

namespace emu {

inline float fromBFloat16(uint16_t v) {
  uint32_t bits = uint32_t(v) << 16;
  float f;
  memcpy(&f, &bits, 4);
  return f;
}

// toBFloat16 rounds to nearest, ties to even; what is not a number stays so.
inline uint16_t toBFloat16(float f) {
  uint32_t bits;
  memcpy(&bits, &f, 4);
  if ((bits & 0x7fffffff) > 0x7f800000) return 0x7fff;
  return uint16_t((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

}  // namespace emu
