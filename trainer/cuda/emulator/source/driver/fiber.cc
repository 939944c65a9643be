#include "fiber.h"

#include <sys/mman.h>

#include <cstdint>
#include <vector>

asm(R"(
.text
.hidden emulatorSwitch
.globl emulatorSwitch
.type emulatorSwitch,@function
emulatorSwitch:
  pushq %rbp
  pushq %rbx
  pushq %r12
  pushq %r13
  pushq %r14
  pushq %r15
  movq %rsp, (%rdi)
  movq %rsi, %rsp
  popq %r15
  popq %r14
  popq %r13
  popq %r12
  popq %rbx
  popq %rbp
  ret
.size emulatorSwitch,.-emulatorSwitch
)");

namespace emu {

namespace {

constexpr uint64_t stackBytes = 128 << 10, guardBytes = 4096;
constexpr int stacks = 1024;

struct Pool {
  char* base;
  std::vector<int> free;
  Pool() {
    void* p = mmap(nullptr, stacks * stackBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    base = static_cast<char*>(p);
    for (int i = stacks - 1; i >= 0; i--) {
      mprotect(base + uint64_t(i) * stackBytes, guardBytes, PROT_NONE);
      free.push_back(i);
    }
  }
};

Pool& pool() {
  static Pool p;
  return p;
}

}  // namespace

int takeStack() {
  int place = pool().free.back();
  pool().free.pop_back();
  return place;
}

void giveStack(int place) { pool().free.push_back(place); }

bool onStack(const void* address) {
  return uint64_t(address) - uint64_t(pool().base) < stacks * stackBytes;
}

void* prepare(int place, void (*entry)()) {
  auto* top = reinterpret_cast<uint64_t*>(pool().base + uint64_t(place + 1) * stackBytes);
  *--top = 0;                // where entry would return to, as if it had been called
  *--top = uint64_t(entry);  // popped by ret
  for (int i = 0; i < 6; i++) *--top = 0;
  return top;
}

}  // namespace emu
