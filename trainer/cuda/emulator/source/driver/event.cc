#include <chrono>

#include "capture.h"

using namespace emu;

namespace {

double now() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

CUresult record(Event* e, Stream* s) {
  if (s->capture) {
    if (s->capture->broken) return CUDA_ERROR_STREAM_CAPTURE_INVALIDATED;
    e->capture = s->capture;
    e->captured = s->captured;
    return 0;
  }
  e->capture = nullptr;
  e->asked = false;
  auto work = std::make_shared<Work>();
  work->what = "event";
  work->action = [](Work* w) { return w->time = now(), 0; };
  if (int code = submit(s, work)) return code;
  e->mark = work;
  return 0;
}

CUresult waitCaptured(Stream* s, Event* e) {
  if (e->capture->broken || !e->capture->graph) return CUDA_ERROR_STREAM_CAPTURE_INVALIDATED;
  if (s->capture && s->capture != e->capture) return CUDA_ERROR_STREAM_CAPTURE_MERGE;
  if (!s->capture && s == s->context->legacy) return breakCapture(e->capture, CUDA_ERROR_STREAM_CAPTURE_IMPLICIT);
  s->capture = e->capture;
  s->captured.insert(s->captured.end(), e->captured.begin(), e->captured.end());
  return 0;
}

CUresult waitFor(Stream* s, Event* e) {
  if (e->capture) return waitCaptured(s, e);
  if (s->capture) return e->mark ? breakCapture(s->capture, CUDA_ERROR_STREAM_CAPTURE_ISOLATION) : 0;
  if (!e->mark) return 0;
  auto work = std::make_shared<Work>();
  work->what = "wait for an event";
  work->after.push_back(e->mark);
  return submit(s, work);
}

CUresult elapsed(float* milliseconds, Event* from, Event* to) {
  if (!milliseconds || !from || !to || !from->mark || !to->mark) return CUDA_ERROR_INVALID_HANDLE;
  if ((from->flags | to->flags) & CU_EVENT_DISABLE_TIMING) return CUDA_ERROR_INVALID_HANDLE;
  if (!from->mark->done || !to->mark->done) return CUDA_ERROR_NOT_READY;
  *milliseconds = float((to->mark->time - from->mark->time) * 1e3);
  return 0;
}

}  // namespace

API CUresult cuEventCreate(void** out, unsigned flags) {
  ENTER(context);
  if (!out || flags > 7) return CUDA_ERROR_INVALID_VALUE;
  *out = keep(std::make_unique<Event>(current(), flags));
  return 0;
}

API CUresult cuEventDestroy_v2(void* event) {
  ENTER(context);
  return find<Event>(event) ? (world.live.erase(event), 0) : CUDA_ERROR_INVALID_HANDLE;
}

API CUresult cuEventRecord(void* event, void* stream) {
  ENTER(context);
  auto* e = find<Event>(event);
  Stream* s = streamOf(stream);
  if (!e || !s || e->context != s->context) return CUDA_ERROR_INVALID_HANDLE;
  return record(e, s);
}

API CUresult cuStreamWaitEvent(void* stream, void* event, unsigned) {
  ENTER(context);
  auto* e = find<Event>(event);
  Stream* s = streamOf(stream);
  if (!e || !s) return CUDA_ERROR_INVALID_HANDLE;
  return waitFor(s, e);
}

API CUresult cuEventSynchronize(void* event) {
  ENTER(context);
  auto* e = find<Event>(event);
  if (!e) return CUDA_ERROR_INVALID_HANDLE;
  if (e->capture) return breakCapture(e->capture, CUDA_ERROR_CAPTURED_EVENT);
  return e->mark ? await(e->mark) : 0;
}

// The first question after a record answers "not yet" when there is something to wait for, so
// that a caller's polling is exercised; the next one has the work done.
API CUresult cuEventQuery(void* event) {
  ENTER(context);
  auto* e = find<Event>(event);
  if (!e) return CUDA_ERROR_INVALID_HANDLE;
  if (e->capture) return breakCapture(e->capture, CUDA_ERROR_CAPTURED_EVENT);
  if (!e->mark) return 0;
  if (!e->mark->done && !e->asked) return e->asked = true, CUDA_ERROR_NOT_READY;
  return await(e->mark);
}

API CUresult cuEventElapsedTime(float* milliseconds, void* from, void* to) {
  ENTER(context);
  return elapsed(milliseconds, find<Event>(from), find<Event>(to));
}

API CUresult cuEventElapsedTime_v2(float* milliseconds, void* from, void* to) {
  ENTER(context);
  return elapsed(milliseconds, find<Event>(from), find<Event>(to));
}
