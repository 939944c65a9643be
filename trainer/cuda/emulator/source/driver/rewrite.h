// CUDA C into C++: the few things that macros cannot do.
#pragma once
#include <string>

namespace emu {

// rewritten turns preprocessed CUDA C into what g++ compiles after kernel/cuda.h: declarations
// of shared memory become pointers and references to the running block's, and a table of the
// extern "C" kernels is appended.
// Lines stay where they were. An error text comes back in *error.
std::string rewritten(const std::string& cuda, std::string* error);

}  // namespace emu
