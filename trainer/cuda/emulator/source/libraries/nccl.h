// NCCL's communicators. Codes and types are those of nccl.h (2.28).
#pragma once
#include <deque>

#include "../driver/stream.h"

namespace emu::nccl {

enum Code { fine = 0, unhandledCudaError = 1, systemError = 2, internalError_ = 3, invalidArgument = 4, invalidUsage = 5, remoteError = 6 };
enum Reduction { sum = 0, prod = 1, maximum = 2, minimum = 3, average = 4 };
enum class Collective { allReduce, allGather, reduceScatter, broadcast, reduce };

struct Request {
  Collective kind;
  uint64_t send, receive;
  size_t count;
  int type, reduction, root;
};

// Posting is one rank's part in one collective.
struct Posting {
  Request call;
  std::shared_ptr<Work> work;
};

struct Communicator;

// Clique is the ranks that joined with one id.
struct Clique {
  std::vector<Communicator*> members;
  std::vector<std::vector<Posting>> posted;  // of each rank, in order
  std::vector<bool> done;                    // which collectives are
  bool complete() const;
};

struct Communicator : Object {
  std::shared_ptr<Clique> clique;
  int rank, failure = 0;
  Communicator(Context* c, std::shared_ptr<Clique> q, int r) : Object("NCCL communicator", c), clique(q), rank(r) {}
};

// collective puts a communicator's part in a collective into a stream.
int collective(void* communicator, const Request& request, void* stream);

size_t widthOf(int type);  // bytes; 0 for a type that is not emulated

// perform does one collective for all ranks; sums are taken in the order of ranks.
int perform(Clique* clique, size_t number);

}  // namespace emu::nccl

#define RANKS                                 \
  emu::Call call(__func__, emu::Call::nothing); \
  if (call.code != 0) return call.code
