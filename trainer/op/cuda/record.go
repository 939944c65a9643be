package cuda

import (
	"github.com/scalelaw/scalelaw/trainer/cuda/driver"
	"github.com/scalelaw/scalelaw/trainer/op"
)

var _ op.Queue = (*Device)(nil)

// Record implements op.Queue: work becomes a graph. A failure, also one of a replay, is that of
// the next Read.
func (d *Device) Record(work func()) (replay func()) {
	var graph driver.Graph
	d.run("Record", func() error { return d.gpu.BeginCapture(d.stream) })
	if d.err != nil {
		return func() {}
	}
	d.scratch.sealed, d.recording = true, true
	work()
	d.scratch.sealed, d.recording = false, false
	err := d.gpu.Do(func() (err error) {
		graph, err = d.gpu.EndCapture(d.stream)
		return err
	})
	if err != nil {
		d.fail(err) // of work, where that failed: it came first
	}
	return func() {
		d.run("replay", func() error { return d.gpu.LaunchGraph(graph, d.stream) })
	}
}
