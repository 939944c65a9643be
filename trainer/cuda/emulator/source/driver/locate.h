// Source lines of compiled kernels.
#pragma once
#include <string>

namespace emu {

// sourceLine gives "norm.cu:41" for the call that returns to pc.
std::string sourceLine(void* pc);

}  // namespace emu
