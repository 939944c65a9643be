#include "capture.h"

#include <unistd.h>
#include <sys/syscall.h>

#include <algorithm>

namespace emu {

namespace {

uint64_t thread() { return uint64_t(syscall(SYS_gettid)); }

std::vector<Stream*> capturing(Context* c) {
  std::vector<Stream*> found;
  for (auto& [handle, object] : world.live)
    if (auto* s = dynamic_cast<Stream*>(object.get()); s && s->context == c && s->capture) found.push_back(s);
  return found;
}

// unjoined says whether work of a stream that joined the capture does not end in its origin.
bool unjoined(const Capture& capture, const Stream* s) {
  auto& ends = capture.origin->captured;
  return std::any_of(s->captured.begin(), s->captured.end(), [&](int node) {
    return std::none_of(ends.begin(), ends.end(), [&](int end) { return end == node || nodeBefore(capture.graph.get(), node, end); });
  });
}

int end(Stream* s, std::unique_ptr<Graph>* out) {
  auto capture = s->capture;
  int code = capture->broken;
  if (capture->origin != s) return CUDA_ERROR_STREAM_CAPTURE_UNMATCHED;
  if (capture->mode != CU_STREAM_CAPTURE_MODE_RELAXED && capture->thread != thread()) return CUDA_ERROR_STREAM_CAPTURE_WRONG_THREAD;
  for (Stream* other : capturing(s->context)) {
    if (other->capture != capture || other == s) continue;
    if (code == 0 && unjoined(*capture, other)) code = CUDA_ERROR_STREAM_CAPTURE_UNJOINED;
    other->capture = nullptr;
    other->captured.clear();
  }
  s->capture = nullptr;
  s->captured.clear();
  *out = std::move(capture->graph);
  return code;
}

}  // namespace

int captureWork(Stream* s, const WorkPtr& work) {
  Capture& capture = *s->capture;
  if (capture.broken) return CUDA_ERROR_STREAM_CAPTURE_INVALIDATED;
  Graph& g = *capture.graph;
  int index = int(g.nodes.size());
  std::vector<bool> before(index, false);
  for (int node : s->captured) {
    before[node] = true;
    for (int i = 0; i < node; i++) before[i] = before[i] || g.before[node][i];
  }
  g.nodes.push_back({*work, s->captured});
  g.before.push_back(before);
  s->captured = {index};
  return 0;
}

int breakCapture(const std::shared_ptr<Capture>& capture, int code) {
  if (capture->broken == 0) capture->broken = CUDA_ERROR_STREAM_CAPTURE_INVALIDATED;
  return complain(code, "a call that a stream cannot take while it captures");
}

int refuseInCapture(Context* c) {
  for (Stream* s : capturing(c)) {
    Capture& capture = *s->capture;
    if (capture.mode == CU_STREAM_CAPTURE_MODE_RELAXED) continue;
    if (capture.mode == CU_STREAM_CAPTURE_MODE_THREAD_LOCAL && capture.thread != thread()) continue;
    return breakCapture(s->capture, CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED);
  }
  return 0;
}

int refuseImplicit(Context* c) {
  for (Stream* s : capturing(c))
    if (!(s->flags & CU_STREAM_NON_BLOCKING)) return breakCapture(s->capture, CUDA_ERROR_STREAM_CAPTURE_IMPLICIT);
  return 0;
}

bool nodeBefore(const Graph* graph, int a, int b) { return a < b && graph->before[b][a]; }

}  // namespace emu

using namespace emu;

API CUresult cuStreamBeginCapture_v2(void* handle, int mode) {
  ENTER(context);
  Stream* s = streamOf(handle);
  if (!s) return CUDA_ERROR_INVALID_HANDLE;
  if (mode < 0 || mode > 2) return CUDA_ERROR_INVALID_VALUE;
  if (s == s->context->legacy) return CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED;
  if (s->capture) return CUDA_ERROR_ILLEGAL_STATE;
  s->capture = std::make_shared<Capture>();
  s->capture->graph = std::make_unique<Graph>(s->context);
  s->capture->origin = s;
  s->capture->mode = mode;
  s->capture->thread = thread();
  s->captured.clear();
  return 0;
}

API CUresult cuStreamEndCapture(void* handle, void** out) {
  ENTER(context);
  Stream* s = streamOf(handle);
  if (!s) return CUDA_ERROR_INVALID_HANDLE;
  if (!out) return CUDA_ERROR_INVALID_VALUE;
  *out = nullptr;
  if (!s->capture) return CUDA_ERROR_ILLEGAL_STATE;
  std::unique_ptr<Graph> graph;
  int code = end(s, &graph);
  if (code == 0) *out = keep(std::move(graph));
  return code;
}

API CUresult cuStreamIsCapturing(void* handle, int* status) {
  ENTER(context);
  Stream* s = streamOf(handle);
  if (!s) return CUDA_ERROR_INVALID_HANDLE;
  if (!status) return CUDA_ERROR_INVALID_VALUE;
  *status = !s->capture ? CU_STREAM_CAPTURE_STATUS_NONE : s->capture->broken ? CU_STREAM_CAPTURE_STATUS_INVALIDATED : CU_STREAM_CAPTURE_STATUS_ACTIVE;
  return 0;
}

API CUresult cuThreadExchangeStreamCaptureMode(int* mode) {
  ENTER(driver);
  static thread_local int own = CU_STREAM_CAPTURE_MODE_GLOBAL;
  if (!mode || *mode < 0 || *mode > 2) return CUDA_ERROR_INVALID_VALUE;
  std::swap(own, *mode);
  return 0;
}
