#include "locate.h"

#include <dlfcn.h>

#include <cstring>
#include <sstream>

#include "compile.h"
#include "world.h"

namespace emu {

namespace {

// outermost takes the first of addr2line's inlined places that is not of the emulation's headers.
std::string firstOwn(const std::string& places) {
  std::istringstream lines(places);
  std::string line, last;
  while (std::getline(lines, line)) {
    last = line.substr(0, line.find(" ("));
    if (line.compare(0, strlen(EMULATOR_FOLDER), EMULATOR_FOLDER) != 0) break;
  }
  size_t slash = last.rfind('/');
  return slash == std::string::npos ? last : last.substr(slash + 1);
}

}  // namespace

std::string sourceLine(void* pc) {
  Dl_info info;
  if (!dladdr(pc, &info)) return "unknown line";
  auto offset = (unsigned long long)(uint64_t(pc) - 1 - uint64_t(info.dli_fbase));
  std::string output, address = text("0x%llx", offset);
  if (run({"addr2line", "-i", "-e", info.dli_fname, address}, &output) != 0) return "offset " + address;
  return firstOwn(output);
}

}  // namespace emu
