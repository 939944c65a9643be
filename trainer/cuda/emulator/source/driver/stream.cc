#include "stream.h"

#include <algorithm>

#include "capture.h"
#include "shadow.h"

namespace emu {

namespace {

int streams = 0;
Clock hostKnows;  // what the host has waited for comes before all that it submits afterwards

bool blocking(const Stream* s) { return !(s->flags & CU_STREAM_NON_BLOCKING); }

std::vector<Stream*> streamsOf(Context* c) {
  std::vector<Stream*> found;
  for (auto& [handle, object] : world.live)
    if (auto* s = dynamic_cast<Stream*>(object.get()); s && s->context == c) found.push_back(s);
  std::sort(found.begin(), found.end(), [](Stream* a, Stream* b) { return a->index < b->index; });
  return found;
}

void mark(Clock* clock, int index, uint64_t number) {
  if (int(clock->size()) <= index) clock->resize(index + 1);
  (*clock)[index] = std::max((*clock)[index], number);
}

void comesAfter(Work* work, const WorkPtr& earlier) {
  join(&work->before, earlier->before);
  mark(&work->before, earlier->index, earlier->number);
  if (!earlier->done && earlier->stream != work->stream) work->after.push_back(earlier);
}

// The legacy default stream waits for all blocking streams and they for it.
void legacyOrder(Stream* s, Work* work) {
  if (!blocking(s)) return;
  if (s != s->context->legacy) {
    if (s->context->legacy->last) comesAfter(work, s->context->legacy->last);
    return;
  }
  for (Stream* other : streamsOf(s->context))
    if (other != s && blocking(other) && other->last) comesAfter(work, other->last);
}

int step(Stream* s) {
  WorkPtr work = s->pending.front();
  if (work->running) {
    // Another thread is at it and waits for a collective; or this thread waits for itself.
    if (!wait(settings.patience) && !work->done)
      return fault(s->context, CUDA_ERROR_LAUNCH_TIMEOUT, work->what + ": waited too long for another stream");
    return 0;
  }
  work->running = true;
  int code = s->context->broken;
  auto after = work->after;
  for (size_t i = 0; i < after.size() && code == 0; i++) code = finish(after[i]);
  if (work->abandoned) return CUDA_ERROR_CONTEXT_IS_DESTROYED;
  if (code == 0 && s->context->broken == 0 && work->action) {
    shadowBegin(work);
    auto action = work->action;
    code = action(work.get());
    if (work->abandoned) return CUDA_ERROR_CONTEXT_IS_DESTROYED;
    if (code != 0 && s->context->broken == 0) s->context->broken = code;
  }
  work->action = nullptr;
  work->hosts.clear();
  work->after.clear();
  work->done = true;
  if (!s->pending.empty() && s->pending.front() == work) s->pending.pop_front();
  world.changed.notify_all();
  return code;
}

}  // namespace

Stream::Stream(Context* c, unsigned f) : Object("stream", c), flags(f), index(streams++) {}

Stream::~Stream() {
  for (auto& work : pending) {
    work->abandoned = work->done = true;
    work->action = nullptr;
  }
  world.changed.notify_all();
}

Stream* streamOf(void* handle) {
  if (handle == nullptr || handle == reinterpret_cast<void*>(1)) return current()->legacy;
  return find<Stream>(handle);
}

void join(Clock* into, const Clock& other) {
  if (into->size() < other.size()) into->resize(other.size());
  for (size_t i = 0; i < other.size(); i++) (*into)[i] = std::max((*into)[i], other[i]);
}

void enqueue(Stream* s, WorkPtr work) {
  work->stream = s;
  work->context = s->context;
  work->index = s->index;
  work->number = ++s->issued;
  join(&work->before, hostKnows);
  for (auto& earlier : std::vector<WorkPtr>(std::move(work->after))) comesAfter(work.get(), earlier);
  if (s->last) comesAfter(work.get(), s->last);
  legacyOrder(s, work.get());
  if (work->prepare) work->prepare(work.get());
  s->pending.push_back(work);
  s->last = work;
  world.changed.notify_all();
}

int submit(Stream* s, WorkPtr work) {
  if (s->capture) return captureWork(s, work);
  if (s == s->context->legacy)
    if (int refused = refuseImplicit(s->context)) return refused;
  enqueue(s, work);
  return 0;
}

int finish(const WorkPtr& work) {
  int code = 0;
  while (!work->done && code == 0) code = step(work->stream);
  if (work->abandoned) return CUDA_ERROR_CONTEXT_IS_DESTROYED;
  return code != 0 ? code : work->context->broken;
}

int await(const WorkPtr& work) {
  WorkPtr held = work;
  int code = finish(held);
  join(&hostKnows, held->before);
  mark(&hostKnows, held->index, held->number);
  return code;
}

int awaitStream(Stream* s) { return s->last ? await(s->last) : s->context->broken; }

int awaitAll(Context* c) {
  int code = 0;
  for (Stream* s : streamsOf(c)) {
    int result = find<Stream>(s) ? awaitStream(s) : 0;  // another thread may have ended it meanwhile
    if (code == 0) code = result;
  }
  return code != 0 || !find<Context>(c) ? code : c->broken;
}

bool ordered(const Work& a, const Work& b) {
  if (&a == &b) return true;
  if (a.graph && a.graph == b.graph && a.launch == b.launch) return nodeBefore(a.graph, a.node, b.node);
  return int(b.before.size()) > a.index && b.before[a.index] >= a.number;
}

bool behindAll(const Work& a) {
  auto behind = [&](const Clock& clock) { return int(clock.size()) > a.index && clock[a.index] >= a.number; };
  if (!behind(hostKnows)) return false;
  for (auto& [handle, object] : world.live) {
    auto* s = dynamic_cast<Stream*>(object.get());
    if (s && !s->pending.empty() && !behind(s->pending.front()->before)) return false;
  }
  return true;
}

bool pendingUses(uint64_t address, size_t bytes) {
  for (auto& [handle, object] : world.live) {
    auto* s = dynamic_cast<Stream*>(object.get());
    if (!s) continue;
    for (auto& work : s->pending)
      for (auto& [at, size] : work->hosts)
        if (at < address + bytes && address < at + size) return true;
  }
  return false;
}

}  // namespace emu
