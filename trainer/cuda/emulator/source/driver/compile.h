// CUDA C compiled by g++ into shared libraries, which are kept by content.
#pragma once
#include <string>
#include <vector>

namespace emu {

struct Program {
  std::string name, source;
  std::vector<std::string> defines;  // NAME or NAME=VALUE
  int architecture = 0;              // 90 for sm_90
  bool fastMath = false;
};

// image packs a program into what stands for a cubin: its text with a checksum, so that it can
// be loaded with and without access checks.
std::string image(const Program& p);
// unpack reads an image; false if it is not whole.
bool unpack(const std::string& image, Program* out);

// compile gives the path of the compiled library, or an empty one with the compiler's words.
std::string compile(const Program& p, bool instrumented, std::string* log);

uint64_t hash(const std::string& text);

// run starts a program, waits for it and gives its exit status and all that it wrote.
int run(const std::vector<std::string>& arguments, std::string* output);

}  // namespace emu
