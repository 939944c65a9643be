#include "settings.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace emu {

namespace {

bool number(const std::string& text, uint64_t low, uint64_t high, uint64_t* out) {
  char* end = nullptr;
  uint64_t n = strtoull(text.c_str(), &end, 10);
  if (text.empty() || *end != 0 || n < low || n > high) return false;
  *out = n;
  return true;
}

bool setOrder(const std::string& value) {
  if (value == "natural") settings.order = Order::natural;
  else if (value == "reversed") settings.order = Order::reversed;
  else if (value == "shuffled") settings.order = Order::shuffled;
  else return false;
  return true;
}

}  // namespace

Settings settings;
static const Settings atStart = initialSettings();

bool set(const std::string& name, const std::string& value) {
  uint64_t n = 0;
  auto is = [&](const char* wanted, uint64_t low, uint64_t high) { return name == wanted && number(value, low, high, &n); };
  if (name == "order") return setOrder(value);
  if (name == "cache") return settings.cache = value, true;
  if (name == "skip") return settings.skip = value, value.empty() || value.find(':') != std::string::npos;
  if (is("devices", 0, 16)) return settings.devices = int(n), true;
  if (is("memory", 1 << 20, 1ull << 37)) return settings.memory = n, true;
  if (is("capability", 50, 129)) return settings.major = int(n / 10), settings.minor = int(n % 10), true;
  if (is("driver", 1000, 99990)) return settings.driver = int(n), true;
  if (is("checks", 0, 1)) return settings.checks = n == 1, true;
  if (is("seed", 0, UINT64_MAX)) return settings.seed = n, true;
  if (is("patience", 1, 3600)) return settings.patience = int(n), true;
  return false;
}

namespace {

void read(const char* name) {
  std::string variable = "SCALELAW_EMULATOR_";
  for (const char* c = name; *c; c++) variable += char(*c - 'a' + 'A');
  const char* value = getenv(variable.c_str());
  if (!value || !*value || set(name, value)) return;
  fprintf(stderr, "emulator: %s=%s is no setting\n", variable.c_str(), value);
  abort();
}

}  // namespace

Settings initialSettings() {
  settings = Settings();
  settings.cache = EMULATOR_FOLDER "/kernels";
  for (const char* name : {"devices", "memory", "capability", "driver", "checks", "order", "seed", "patience", "skip", "cache"}) read(name);
  return settings;
}

}  // namespace emu
