// Instantiated graphs and their launches.
#include <algorithm>
#include <random>

#include "capture.h"

using namespace emu;

namespace {

// sequence gives an order of the nodes that the graph allows: as recorded, or another one when
// threads and blocks are not in their natural order either.
std::vector<int> sequence(const Graph& g) {
  std::vector<int> left(g.nodes.size()), ready, result;
  for (size_t i = 0; i < g.nodes.size(); i++)
    if ((left[i] = int(g.nodes[i].after.size())) == 0) ready.push_back(int(i));
  std::mt19937_64 random(settings.seed);
  while (!ready.empty()) {
    size_t pick = 0;
    if (settings.order == Order::natural) pick = std::min_element(ready.begin(), ready.end()) - ready.begin();
    if (settings.order == Order::reversed) pick = std::max_element(ready.begin(), ready.end()) - ready.begin();
    if (settings.order == Order::shuffled) pick = random() % ready.size();
    int node = ready[pick];
    ready.erase(ready.begin() + long(pick));
    result.push_back(node);
    for (size_t i = 0; i < g.nodes.size(); i++)
      for (int earlier : g.nodes[i].after)
        if (earlier == node && --left[i] == 0) ready.push_back(int(i));
  }
  return result;
}

CUresult instantiate(void** out, void* handle) {
  auto* g = find<Graph>(handle);
  if (!out || !g) return CUDA_ERROR_INVALID_VALUE;
  auto e = std::make_unique<Executable>(current());
  e->graph = std::make_shared<Graph>(*g);
  *out = keep(std::move(e));
  return 0;
}

// launch enqueues every node; all of them come after what s holds, and what follows comes
// after all of them.
void launch(Stream* s, const std::shared_ptr<Graph>& graph) {
  static uint64_t launches = 0;
  uint64_t number = ++launches;
  for (int index : sequence(*graph)) {
    auto work = std::make_shared<Work>(graph->nodes[index].work);
    work->owner = graph;
    work->graph = graph.get();
    work->node = index;
    work->launch = number;
    enqueue(s, work);
  }
}

}  // namespace

API CUresult cuGraphCreate(void** out, unsigned flags) {
  ENTER(context);
  if (!out || flags != 0) return CUDA_ERROR_INVALID_VALUE;
  *out = keep(std::make_unique<Graph>(current()));
  return 0;
}

API CUresult cuGraphInstantiateWithFlags(void** out, void* graph, unsigned long long) { ENTER(context); return instantiate(out, graph); }
API CUresult cuGraphInstantiate_v2(void** out, void* graph, void**, char*, size_t) { ENTER(context); return instantiate(out, graph); }

API CUresult cuGraphDestroy(void* graph) {
  ENTER(context);
  return find<Graph>(graph) ? (world.live.erase(graph), 0) : CUDA_ERROR_INVALID_VALUE;
}

API CUresult cuGraphExecDestroy(void* executable) {
  ENTER(context);
  return find<Executable>(executable) ? (world.live.erase(executable), 0) : CUDA_ERROR_INVALID_VALUE;
}

API CUresult cuGraphUpload(void* executable, void* stream) {
  ENTER(context);
  return find<Executable>(executable) && streamOf(stream) ? 0 : CUDA_ERROR_INVALID_VALUE;
}

API CUresult cuGraphGetNodes(void* graph, void** nodes, size_t* count) {
  ENTER(context);
  auto* g = find<Graph>(graph);
  if (!g || !count) return CUDA_ERROR_INVALID_VALUE;
  size_t room = nodes ? *count : 0;
  *count = g->nodes.size();
  for (size_t i = 0; i < room && i < g->nodes.size(); i++) nodes[i] = &g->nodes[i];
  return 0;
}

API CUresult cuGraphLaunch(void* executable, void* handle) {
  ENTER(context);
  auto* e = find<Executable>(executable);
  Stream* s = streamOf(handle);
  if (!e || !s) return CUDA_ERROR_INVALID_HANDLE;
  if (s->capture) return breakCapture(s->capture, CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED);
  launch(s, e->graph);
  return 0;
}
