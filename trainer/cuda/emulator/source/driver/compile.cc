#include "compile.h"

#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <fstream>
#include <sstream>

#include "rewrite.h"
#include "settings.h"
#include "world.h"

extern char** environ;

namespace emu {

namespace {

const char* const magic = "scalelaw emulated cubin 1\n";

using Arguments = std::vector<std::string>;

Arguments common(const Program& p) {
  Arguments a = {EMULATOR_COMPILER, "-std=c++17", "-nostdinc", "-nostdinc++", "-DSCALELAW_EMULATED=1", "-D__CUDACC__=1", "-D__CUDACC_RTC__=1"};
  a.push_back(text("-D__CUDA_ARCH__=%d0", p.architecture));
  for (auto& define : p.defines) a.push_back("-D" + define);
  return a;
}

Arguments append(Arguments a, std::initializer_list<std::string> more) {
  a.insert(a.end(), more.begin(), more.end());
  return a;
}

bool write(const std::string& path, const std::string& content) {
  std::ofstream out(path, std::ios::binary);
  out << content;
  return bool(out.flush());
}

std::string read(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream content;
  content << in.rdbuf();
  return content.str();
}

bool build(const Program& p, bool instrumented, const std::string& base, std::string* log) {
  std::string cuda = base + ".cuda", plain = base + ".i", cpp = base + ".cc", error;
  if (!write(cuda, "# 1 \"" + p.name + "\"\n" + p.source)) return *log = "cannot write " + cuda, false;
  if (run(append(common(p), {"-E", "-x", "c++", cuda, "-o", plain}), log) != 0) return false;
  std::string code = rewritten(read(plain), &error);
  if (!error.empty()) return *log += error, false;
  if (!write(cpp, code)) return *log = "cannot write " + cpp, false;
  Arguments a = append(common(p), {"-O2", "-g1", "-gdwarf-4", "-w", "-fPIC", "-shared", "-nostdlib", "-fno-exceptions", "-fno-rtti", "-fno-threadsafe-statics", "-fno-plt", "-fno-strict-aliasing", "-fvisibility=hidden", "-ffp-contract=off", "-fpermissive"});
  if (instrumented) a = append(a, {"-fsanitize=thread,alignment,bounds", "--param=tsan-instrument-func-entry-exit=0", "-fno-tree-vectorize", "-fno-tree-loop-distribute-patterns"});
  a = append(a, {"-include", EMULATOR_FOLDER "/kernel/cuda.h", "-x", "c++", cpp, "-x", "none", "-o", base + ".so", EMULATOR_FOLDER "/libcuda.so.1", "-lm", "-lgcc"});
  return run(a, log) == 0;
}

}  // namespace

uint64_t hash(const std::string& text) {
  uint64_t h = 1469598103934665603ull;
  for (unsigned char c : text) h = (h ^ c) * 1099511628211ull;
  return h;
}

std::string image(const Program& p) {
  std::ostringstream body;
  body << p.name << '\n' << p.architecture << ' ' << p.fastMath << ' ' << p.defines.size() << '\n';
  for (auto& define : p.defines) body << define << '\n';
  body << p.source;
  std::string text_ = body.str();
  return magic + text("%016llx %zu\n", (unsigned long long)hash(text_), text_.size()) + text_;
}

bool unpack(const std::string& image, Program* out) {
  size_t start = strlen(magic);
  unsigned long long sum;
  size_t size, line = image.find('\n', start);
  if (image.compare(0, start, magic) != 0 || line == std::string::npos) return false;
  if (sscanf(image.c_str() + start, "%llx %zu", &sum, &size) != 2 || image.size() < line + 1 + size) return false;
  std::string body = image.substr(line + 1, size);
  if (hash(body) != sum) return false;
  std::istringstream in(body);
  size_t defines;
  std::getline(in, out->name);
  in >> out->architecture >> out->fastMath >> defines;
  in.get();
  out->defines.resize(defines);
  for (auto& define : out->defines) std::getline(in, define);
  std::ostringstream rest;
  rest << in.rdbuf();
  out->source = rest.str();
  return true;
}

std::string compile(const Program& p, bool instrumented, std::string* log) {
  mkdir(settings.cache.c_str(), 0777);
  std::string base = settings.cache + text("/%016llx%s", (unsigned long long)hash(image(p)), instrumented ? "-checked" : "");
  if (access((base + ".so").c_str(), R_OK) == 0) return base + ".so";
  std::string own = base + text(".%d.%lx", int(getpid()), (unsigned long)pthread_self());
  bool built = build(p, instrumented, own, log);
  for (const char* ending : {".cuda", ".i", ".cc"}) unlink((own + ending).c_str());
  if (!built || rename((own + ".so").c_str(), (base + ".so").c_str()) != 0) return "";
  return base + ".so";
}

int run(const std::vector<std::string>& arguments, std::string* output) {
  int ends[2];
  if (pipe2(ends, 02000000) != 0) return -1;  // O_CLOEXEC
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ends[1], 1);
  posix_spawn_file_actions_adddup2(&actions, ends[1], 2);
  std::vector<char*> argv;
  for (auto& a : arguments) argv.push_back(const_cast<char*>(a.c_str()));
  argv.push_back(nullptr);
  pid_t child = 0;
  int failed = posix_spawnp(&child, argv[0], &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  close(ends[1]);
  char buffer[4096];
  for (ssize_t n; !failed && ((n = ::read(ends[0], buffer, sizeof buffer)) > 0 || (n < 0 && errno == EINTR));)
    if (n > 0) output->append(buffer, size_t(n));
  close(ends[0]);
  if (failed) return *output += text("cannot start %s: %s", argv[0], strerror(failed)), -1;
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

}  // namespace emu
