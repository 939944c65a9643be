// NCCL's collectives, as they are called.
#include "nccl.h"

using namespace emu;
using namespace emu::nccl;

API int ncclAllReduce(const void* send, void* receive, size_t count, int type, int op, void* comm, void* stream) {
  RANKS;
  return collective(comm, {Collective::allReduce, uint64_t(send), uint64_t(receive), count, type, op, 0}, stream);
}

API int ncclAllGather(const void* send, void* receive, size_t count, int type, void* comm, void* stream) {
  RANKS;
  return collective(comm, {Collective::allGather, uint64_t(send), uint64_t(receive), count, type, 0, 0}, stream);
}

API int ncclReduceScatter(const void* send, void* receive, size_t count, int type, int op, void* comm, void* stream) {
  RANKS;
  return collective(comm, {Collective::reduceScatter, uint64_t(send), uint64_t(receive), count, type, op, 0}, stream);
}

API int ncclBroadcast(const void* send, void* receive, size_t count, int type, int root, void* comm, void* stream) {
  RANKS;
  return collective(comm, {Collective::broadcast, uint64_t(send), uint64_t(receive), count, type, 0, root}, stream);
}

API int ncclReduce(const void* send, void* receive, size_t count, int type, int op, int root, void* comm, void* stream) {
  RANKS;
  return collective(comm, {Collective::reduce, uint64_t(send), uint64_t(receive), count, type, op, root}, stream);
}
