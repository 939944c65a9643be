// The table of a module's kernels: for each a function that unpacks the launch's arguments by
// the kernel's own type, so that no parameter list needs to be parsed.
#pragma once

template <class... A>
struct EmulatorCall {
  static constexpr int count = sizeof...(A);
  static constexpr unsigned sizes[count + 1] = {sizeof(A)..., 0};
  template <unsigned... I>
  struct Places {};
  template <unsigned N, unsigned... I>
  struct Counted : Counted<N - 1, N - 1, I...> {};
  template <unsigned... I>
  struct Counted<0, I...> { using type = Places<I...>; };
  template <unsigned... I>
  __attribute__((no_sanitize("thread", "alignment"), noipa)) static void spread(void (*f)(A...), void** a, Places<I...>) { f(*static_cast<A*>(a[I])...); }
  static void call(void* f, void** a) { spread(reinterpret_cast<void (*)(A...)>(f), a, typename Counted<sizeof...(A)>::type()); }
};

template <class... A>
static constexpr EmulatorCall<A...> emulatorCallOf(void (*)(A...)) { return {}; }

struct EmulatorEntry {
  const char* name;
  void (*call)(void*, void**);
  void* function;
  int arguments;
  const unsigned* sizes;
  int mostThreads;
};

#define EMULATOR_EXPORT extern "C" __attribute__((visibility("default")))
#define EMULATOR_TABLE_BEGIN                                                     \
  EMULATOR_EXPORT const EmulatorEntry emulatorEntries[] = {
#define EMULATOR_ENTRY(kernel, threads) \
  {#kernel, decltype(emulatorCallOf(kernel))::call, (void*)kernel, decltype(emulatorCallOf(kernel))::count, decltype(emulatorCallOf(kernel))::sizes, (threads)},
#define EMULATOR_TABLE_END {nullptr, nullptr, nullptr, 0, nullptr, 0}};
