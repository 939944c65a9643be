//go:build linux

package owner

import "github.com/scalelaw/scalelaw/trainer/cuda/driver"

// LoadModule implements driver.Kernels.
func (d *Device) LoadModule(image []byte) (driver.Module, error) {
	return get(d, func() (driver.Module, error) {
		if len(image) == 0 {
			return 0, driver.Errorf(driver.Bug, "an empty cubin")
		}
		m, err := d.raw.LoadModule(image)
		return give(d.held.modules, m, err)
	})
}

// UnloadModule implements driver.Kernels.
func (d *Device) UnloadModule(m driver.Module) error {
	return d.call(func() error { return takeBack(d.held.modules, m, "module", d.raw.UnloadModule) })
}

// Function implements driver.Kernels.
func (d *Device) Function(m driver.Module, name string) (driver.Function, error) {
	return get(d, func() (driver.Function, error) { return d.raw.Function(m, name) })
}

// FunctionInfo implements driver.Kernels.
func (d *Device) FunctionInfo(f driver.Function) (driver.FunctionInfo, error) {
	return get(d, func() (driver.FunctionInfo, error) { return d.raw.FunctionInfo(f) })
}

// SetDynamicShared implements driver.Kernels.
func (d *Device) SetDynamicShared(f driver.Function, bytes int) error {
	return d.call(func() error { return d.raw.SetDynamicShared(f, bytes) })
}

// Launch implements driver.Kernels.
func (d *Device) Launch(l driver.Launch) error {
	return d.call(func() error { return d.raw.Launch(l) })
}

// BeginCapture implements driver.Graphs.
func (d *Device) BeginCapture(s driver.Stream) error {
	return d.call(func() error {
		err := d.raw.BeginCapture(s)
		if err == nil {
			d.held.capturing[s] = struct{}{}
		}
		return err
	})
}

// EndCapture implements driver.Graphs.
func (d *Device) EndCapture(s driver.Stream) (driver.Graph, error) {
	return get(d, func() (driver.Graph, error) {
		g, err := d.raw.EndCapture(s)
		if err == nil {
			delete(d.held.capturing, s)
		}
		return give(d.held.graphs, g, err)
	})
}

// LaunchGraph implements driver.Graphs.
func (d *Device) LaunchGraph(g driver.Graph, s driver.Stream) error {
	return d.call(func() error { return d.raw.LaunchGraph(g, s) })
}

// FreeGraph implements driver.Graphs.
func (d *Device) FreeGraph(g driver.Graph) error {
	return d.call(func() error { return takeBack(d.held.graphs, g, "graph", d.raw.FreeGraph) })
}
