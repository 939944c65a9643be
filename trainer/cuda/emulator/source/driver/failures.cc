#include "failures.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <sstream>
#include <vector>

namespace emu {

namespace {

struct Failure {
  std::string function;
  uint64_t at;
  int code;
  bool lasting;
  uint64_t seen = 0;
};

std::vector<Failure> planned;
int lost = 0;

bool parse(const std::string& item, Failure* out) {
  char name[128], lasting = 0;
  unsigned long long at;
  int code;
  int n = sscanf(item.c_str(), "%127[A-Za-z0-9_]@%llu=%d%c", name, &at, &code, &lasting);
  if (n < 3 || at == 0 || (n == 4 && lasting != '+')) return false;
  *out = {name, at, code, n == 4};
  return true;
}

struct PlanFromEnvironment {
  PlanFromEnvironment() {
    const char* value = getenv("SCALELAW_EMULATOR_FAIL");
    if (!value || plan(value)) return;
    fprintf(stderr, "emulator: SCALELAW_EMULATOR_FAIL=%s is no plan of failures\n", value);
    abort();
  }
} planFromEnvironment;

// driverCall says whether a function of the driver fails with a lost device: what only asks
// for texts and versions goes on working, and so do the other libraries' own calls.
bool driverCall(const char* function) {
  return strncmp(function, "cu", 2) == 0 && strncmp(function, "cublas", 6) != 0 &&
         strncmp(function, "cuGetError", 10) != 0 && strcmp(function, "cuDriverGetVersion") != 0;
}

}  // namespace

int injected(const char* function) {
  if (lost != 0 && driverCall(function)) return lost;
  for (Failure& f : planned) {
    if (f.function != function || ++f.seen != f.at) continue;
    if (f.lasting) lost = f.code;
    return f.code;
  }
  return 0;
}

bool plan(const std::string& text) {
  std::vector<Failure> read;
  std::istringstream items(text);
  for (std::string item; std::getline(items, item, ',');) {
    Failure f;
    if (!parse(item, &f)) return false;
    read.push_back(f);
  }
  planned = read;
  lost = 0;
  return true;
}

}  // namespace emu
