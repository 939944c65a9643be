// What the access checks know of each byte of device and shared memory: whether it was ever
// written, who read and wrote it last, and what was synchronized since.
#pragma once
#include "block.h"
#include "memory.h"

namespace emu {

void shadowAllocate(Allocation* a);
void shadowFree(Allocation* a);

// shadowBegin starts a piece of work, shadowBlock a block of a kernel.
void shadowBegin(const WorkPtr& work);
void shadowBlock(const Launch& launch);
// shadowMet orders what these threads did before a barrier before what they do after it.
void shadowMet(int kind, const std::vector<int>& threads);

// Accesses by copies, fills and library routines: 0 or the code of a fault.
int shadowReadRange(Context* c, uint64_t address, size_t bytes, const std::string& what);
int shadowWriteRange(Context* c, uint64_t address, size_t bytes, const std::string& what);
int shadowCopy(Context* c, uint64_t to, uint64_t from, size_t bytes, const std::string& what);

}  // namespace emu
