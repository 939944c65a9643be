// The types that headers of CUDA take from one another, for a compiler that reads none of CUDA's
// C++, and a function's letters (headers.go).
#pragma once
#include <type_traits>

#define __CUDA_FP16_H__
#define __CUDA_BF16_H__
#define __CUDA_RUNTIME_H__
struct __half {};
struct __half2 {};
struct __nv_bfloat16 {};
struct __nv_bfloat162 {};
#if __has_include(<driver_types.h>)
#include <driver_types.h>
#endif

template <class T>
constexpr char letter() {
  if (std::is_void_v<T>) return 'v';
  if (std::is_pointer_v<T>) return 'p';
  if (std::is_floating_point_v<T>) return 'f';
  return std::is_class_v<T> ? 'S' : char('0' + sizeof(T));
}
template <>
constexpr char letter<void>() { return 'v'; }

template <class F>
struct letters;
template <class R, class... A>
struct letters<R (*)(A...)> {
  static constexpr bool are(const char* want) {
    const char have[] = {letter<R>(), letter<A>()..., 0};
    int i = 0;
    while (have[i] != 0 && have[i] == want[i]) i++;
    return have[i] == want[i];
  }
};
