//go:build linux && (amd64 || arm64)

package native

import (
	"unsafe"

	"github.com/scalelaw/scalelaw/trainer/cuda/driver"
)

// BeginCapture forbids what would disturb the capture to this thread alone: other devices go on.
func (r *raw) BeginCapture(s driver.Stream) error {
	return r.call(streamBeginCapture, uintptr(s), threadLocal)
}

func (r *raw) EndCapture(s driver.Stream) (driver.Graph, error) {
	var graph uintptr
	if err := r.call(streamEndCapture, uintptr(s), uintptr(unsafe.Pointer(&graph))); err != nil {
		return 0, err
	}
	ready, err := r.instantiate(graph)
	if destroyed := r.call(graphDestroy, graph); err == nil && destroyed != nil {
		_ = r.FreeGraph(ready)
		return 0, destroyed
	}
	return ready, err
}

func (r *raw) instantiate(graph uintptr) (driver.Graph, error) {
	var nodes uint64
	if err := r.call(graphGetNodes, graph, 0, uintptr(unsafe.Pointer(&nodes))); err != nil {
		return 0, err
	}
	if nodes == 0 {
		return 0, driver.Errorf(driver.Bug, "a capture that recorded nothing")
	}
	var ready driver.Graph
	err := r.call(graphInstantiate, uintptr(unsafe.Pointer(&ready)), graph, 0)
	return ready, err
}

func (r *raw) LaunchGraph(g driver.Graph, s driver.Stream) error {
	return r.call(graphLaunch, uintptr(g), uintptr(s))
}

func (r *raw) FreeGraph(g driver.Graph) error { return r.call(graphExecDestroy, uintptr(g)) }
