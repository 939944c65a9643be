// Shared memory and its shadow, which begin anew with each block.
#pragma once
#include "block.h"
#include "pages.h"

namespace emu {

void sharedLaunch();  // the variables of the launch before are no more
void sharedBlock(const Launch& launch);

// sharedPage finds the page and offset of an address in the running block's shared memory.
Page* sharedPage(uint64_t address, uint32_t* offset);
// sharedName describes such an address: for reports.
std::string sharedName(uint64_t address);

}  // namespace emu
