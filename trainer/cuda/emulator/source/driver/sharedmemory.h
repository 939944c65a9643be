// The shadow of shared memory, which begins anew with each block.
#pragma once
#include "block.h"
#include "pages.h"

namespace emu {

struct Module;

void sharedBlock(const Launch& launch);
// sharedForget is told that a module goes.
void sharedForget(const Module* m);

// sharedPage finds the page and offset of an address in the running block's shared memory.
Page* sharedPage(uint64_t address, uint32_t* offset);
// sharedName describes such an address: for reports.
std::string sharedName(uint64_t address);

}  // namespace emu
