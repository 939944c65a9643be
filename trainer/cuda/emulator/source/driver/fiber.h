// Fibers: stacks, and the switch between them.
#pragma once

namespace emu {

// switchTo saves the caller's registers on its stack, the stack pointer in *from, and goes on
// with the fiber whose stack pointer is to.
extern "C" void emulatorSwitch(void** from, void* to);

// prepare gives the stack pointer of a fiber that will begin with entry.
void* prepare(int place, void (*entry)());
int takeStack();
void giveStack(int place);
bool onStack(const void* address);

}  // namespace emu
