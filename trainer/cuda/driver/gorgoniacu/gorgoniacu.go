//go:build gorgonia_cu && linux && cgo

// Package gorgoniacu is the driver through gorgonia.org/cu: the second implementation of the seam,
// behind the build tag gorgonia_cu (make gorgonia-cu). It can never be in the default program:
// gorgonia.org/cu links libcuda.so.1, and ends the process at start where there is no GPU.
//
// What that package lacks (pinned memory, captures, limits of shared memory, the text of errors)
// is called here directly.
package gorgoniacu

// #include <cuda.h>
import "C"

import (
	"fmt"
	"reflect"

	"gorgonia.org/cu"

	"github.com/scalelaw/scalelaw/trainer/cuda/driver"
	"github.com/scalelaw/scalelaw/trainer/cuda/driver/owner"
)

// Driver is the linked driver.
type Driver struct{ newest driver.Version }

var _ driver.Driver = Driver{}

// Load gives the driver, which gorgonia.org/cu has started already.
func Load() (driver.Driver, error) {
	v := driver.Version(cu.Version())
	if v < driver.Oldest {
		return nil, driver.Errorf(driver.DriverTooOld, "the driver serves CUDA up to %v, %v is needed: update NVIDIA's driver", v, driver.Oldest)
	}
	return Driver{v}, nil
}

// Version implements driver.Driver.
func (d Driver) Version() driver.Version { return d.newest }

// Library implements driver.Driver.
func (d Driver) Library() string { return "libcuda.so.1 (linked by gorgonia.org/cu)" }

// Devices implements driver.Driver.
func (d Driver) Devices() ([]driver.Info, error) {
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

func (d Driver) count() (int, error) {
	n, err := cu.NumDevices()
	if err != nil {
		return 0, failed("cuDeviceGetCount", err)
	}
	if n == 0 {
		return 0, driver.Errorf(driver.NoGPU, "the driver (CUDA %v) sees no device", d.newest)
	}
	return n, nil
}

// Open implements driver.Driver.
func (d Driver) Open(ordinal int) (driver.Device, error) {
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

func (d Driver) open(ordinal int) (owner.Raw, error) {
	info, err := d.describe(ordinal)
	if err != nil {
		return nil, err
	}
	device, err := cu.GetDevice(ordinal)
	if err != nil {
		return nil, failed("cuDeviceGet", err)
	}
	if err := device.SetPrimaryCtxFlags(cu.SchedBlockingSync); err != nil {
		return nil, failed("cuDevicePrimaryCtxSetFlags", err)
	}
	context, err := device.RetainPrimaryCtx()
	if err != nil {
		return nil, failed("cuDevicePrimaryCtxRetain", err)
	}
	if err := cu.SetCurrentContext(context); err != nil {
		_ = device.ReleasePrimaryCtx() // the first failure is the one to tell
		return nil, failed("cuCtxSetCurrent", err)
	}
	return &raw{info: info, device: device}, nil
}

// failed makes the seam's error of gorgonia.org/cu's, which are CUresults.
func failed(call string, err error) error {
	if err == nil {
		return nil
	}
	v := reflect.ValueOf(err)
	if v.Kind() != reflect.Int {
		return driver.Errorf(driver.Bug, "%s: %v", call, err)
	}
	return check(call, C.CUresult(v.Int()))
}

// check makes an error of a result.
func check(call string, result C.CUresult) error {
	if result == C.CUDA_SUCCESS {
		return nil
	}
	var name, text *C.char
	C.cuGetErrorName(result, &name)
	C.cuGetErrorString(result, &text)
	return driver.Failed(call, int(result), C.GoString(name), C.GoString(text))
}
