// Settings of the emulation, from SCALELAW_EMULATOR_* variables or emulatorConfigure.
#pragma once
#include <cstdint>
#include <string>

namespace emu {

enum class Order { natural, reversed, shuffled };

struct Settings {
  int devices = 1;
  uint64_t memory = 4ull << 30;  // bytes of each device
  int major = 9, minor = 0;      // compute capability
  int driver = 13000;            // cuDriverGetVersion
  bool checks = true;            // access checks
  Order order = Order::natural;  // of threads and blocks
  uint64_t seed = 1;             // of the shuffled order
  int patience = 20;             // seconds that a collective waits for its other ranks
  std::string skip;              // "norm.cu:41": the barrier of that line does nothing, as if it were not there
  std::string cache;             // folder of compiled kernels; set at build time unless given
};

extern Settings settings;

// initialSettings are the defaults and what the environment says.
Settings initialSettings();

// set gives one setting its value; false if there is no such setting or the value makes no sense.
bool set(const std::string& name, const std::string& value);

}  // namespace emu
