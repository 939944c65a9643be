// Stream capture and graphs. A graph's nodes are pieces of work that each launch enqueues anew.
#pragma once
#include "stream.h"

namespace emu {

struct Node {
  Work work;               // without stream, number and clocks
  std::vector<int> after;  // earlier nodes
};

struct Graph : Object {
  std::vector<Node> nodes;
  std::vector<std::vector<bool>> before;  // before[b][a]: a is sure to come before b
  explicit Graph(Context* c) : Object("graph", c) {}
};

struct Executable : Object {
  std::shared_ptr<Graph> graph;
  explicit Executable(Context* c) : Object("executable graph", c) {}
};

struct Capture {
  std::unique_ptr<Graph> graph;
  Stream* origin;
  int mode;
  uint64_t thread;
  int broken = 0;
};

int captureWork(Stream* s, const WorkPtr& work);
// breakCapture ends a capture with an error, which it returns.
int breakCapture(const std::shared_ptr<Capture>& capture, int code);
// refuseImplicit is for calls that would wait for the legacy stream while blocking streams capture.
int refuseImplicit(Context* c);
bool nodeBefore(const Graph* graph, int a, int b);

}  // namespace emu
