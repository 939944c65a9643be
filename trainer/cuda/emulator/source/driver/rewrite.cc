#include "rewrite.h"

#include <algorithm>
#include <cctype>
#include <vector>

namespace emu {

namespace {

bool identifier(char c) { return isalnum((unsigned char)c) || c == '_'; }

// wordAt finds word as a whole word of text from at on.
size_t wordAt(const std::string& text, const std::string& word, size_t at) {
  for (at = text.find(word, at); at != std::string::npos; at = text.find(word, at + 1)) {
    bool begins = at == 0 || !identifier(text[at - 1]);
    bool ends = at + word.size() >= text.size() || !identifier(text[at + word.size()]);
    if (begins && ends) return at;
  }
  return std::string::npos;
}

size_t skipSpace(const std::string& text, size_t at) {
  while (at < text.size() && isspace((unsigned char)text[at])) at++;
  return at;
}

// closing finds the bracket that closes the one at open.
size_t closing(const std::string& text, size_t open) {
  int depth = 0;
  for (size_t i = open; i < text.size(); i++) {
    if (text[i] == '(') depth++;
    if (text[i] == ')' && --depth == 0) return i;
  }
  return std::string::npos;
}

// without removes every call-like word(...) from text.
std::string without(std::string text, const std::string& word) {
  for (size_t at = wordAt(text, word, 0); at != std::string::npos; at = wordAt(text, word, 0)) {
    size_t open = skipSpace(text, at + word.size());
    size_t end = open < text.size() && text[open] == '(' ? closing(text, open) : std::string::npos;
    if (end == std::string::npos) return text;
    text.erase(at, end + 1 - at);
  }
  return text;
}

// dynamicShared turns "extern __shared__ T name[];" into a pointer to the block's dynamic
// shared memory.
std::string dynamicShared(std::string text) {
  for (size_t at = wordAt(text, "extern", 0); at != std::string::npos; at = wordAt(text, "extern", at + 1)) {
    size_t shared = skipSpace(text, at + 6);
    if (text.compare(shared, 10, "__shared__") != 0) continue;
    size_t end = text.find(';', shared), open = text.find('[', shared);
    if (end == std::string::npos || open > end) continue;
    std::string declared = without(without(text.substr(shared + 10, open - shared - 10), "__align__"), "alignas");
    size_t nameEnd = declared.find_last_not_of(" \t\n") + 1, name = nameEnd;
    while (name > 0 && identifier(declared[name - 1])) name--;
    std::string type = declared.substr(0, name);
    std::string pointer = "static " + type + "* const " + declared.substr(name, nameEnd - name) + " = (" + type + "*)emulatorDynamic";
    std::replace(pointer.begin(), pointer.end(), '\n', ' ');
    std::string original = text.substr(at, end - at);
    pointer.append(size_t(std::count(original.begin(), original.end(), '\n')), '\n');
    text.replace(at, end - at, pointer);
  }
  return text;
}

// split cuts a list of declarators at its commas, but not within brackets.
std::vector<std::string> split(const std::string& list) {
  std::vector<std::string> parts(1);
  int depth = 0;
  for (char c : list) {
    depth += (c == '(' || c == '[') - (c == ')' || c == ']');
    if (c == ',' && depth == 0) parts.emplace_back();
    else parts.back() += c;
  }
  return parts;
}

// declared makes of a shared variable of the type (with its dimensions) a reference to the
// running block's own. The key is one for each instance of a template.
std::string declared(const std::string& type, const std::string& name, const std::string& dimensions, int number) {
  std::string n = std::to_string(number), alias = "EmulatorShared" + n, key = "emulatorKey" + n;
  return "static char " + key + "; typedef " + type + " " + alias + dimensions + "; " + alias + "& " + name + " = *(" + alias + "*)emulatorShared(&" + key + ", sizeof(" + alias + "), alignof(" + alias + "))";
}

// references turns "__shared__ T a[1], b[2];" into references.
std::string references(const std::string& list, int* number) {
  std::vector<std::string> parts = split(list);
  std::string type, result;
  for (std::string part : parts) {
    size_t open = std::min(part.find('['), part.size());
    size_t nameEnd = part.find_last_not_of(" \t\n", open - 1) + 1, name = nameEnd;
    while (name > 0 && identifier(part[name - 1])) name--;
    if (type.empty()) type = part.substr(0, name);
    result += (result.empty() ? "" : "; ") + declared(type, part.substr(name, nameEnd - name), part.substr(open), (*number)++);
  }
  std::replace(result.begin(), result.end(), '\n', ' ');
  return result + std::string(size_t(std::count(list.begin(), list.end(), '\n')), '\n');
}

// staticShared rewrites the declarations of static shared memory.
std::string staticShared(std::string text) {
  int number = 0;
  for (size_t at = wordAt(text, "__shared__", 0); at != std::string::npos; at = wordAt(text, "__shared__", at + 1)) {
    size_t end = text.find(';', at);
    if (end == std::string::npos) return text;
    text.replace(at, end - at, references(text.substr(at + 10, end - at - 10), &number));
  }
  return text;
}

struct Kernel { std::string name, threads; };

// kernelAt reads what follows "__global__" at a place.
bool kernelAt(const std::string& text, size_t at, Kernel* out) {
  size_t i = at + 10;
  std::string word;
  out->threads = "0";
  while (i < text.size()) {
    i = skipSpace(text, i);
    size_t start = i;
    while (i < text.size() && identifier(text[i])) i++;
    if (i > start) word = text.substr(start, i - start);
    size_t open = skipSpace(text, i);
    if (open >= text.size() || (i == start && text[open] != '(')) return false;
    if (text[open] != '(') continue;
    size_t close = closing(text, open);
    if (close == std::string::npos) return false;
    if (word != "__launch_bounds__") return out->name = word, true;
    std::string bounds = text.substr(open + 1, close - open - 1);
    out->threads = bounds.substr(0, bounds.find(','));
    i = close + 1;
  }
  return false;
}

// plainName says whether the kernel declared at a place is extern "C", so that it can be found
// by its name.
bool plainName(const std::string& text, size_t at) {
  size_t block = text.find("extern \"C\" {");
  if (block != std::string::npos && block < at) return true;
  size_t from = text.find_last_of(";}", at == 0 ? 0 : at - 1);
  from = from == std::string::npos ? 0 : from;
  std::string before = text.substr(from, at - from);
  return before.find("extern \"C\"") != std::string::npos && wordAt(before, "template", 0) == std::string::npos;
}

}  // namespace

std::string rewritten(const std::string& cuda, std::string* error) {
  std::string text = staticShared(dynamicShared(cuda)), table;
  std::vector<std::string> names;
  for (size_t at = wordAt(text, "__global__", 0); at != std::string::npos; at = wordAt(text, "__global__", at + 1)) {
    Kernel kernel;
    if (!plainName(text, at)) continue;
    if (!kernelAt(text, at, &kernel)) return *error = "a __global__ function could not be read", "";
    if (std::find(names.begin(), names.end(), kernel.name) != names.end()) continue;
    names.push_back(kernel.name);
    table += "EMULATOR_ENTRY(" + kernel.name + ", " + kernel.threads + ")\n";
  }
  return text + "\n# 1 \"entries\"\nEMULATOR_TABLE_BEGIN\n" + table + "EMULATOR_TABLE_END\n";
}

}  // namespace emu
