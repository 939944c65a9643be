//go:build gorgonia_cu && linux && cgo

package gorgoniacu

// #include <cuda.h>
import "C"

import (
	"errors"
	"fmt"
	"runtime"
	"unsafe"

	"gorgonia.org/cu"

	"github.com/scalelaw/scalelaw/trainer/cuda/driver"
)

func (r *raw) Allocate(bytes int) (driver.Pointer, error) {
	p, err := cu.MemAlloc(int64(bytes))
	err = failed("cuMemAlloc", err)
	if driver.Is(err, driver.OutOfMemory) {
		if free, total, infoErr := r.MemoryInfo(); infoErr == nil {
			err = fmt.Errorf("%d MiB of device memory were asked for, %d of %d are free: %w", bytes>>20, free>>20, total>>20, err)
		}
	}
	return driver.Pointer(p), err
}

func (r *raw) Free(p driver.Pointer) error {
	return failed("cuMemFree", cu.MemFree(cu.DevicePtr(p)))
}

func (r *raw) AllocatePinned(bytes int) (driver.Pinned, error) {
	var start unsafe.Pointer
	err := check("cuMemHostAlloc", C.cuMemHostAlloc(&start, C.size_t(bytes), 0))
	if err != nil {
		if e := (*driver.Error)(nil); errors.As(err, &e) && e.Class == driver.OutOfMemory {
			e.Class = driver.HostMemory
		}
		return nil, err
	}
	return unsafe.Slice((*byte)(start), bytes), nil
}

func (r *raw) FreePinned(p driver.Pinned) error {
	return failed("cuMemFreeHost", cu.MemFreeHost(start(p)))
}

func start(b []byte) unsafe.Pointer { return unsafe.Pointer(unsafe.SliceData(b)) }

func (r *raw) MemoryInfo() (free, total int64, err error) {
	free, total, err = cu.MemInfo()
	return free, total, failed("cuMemGetInfo", err)
}

func (r *raw) Write(s driver.Stream, dst driver.Pointer, src []byte) error {
	return r.pinned(src, s, func() error { return r.WriteAsync(s, dst, src) })
}

func (r *raw) Read(s driver.Stream, dst []byte, src driver.Pointer) error {
	return r.pinned(dst, s, func() error { return r.ReadAsync(s, dst, src) })
}

// pinned keeps b in its place until the copy that it takes part in is done.
func (r *raw) pinned(b []byte, s driver.Stream, copy func() error) error {
	var pin runtime.Pinner
	pin.Pin(unsafe.SliceData(b))
	defer pin.Unpin()
	if err := copy(); err != nil {
		return err
	}
	return r.Synchronize(s)
}

func (r *raw) WriteAsync(s driver.Stream, dst driver.Pointer, src driver.Pinned) error {
	return failed("cuMemcpyHtoDAsync", cu.MemcpyHtoDAsync(cu.DevicePtr(dst), start(src), int64(len(src)), stream(s)))
}

func (r *raw) ReadAsync(s driver.Stream, dst driver.Pinned, src driver.Pointer) error {
	return failed("cuMemcpyDtoHAsync", cu.MemcpyDtoHAsync(start(dst), cu.DevicePtr(src), int64(len(dst)), stream(s)))
}

func (r *raw) CopyAsync(s driver.Stream, dst, src driver.Pointer, bytes int) error {
	return failed("cuMemcpyDtoDAsync", cu.MemcpyDtoDAsync(cu.DevicePtr(dst), cu.DevicePtr(src), int64(bytes), stream(s)))
}

func (r *raw) FillAsync(s driver.Stream, dst driver.Pointer, value byte, bytes int) error {
	return failed("cuMemsetD8Async", cu.MemsetD8Async(cu.DevicePtr(dst), value, int64(bytes), stream(s)))
}
