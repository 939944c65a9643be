//go:build gorgonia_cu && linux && cgo

package gorgoniacu

// #include <cuda.h>
import "C"

import (
	"gorgonia.org/cu"

	"github.com/scalelaw/scalelaw/trainer/cuda/driver"
)

// BeginCapture forbids what would disturb the capture to this thread alone: other devices go on.
func (r *raw) BeginCapture(s driver.Stream) error {
	return check("cuStreamBeginCapture", C.cuStreamBeginCapture(handle[C.CUstream](s), C.CU_STREAM_CAPTURE_MODE_THREAD_LOCAL))
}

func (r *raw) EndCapture(s driver.Stream) (driver.Graph, error) {
	var graph C.CUgraph
	if err := check("cuStreamEndCapture", C.cuStreamEndCapture(handle[C.CUstream](s), &graph)); err != nil {
		return 0, err
	}
	ready, err := instantiate(graph)
	if destroyed := failed("cuGraphDestroy", handle[cu.Graph](graph).Destroy()); err == nil && destroyed != nil {
		_ = r.FreeGraph(ready)
		return 0, destroyed
	}
	return ready, err
}

func instantiate(graph C.CUgraph) (driver.Graph, error) {
	var nodes C.size_t
	if err := check("cuGraphGetNodes", C.cuGraphGetNodes(graph, nil, &nodes)); err != nil {
		return 0, err
	}
	if nodes == 0 {
		return 0, driver.Errorf(driver.Bug, "a capture that recorded nothing")
	}
	var ready C.CUgraphExec
	err := check("cuGraphInstantiateWithFlags", C.cuGraphInstantiateWithFlags(&ready, graph, 0))
	return handle[driver.Graph](ready), err
}

func (r *raw) LaunchGraph(g driver.Graph, s driver.Stream) error {
	return check("cuGraphLaunch", C.cuGraphLaunch(handle[C.CUgraphExec](g), handle[C.CUstream](s)))
}

func (r *raw) FreeGraph(g driver.Graph) error {
	return failed("cuGraphExecDestroy", handle[cu.ExecGraph](g).Destroy())
}
