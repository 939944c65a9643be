#include "shadow.h"

namespace emu {
void shadowAllocate(Allocation*) {}
void shadowFree(Allocation*) {}
void shadowBegin(const WorkPtr&) {}
void shadowBlock(const Launch&) {}
void shadowMet(int, const std::vector<int>&) {}
int shadowReadRange(Context*, uint64_t, size_t, const std::string&) { return 0; }
int shadowWriteRange(Context*, uint64_t, size_t, const std::string&) { return 0; }
int shadowCopy(Context*, uint64_t, uint64_t, size_t, const std::string&) { return 0; }
}  // namespace emu
