// Copies and fills.
#pragma once
#include "stream.h"

namespace emu {

enum class Place { host, device, either };

// copyWork makes the work of copying bytes. Its ranges are looked at when it runs.
WorkPtr copyWork(Context* c, uint64_t to, Place toPlace, uint64_t from, Place fromPlace, size_t bytes);
// fillWork makes the work of filling count elements of width bytes each.
WorkPtr fillWork(Context* c, uint64_t to, unsigned value, int width, size_t count);

}  // namespace emu
