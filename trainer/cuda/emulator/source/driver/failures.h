// Failures on demand: "the Nth call of function F returns code R", once or from then on.
#pragma once
#include <string>

namespace emu {

// injected gives the code that this call of function must return, 0 for none.
int injected(const char* function);

// plan reads "function@n=code", "function@n=code+" (that call and every later call of any
// function: the device is lost), several separated by commas; an empty text ends all failures.
// Functions' counts begin anew. False if the text makes no sense.
bool plan(const std::string& text);

}  // namespace emu
