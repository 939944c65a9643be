// NVRTC: checks what it is given as NVRTC does, and lets g++ say what is wrong with the text.
#include <cstring>

#include "../driver/compile.h"
#include "../driver/world.h"

using namespace emu;

namespace {

enum { accepted, outOfMemory, creationFailure, invalidInput, invalidProgram, invalidOption, compilation };

struct Compilation : Object {
  Program program;
  std::string log, image;
  Compilation() : Object("NVRTC program", nullptr) {}
};

// value takes the value of an option given as "--name=value" or as two words.
bool value(const std::string& option, const char* name, int* i, int n, const char* const* options, std::string* out) {
  size_t length = strlen(name);
  if (option.compare(0, length, name) != 0) return false;
  if (option.size() > length && option[length] == '=') return *out = option.substr(length + 1), true;
  if (option.size() > length || *i + 1 >= n) return false;
  return *out = options[++*i], true;
}

bool harmless(const std::string& option) {
  for (const char* known : {"--std=", "-std=", "--fmad=", "-fmad=", "--ftz=", "-ftz=", "--prec-div=", "-prec-div=", "--prec-sqrt=", "-prec-sqrt=", "--maxrregcount=", "-maxrregcount=", "--ptxas-options=", "--extra-device-vectorization", "--generate-line-info", "-lineinfo", "--device-debug", "-G", "--restrict", "-restrict", "--default-device", "-default-device", "--disable-warnings", "-w", "--include-path=", "-I", "--diag-suppress=", "-diag-suppress=", "--dopt=", "-dopt=", "--Wno-", "--minimal", "-minimal"})
    if (option.compare(0, strlen(known), known) == 0) return true;
  return false;
}

int readArchitecture(Program* p, const std::string& text) {
  int number = 0;
  if (sscanf(text.c_str(), "sm_%d", &number) != 1 && sscanf(text.c_str(), "compute_%d", &number) != 1) return invalidOption;
  p->architecture = number;
  return number >= 75 && number <= 121 ? accepted : invalidOption;
}

int readOptions(Program* p, int n, const char* const* options) {
  p->architecture = 75;
  for (int i = 0; i < n; i++) {
    if (!options[i]) return invalidInput;
    std::string option = options[i], text;
    if (value(option, "--gpu-architecture", &i, n, options, &text) || value(option, "-arch", &i, n, options, &text)) {
      if (int code = readArchitecture(p, text)) return code;
    } else if (value(option, "--define-macro", &i, n, options, &text)) {
      p->defines.push_back(text);
    } else if (option.compare(0, 2, "-D") == 0) {
      text = option.size() > 2 ? option.substr(2) : i + 1 < n ? options[++i] : "";
      if (text.empty()) return invalidOption;
      p->defines.push_back(text);
    } else if (option == "--use_fast_math" || option == "-use_fast_math") {
      p->fastMath = true;
    } else if (!harmless(option)) {
      return invalidOption;
    }
  }
  return accepted;
}

int give(const std::string& text, char* out) {
  if (!out) return invalidInput;
  memcpy(out, text.data(), text.size());
  return accepted;
}

}  // namespace

#define BEGIN                                 \
  Call call(__func__, Call::nothing);         \
  if (call.code != 0) return call.code
#define PROGRAM                               \
  auto* c = find<Compilation>(program);       \
  if (!c) return invalidProgram

API int nvrtcVersion(int* major, int* minor) {
  BEGIN;
  if (!major || !minor) return invalidInput;
  *major = settings.driver / 1000;
  *minor = settings.driver % 1000 / 10;
  return accepted;
}

API const char* nvrtcGetErrorString(int code) {
  const char* names[] = {"NVRTC_SUCCESS", "NVRTC_ERROR_OUT_OF_MEMORY", "NVRTC_ERROR_PROGRAM_CREATION_FAILURE", "NVRTC_ERROR_INVALID_INPUT", "NVRTC_ERROR_INVALID_PROGRAM", "NVRTC_ERROR_INVALID_OPTION", "NVRTC_ERROR_COMPILATION"};
  return code >= 0 && code <= compilation ? names[code] : "NVRTC_ERROR unknown";
}

static const int architectures[] = {75, 80, 86, 87, 88, 89, 90, 100, 103, 110, 120, 121};

API int nvrtcGetNumSupportedArchs(int* n) {
  BEGIN;
  if (!n) return invalidInput;
  *n = int(sizeof architectures / sizeof *architectures);
  return accepted;
}

API int nvrtcGetSupportedArchs(int* out) {
  BEGIN;
  if (!out) return invalidInput;
  memcpy(out, architectures, sizeof architectures);
  return accepted;
}

API int nvrtcCreateProgram(void** out, const char* source, const char* name, int headers, const char* const*, const char* const*) {
  BEGIN;
  if (!out || !source || headers != 0) return invalidInput;
  auto c = std::make_unique<Compilation>();
  c->program.source = source;
  c->program.name = name && *name ? name : "default_program";
  *out = keep(std::move(c));
  return accepted;
}

API int nvrtcDestroyProgram(void** program_) {
  BEGIN;
  if (!program_) return invalidProgram;
  void* program = *program_;
  PROGRAM;
  world.live.erase(c);
  *program_ = nullptr;
  return accepted;
}

// Programs may be compiled by several threads at once: the lock is not held meanwhile.
API int nvrtcCompileProgram(void* program, int n, const char* const* options) {
  BEGIN;
  PROGRAM;
  if (int code = readOptions(&c->program, n, options)) return c->log = "an option is not known\n", code;
  bool checks = settings.checks;
  Program copy = c->program;
  std::string log;
  call.lock.unlock();
  bool built = !compile(copy, checks, &log).empty();
  call.lock.lock();
  c->log = log;
  if (built) c->image = image(c->program);
  return built ? accepted : compilation;
}

API int nvrtcGetProgramLogSize(void* program, size_t* size) {
  BEGIN;
  PROGRAM;
  if (!size) return invalidInput;
  *size = c->log.size() + 1;
  return accepted;
}

API int nvrtcGetProgramLog(void* program, char* out) {
  BEGIN;
  PROGRAM;
  return give(c->log + '\0', out);
}

static int imageSize(void* program, size_t* size) {
  PROGRAM;
  if (!size) return invalidInput;
  if (c->image.empty()) return invalidProgram;
  *size = c->image.size() + 1;
  return accepted;
}

static int imageOf(void* program, char* out) {
  PROGRAM;
  return c->image.empty() ? invalidProgram : give(c->image + '\0', out);
}

API int nvrtcGetCUBINSize(void* program, size_t* size) { BEGIN; return imageSize(program, size); }
API int nvrtcGetCUBIN(void* program, char* out) { BEGIN; return imageOf(program, out); }
API int nvrtcGetPTXSize(void* program, size_t* size) { BEGIN; return imageSize(program, size); }
API int nvrtcGetPTX(void* program, char* out) { BEGIN; return imageOf(program, out); }
