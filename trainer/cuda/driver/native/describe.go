//go:build linux && (amd64 || arm64)

package native

import (
	"bytes"
	"fmt"
	"unsafe"

	"github.com/scalelaw/scalelaw/trainer/cuda/driver"
)

// device gives the driver's own number of the device at an ordinal.
func (d *Driver) device(ordinal int) (uintptr, error) {
	var id int32
	err := d.call(deviceGet, uintptr(unsafe.Pointer(&id)), uintptr(ordinal))
	return uintptr(id), err
}

// describe asks for all that Info holds.
func (d *Driver) describe(ordinal int) (driver.Info, error) {
	info := driver.Info{Ordinal: ordinal, Driver: d.newest}
	id, err := d.device(ordinal)
	if err != nil {
		return info, err
	}
	if err := d.identify(id, &info); err != nil {
		return info, err
	}
	for _, a := range []struct {
		attribute uintptr // CUdevice_attribute
		to        *int
	}{
		{attributeMajor, &info.Major}, {attributeMinor, &info.Minor}, {attributeSMs, &info.SMs},
		{attributeSharedBlockOpt, &info.SharedBlock}, {attributeSharedSM, &info.SharedSM}, {attributeL2, &info.L2},
		{attributeClock, &info.ClockKHz}, {attributeMemoryClock, &info.MemoryKHz}, {attributeMemoryBus, &info.MemoryBus},
		{attributeThreadsPerSM, &info.ThreadsPerSM},
	} {
		var v int32
		if err := d.call(deviceGetAttribute, uintptr(unsafe.Pointer(&v)), a.attribute, id); err != nil {
			return info, fmt.Errorf("attribute %d: %w", a.attribute, err)
		}
		*a.to = int(v)
	}
	return info, nil
}

// identify asks for the names of a device and its memory.
func (d *Driver) identify(id uintptr, info *driver.Info) error {
	var name, bus [256]byte
	var uuid [16]byte
	var memory uint64
	if err := d.call(deviceGetName, uintptr(unsafe.Pointer(&name)), uintptr(len(name)), id); err != nil {
		return err
	}
	if err := d.call(deviceGetPCIBusID, uintptr(unsafe.Pointer(&bus)), uintptr(len(bus)), id); err != nil {
		return err
	}
	if err := d.call(deviceGetUUID, uintptr(unsafe.Pointer(&uuid)), id); err != nil {
		return err
	}
	if err := d.call(deviceTotalMem, uintptr(unsafe.Pointer(&memory)), id); err != nil {
		return err
	}
	info.Name, info.Bus = cText(name[:]), cText(bus[:])
	info.UUID = fmt.Sprintf("GPU-%x-%x-%x-%x-%x", uuid[:4], uuid[4:6], uuid[6:8], uuid[8:10], uuid[10:])
	info.Memory = int64(memory)
	return nil
}

func cText(b []byte) string {
	before, _, _ := bytes.Cut(b, []byte{0})
	return string(before)
}
