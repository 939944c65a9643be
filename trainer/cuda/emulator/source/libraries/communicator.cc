// NCCL's calls.
#include <cstring>

#include "../driver/capture.h"
#include "nccl.h"

namespace emu::nccl {

namespace {

struct Id { char bytes[128]; };

std::map<std::string, std::shared_ptr<Clique>> joining;
thread_local int groups = 0;

std::shared_ptr<Clique> cliqueOf(const Id& id, int ranks) {
  auto& q = joining[std::string(id.bytes, sizeof id.bytes)];
  if (!q) {
    q = std::make_shared<Clique>();
    q->members.resize(size_t(ranks));
    q->posted.resize(size_t(ranks));
  }
  return q;
}

// bring does everything that comes before a piece of work.
int bring(const WorkPtr& work) {
  if (work->done || work->running) return 0;
  auto& pending = work->stream->pending;
  for (size_t i = 1; i < pending.size(); i++)
    if (pending[i] == work) {
      WorkPtr before = pending[i - 1];
      if (int code = finish(before)) return code;
      break;
    }
  for (auto& earlier : std::vector<WorkPtr>(work->after))
    if (int code = finish(earlier)) return code;
  return 0;
}

bool everyoneIsThere(const Clique& q, size_t number) {
  for (auto& posted : q.posted)
    if (posted.size() <= number) return false;
  return true;
}

// bringRanks brings all ranks to a collective. Other threads may end or do it meanwhile, and
// own's device may go; a rank that is gone, or has ended without it, is a fault of own's.
int bringRanks(const Clique& q, size_t number, const Work* own) {
  for (auto& posted : q.posted) {
    if (q.done[number] || own->abandoned) break;
    if (int code = bring(WorkPtr(posted[number].work))) return code;
  }
  if (own->abandoned) return CUDA_ERROR_CONTEXT_IS_DESTROYED;
  for (size_t r = 0; r < q.posted.size() && !q.done[number]; r++)
    if (q.posted[r][number].work->done) return fault(own->context, CUDA_ERROR_LAUNCH_FAILED, text("NCCL: rank %zu ended without collective %zu", r, number));
  return 0;
}

// meetRanks is what a collective does when a stream arrives at it: the last rank does it for all.
int meetRanks(const Communicator* handle, std::shared_ptr<Clique> q, size_t number, Work* work) {
  while (!everyoneIsThere(*q, number)) {
    auto* own = find<Communicator>(handle);
    if (!own) return 0;  // aborted: the operation ends without effect
    bool changed = wait(settings.patience);
    if (work->abandoned) return CUDA_ERROR_CONTEXT_IS_DESTROYED;
    if (changed || everyoneIsThere(*q, number)) continue;
    if ((own = find<Communicator>(handle))) own->failure = remoteError;
    return fault(work->context, CUDA_ERROR_LAUNCH_TIMEOUT, text("NCCL: collective %zu waits for a rank that does not call it", number));
  }
  if (int code = bringRanks(*q, number, work)) return code;
  if (q->done[number]) return 0;
  q->done[number] = true;
  int code = perform(q.get(), number);
  for (auto& posted : q->posted) posted[number].work = nullptr;
  return code;
}

int submitCollective(Communicator* c, const Request& given, void* stream) {
  Stream* s = streamOf(stream);
  if (!s || s->context != c->context) return complain(invalidArgument, "NCCL: the stream is of another device than the communicator"), invalidArgument;
  auto work = std::make_shared<Work>();
  work->what = "NCCL collective";
  work->prepare = [q = c->clique, rank = size_t(c->rank), given](Work* w) {
    w->collective = q->posted[rank].size();
    q->posted[rank].push_back({given, w->shared_from_this()});
    if (q->done.size() <= w->collective) q->done.resize(w->collective + 1);
  };
  work->action = [c, q = c->clique](Work* w) { return meetRanks(c, q, w->collective, w); };
  return submit(s, work) == 0 ? fine : unhandledCudaError;
}

}  // namespace

int collective(void* handle, const Request& call, void* stream) {
  auto* c = find<Communicator>(handle);
  if (!c) return invalidArgument;
  if (!current()) return unhandledCudaError;
  if (c->context->broken) return unhandledCudaError;
  if (!call.send || !call.receive || !widthOf(call.type) || call.reduction < 0 || call.reduction > average) return invalidArgument;
  if (call.root < 0 || call.root >= int(c->clique->members.size())) return invalidArgument;
  return call.count == 0 ? fine : submitCollective(c, call, stream);
}

bool Clique::complete() const {
  for (auto* m : members)
    if (!m) return false;
  return true;
}

}  // namespace emu::nccl

using namespace emu;
using namespace emu::nccl;

API int ncclGetVersion(int* version) {
  RANKS;
  return version ? (*version = 22807, fine) : invalidArgument;
}

API const char* ncclGetErrorString(int code) {
  const char* texts[] = {"no error", "unhandled cuda error", "unhandled system error", "internal error", "invalid argument", "invalid usage", "remote process exited or there was a network error", "NCCL operation in progress"};
  return code >= 0 && code < 8 ? texts[code] : "unknown result code";
}

API const char* ncclGetLastError(void*) {
  Call call(__func__, Call::nothing);
  return world.report.c_str();
}

API int ncclGetUniqueId(Id* id) {
  RANKS;
  static uint64_t given = 0;
  if (!id) return invalidArgument;
  memset(id->bytes, 0, sizeof id->bytes);
  snprintf(id->bytes, sizeof id->bytes, "emulated clique %llu", (unsigned long long)++given);
  return fine;
}

// A rank waits for the others, except within a group, whose end would wait for all.
API int ncclCommInitRank(void** out, int ranks, Id id, int rank) {
  RANKS;
  if (!out || ranks < 1 || rank < 0 || rank >= ranks) return invalidArgument;
  if (!current() || current()->broken) return unhandledCudaError;
  auto q = cliqueOf(id, ranks);
  if (int(q->members.size()) != ranks || q->members[size_t(rank)]) return invalidUsage;
  for (auto* other : q->members)
    if (other && other->context == current()) return complain(invalidUsage, "NCCL: two ranks of one communicator on one device"), invalidUsage;
  auto* c = keep(std::make_unique<Communicator>(current(), q, rank));
  q->members[size_t(rank)] = c;
  *out = c;
  world.changed.notify_all();
  while (groups == 0 && !q->complete())
    if (!wait(settings.patience) && !q->complete()) return complain(systemError, "NCCL: a rank waits for others that do not join"), systemError;
  return fine;
}

API int ncclCommInitAll(void** out, int ranks, const int* list) {
  RANKS;
  if (!out || ranks < 1) return invalidArgument;
  auto q = std::make_shared<Clique>();
  q->members.resize(size_t(ranks));
  q->posted.resize(size_t(ranks));
  for (int r = 0; r < ranks; r++) {
    Device* d = deviceAt(list ? list[r] : r);
    if (!d || !d->primary) return invalidArgument;
    q->members[size_t(r)] = keep(std::make_unique<Communicator>(d->primary, q, r));
    out[r] = q->members[size_t(r)];
  }
  return fine;
}

API int ncclCommDestroy(void* handle) { RANKS; return find<Communicator>(handle) ? (world.live.erase(handle), fine) : invalidArgument; }
API int ncclCommAbort(void* handle) {
  RANKS;
  if (!find<Communicator>(handle)) return invalidArgument;
  world.live.erase(handle);
  world.changed.notify_all();
  return fine;
}

API int ncclCommFinalize(void* handle) { RANKS; return find<Communicator>(handle) ? fine : invalidArgument; }

API int ncclCommGetAsyncError(void* handle, int* out) {
  RANKS;
  auto* c = find<Communicator>(handle);
  if (!c || !out) return invalidArgument;
  *out = c->failure ? c->failure : c->context->broken ? unhandledCudaError : fine;
  return fine;
}

API int ncclCommCount(void* handle, int* out) { RANKS; auto* c = find<Communicator>(handle); return c && out ? (*out = int(c->clique->members.size()), fine) : invalidArgument; }
API int ncclCommUserRank(void* handle, int* out) { RANKS; auto* c = find<Communicator>(handle); return c && out ? (*out = c->rank, fine) : invalidArgument; }
API int ncclCommCuDevice(void* handle, int* out) { RANKS; auto* c = find<Communicator>(handle); return c && out ? (*out = c->context->device->id, fine) : invalidArgument; }

API int ncclGroupStart() { RANKS; groups++; return fine; }

API int ncclGroupEnd() {
  RANKS;
  if (groups == 0) return invalidUsage;
  if (--groups > 0) return fine;
  for (auto& [handle, object] : world.live)
    if (auto* c = dynamic_cast<Communicator*>(object.get()); c && c->context == current() && !c->clique->complete()) {
      auto q = c->clique;
      while (!q->complete())
        if (!wait(settings.patience) && !q->complete()) return systemError;
      break;
    }
  return fine;
}
