// CUDA C's vocabulary for g++, without any header of the system: what NVRTC does not know
// without headers (uint32_t, printf, ...) is unknown here too.
#pragma once
#include "words.h"
#include "types.h"
#include "warp.h"
#include "math.h"
#include "atomics.h"
#include "entry.h"
