// The calls about streams.
#include "capture.h"

using namespace emu;

static CUresult createStream(void** out, unsigned flags) {
  if (!out || flags > 1) return CUDA_ERROR_INVALID_VALUE;
  *out = keep(std::make_unique<Stream>(current(), flags));
  return 0;
}

API CUresult cuStreamCreate(void** out, unsigned flags) { ENTER(context); return createStream(out, flags); }
API CUresult cuStreamCreateWithPriority(void** out, unsigned flags, int) { ENTER(context); return createStream(out, flags); }

API CUresult cuStreamDestroy_v2(void* handle) {
  ENTER(context);
  Stream* s = find<Stream>(handle);
  if (!s || s == s->context->legacy) return CUDA_ERROR_INVALID_HANDLE;
  if (s->capture) s->capture->broken = CUDA_ERROR_STREAM_CAPTURE_INVALIDATED;
  awaitStream(s);
  world.live.erase(handle);
  return 0;
}

API CUresult cuStreamSynchronize(void* handle) {
  ENTER(context);
  Stream* s = streamOf(handle);
  if (!s) return CUDA_ERROR_INVALID_HANDLE;
  if (s->capture) return breakCapture(s->capture, CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED);
  if (s == s->context->legacy)
    if (int refused = refuseImplicit(s->context)) return refused;
  return awaitStream(s);
}

API CUresult cuStreamQuery(void* handle) {
  ENTER(context);
  Stream* s = streamOf(handle);
  if (!s) return CUDA_ERROR_INVALID_HANDLE;
  if (s->capture) return breakCapture(s->capture, CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED);
  if (s->pending.empty()) return s->context->broken;
  WorkPtr first = s->pending.front();  // each question lets one piece of work be done
  int code = finish(first);
  return code != 0 ? code : CUDA_ERROR_NOT_READY;
}

API CUresult cuStreamGetCtx(void* handle, void** out) {
  ENTER(context);
  Stream* s = streamOf(handle);
  if (!s) return CUDA_ERROR_INVALID_HANDLE;
  if (!out) return CUDA_ERROR_INVALID_VALUE;
  *out = s->context;
  return 0;
}
