//go:build linux && (amd64 || arm64)

// Package native is NVIDIA's driver, loaded at run time without cgo: libcuda.so.1 of CUDA 11.8
// to 13. Programs that import it start on machines that have none.
package native

import (
	"fmt"
	"unsafe"

	"github.com/scalelaw/scalelaw/trainer/cuda/driver"
	"github.com/scalelaw/scalelaw/trainer/cuda/driver/owner"
	"github.com/scalelaw/scalelaw/trainer/cuda/library"
)

// Driver is the loaded driver.
type Driver struct {
	*api
	newest driver.Version
}

var _ driver.Driver = (*Driver)(nil)

// Load finds and starts the driver. Its errors are of the classes NoDriver, DriverTooOld,
// LibraryForeign and NoGPU.
func Load(s library.Search) (driver.Driver, error) {
	a, err := openAPI(s)
	if err != nil {
		return nil, err
	}
	if err := a.call(initialize, 0); err != nil {
		return nil, fmt.Errorf("%s: %w", a.Path, err)
	}
	v, err := a.version()
	if err != nil {
		return nil, err
	}
	if v < driver.Oldest {
		return nil, tooOld(a, v)
	}
	return &Driver{a, v}, nil
}

func tooOld(a *api, v driver.Version) error {
	return driver.Errorf(driver.DriverTooOld, "%s serves CUDA up to %v, %v is needed: update NVIDIA's driver", a.Path, v, driver.Oldest)
}

func (a *api) version() (driver.Version, error) {
	var v int32
	err := a.call(driverGetVersion, uintptr(unsafe.Pointer(&v)))
	return driver.Version(v), err
}

// Version implements driver.Driver.
func (d *Driver) Version() driver.Version { return d.newest }

// Library implements driver.Driver.
func (d *Driver) Library() string { return d.Path }

// Devices implements driver.Driver.
func (d *Driver) Devices() ([]driver.Info, error) {
	n, err := d.count()
	if err != nil {
		return nil, err
	}
	all := make([]driver.Info, n)
	for i := range all {
		if all[i], err = d.describe(i); err != nil {
			return nil, fmt.Errorf("device %d: %w", i, err)
		}
	}
	return all, nil
}

func (d *Driver) count() (int, error) {
	var n int32
	if err := d.call(deviceGetCount, uintptr(unsafe.Pointer(&n))); err != nil {
		return 0, err
	}
	if n == 0 {
		return 0, driver.Errorf(driver.NoGPU, "the driver (CUDA %v) sees no device: CUDA_VISIBLE_DEVICES may hide them, a container needs --gpus", d.newest)
	}
	return int(n), nil
}

// Open implements driver.Driver.
func (d *Driver) Open(ordinal int) (driver.Device, error) {
	n, err := d.count()
	if err != nil {
		return nil, err
	}
	if ordinal < 0 || ordinal >= n {
		return nil, driver.Errorf(driver.NoGPU, "device %d: this host has devices 0 to %d", ordinal, n-1)
	}
	device, err := owner.Open(func() (owner.Raw, error) { return d.open(ordinal) })
	if err != nil {
		return nil, fmt.Errorf("device %d: %w", ordinal, err)
	}
	return device, nil
}

// open retains the primary context on the calling thread. It never creates a context:
// cuCtxCreate has another signature in CUDA 13, and libraries work in the primary one.
func (d *Driver) open(ordinal int) (owner.Raw, error) {
	info, err := d.describe(ordinal)
	if err != nil {
		return nil, err
	}
	id, err := d.device(ordinal)
	if err != nil {
		return nil, err
	}
	if err := d.call(primaryCtxSetFlags, id, blockingSync); err != nil {
		return nil, err
	}
	var context uintptr
	if err := d.call(primaryCtxRetain, uintptr(unsafe.Pointer(&context)), id); err != nil {
		return nil, err
	}
	if err := d.call(ctxSetCurrent, context); err != nil {
		_ = d.call(primaryCtxRelease, id) // the first failure is the one to tell
		return nil, err
	}
	return &raw{api: d.api, info: info, device: id, args: new(arguments), sizes: map[driver.Function][]int{}}, nil
}
