//go:build gorgonia_cu && linux && cgo

package gorgoniacu

// #include <cuda.h>
import "C"

import (
	"fmt"

	"gorgonia.org/cu"

	"github.com/scalelaw/scalelaw/trainer/cuda/driver"
)

// describe asks for all that Info holds.
func (d Driver) describe(ordinal int) (driver.Info, error) {
	info := driver.Info{Ordinal: ordinal, Driver: d.newest}
	device, err := cu.GetDevice(ordinal)
	if err != nil {
		return info, failed("cuDeviceGet", err)
	}
	if info.Name, err = device.Name(); err != nil {
		return info, failed("cuDeviceGetName", err)
	}
	id, err := device.UUID()
	if err != nil {
		return info, failed("cuDeviceGetUuid", err)
	}
	info.UUID = "GPU-" + id.String()
	if info.Memory, err = device.TotalMem(); err != nil {
		return info, failed("cuDeviceTotalMem", err)
	}
	var bus [256]C.char
	if err := check("cuDeviceGetPCIBusId", C.cuDeviceGetPCIBusId(&bus[0], C.int(len(bus)), C.CUdevice(device))); err != nil {
		return info, err
	}
	info.Bus = C.GoString(&bus[0])
	return info, attributes(device, &info)
}

func attributes(device cu.Device, info *driver.Info) error {
	for _, a := range []struct {
		attribute cu.DeviceAttribute
		to        *int
	}{
		{cu.ComputeCapabilityMajor, &info.Major}, {cu.ComputeCapabilityMinor, &info.Minor}, {cu.MultiprocessorCount, &info.SMs},
		{97, &info.SharedBlock}, {cu.MaxSharedMemoryPerMultiprocessor, &info.SharedSM}, {cu.L2CacheSize, &info.L2},
		{cu.ClockRate, &info.ClockKHz}, {cu.MemoryClockRate, &info.MemoryKHz}, {cu.GlobalMemoryBusWidth, &info.MemoryBus},
		{cu.MaxThreadsPerMultiprocessor, &info.ThreadsPerSM},
	} {
		v, err := device.Attribute(a.attribute)
		if err != nil {
			return fmt.Errorf("attribute %d: %w", a.attribute, failed("cuDeviceGetAttribute", err))
		}
		*a.to = v
	}
	return nil
}
