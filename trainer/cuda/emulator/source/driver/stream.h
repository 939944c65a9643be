// Streams and the work in them. Work waits until the host asks for its end; then only what that
// end needs is done, so that reading too early, or leaving out an event, shows.
#pragma once
#include <deque>
#include <functional>

#include "world.h"

namespace emu {

struct Stream;
struct Capture;
struct Graph;

using Clock = std::vector<uint64_t>;  // of each stream, the last piece of work that came before

// Work is one piece: a launch, a copy, an event's mark, a node of a graph.
struct Work : std::enable_shared_from_this<Work> {
  Stream* stream = nullptr;
  Context* context = nullptr;
  int index = 0;        // of its stream in a Clock
  uint64_t number = 0;  // in its stream, from 1
  std::string what;
  std::function<int(Work*)> action;
  std::vector<std::shared_ptr<Work>> after;  // of other streams
  Clock before;                              // everything that is surely done before it
  bool done = false, running = false;
  bool abandoned = false;  // its stream went before it was done; stream and context are no more
  const Graph* graph = nullptr;  // whose node it is
  int node = 0;
  uint64_t launch = 0;                               // which launch of a graph
  std::shared_ptr<const Graph> owner;                // keeps graph alive
  std::function<void(Work*)> prepare;                // called when it is enqueued
  double time = 0;                                   // seconds, when an event's mark was done
  std::shared_ptr<std::vector<char>> staging;        // a copy of memory that was not pinned
  uint64_t source = 0;                               // checksum of pinned memory that is copied from
  size_t collective = 0;                             // which one of its communicator
  bool guarded = false;                              // source was taken
  std::vector<std::pair<uint64_t, uint64_t>> hosts;  // pinned memory that it uses: address, bytes
};
using WorkPtr = std::shared_ptr<Work>;

struct Stream : Object {
  unsigned flags;
  int index;  // in a Clock
  uint64_t issued = 0;
  std::deque<WorkPtr> pending;
  WorkPtr last;
  std::shared_ptr<Capture> capture;
  std::vector<int> captured;  // while capturing: nodes that the next one comes after
  Stream(Context* c, unsigned f);
  ~Stream() override;
};

struct Event : Object {
  unsigned flags;
  WorkPtr mark;
  std::shared_ptr<Capture> capture;
  std::vector<int> captured;
  bool asked = false;  // a query has already answered "not yet"
  Event(Context* c, unsigned f) : Object("event", c), flags(f) {}
};

// streamOf finds the stream of a handle (null and 1 are the legacy default stream).
Stream* streamOf(void* handle);

// submit adds work to a stream, or to the graph that it captures.
int submit(Stream* s, std::shared_ptr<Work> work);
// enqueue adds work to a stream that does not capture.
void enqueue(Stream* s, WorkPtr work);

// finish does all that work needs, and work itself.
int finish(const WorkPtr& work);
// await, awaitStream and awaitAll are the host's own waiting: what it submits afterwards comes
// after what it waited for.
int await(const WorkPtr& work);
int awaitStream(Stream* s);
int awaitAll(Context* c);

// refuseInCapture returns the error of a call that no thread may make while a stream of c
// captures, and breaks those captures; 0 if none does.
int refuseInCapture(Context* c);

// ordered says whether everything that a did is sure to come before what b does.
bool ordered(const Work& a, const Work& b);
// behindAll says whether all work that is still to be done, or yet to be submitted, comes after a.
bool behindAll(const Work& a);
void join(Clock* into, const Clock& other);

// pendingUses says whether work not yet done uses the host's [address, address+bytes).
bool pendingUses(uint64_t address, size_t bytes);

}  // namespace emu
