//go:build linux && (amd64 || arm64)

package native

import (
	"errors"
	"fmt"
	"runtime"
	"unsafe"

	"github.com/scalelaw/scalelaw/trainer/cuda/driver"
)

func (r *raw) Allocate(bytes int) (driver.Pointer, error) {
	var p driver.Pointer
	err := r.call(memAlloc, uintptr(unsafe.Pointer(&p)), uintptr(bytes))
	if driver.Is(err, driver.OutOfMemory) {
		if free, total, infoErr := r.MemoryInfo(); infoErr == nil {
			err = fmt.Errorf("%d MiB of device memory were asked for, %d of %d are free: %w", mib(int64(bytes)), mib(free), mib(total), err)
		}
	}
	return p, err
}

func mib(bytes int64) int64 { return bytes >> 20 }

func (r *raw) Free(p driver.Pointer) error { return r.call(memFree, uintptr(p)) }

func (r *raw) AllocatePinned(bytes int) (driver.Pinned, error) {
	var start *byte // outside of Go's heap
	if err := r.call(memHostAlloc, uintptr(unsafe.Pointer(&start)), uintptr(bytes), 0); err != nil {
		if e := (*driver.Error)(nil); errors.As(err, &e) && e.Class == driver.OutOfMemory {
			e.Class = driver.HostMemory
			err = fmt.Errorf("%d MiB of page-locked memory: %w", mib(int64(bytes)), err)
		}
		return nil, err
	}
	return unsafe.Slice(start, bytes), nil
}

func (r *raw) FreePinned(p driver.Pinned) error { return r.call(memFreeHost, address(p)) }

// address is where memory outside of Go's heap, or pinned in it, begins.
func address(b []byte) uintptr { return uintptr(unsafe.Pointer(unsafe.SliceData(b))) }

func (r *raw) MemoryInfo() (free, total int64, err error) {
	var f, t uint64
	err = r.call(memGetInfo, uintptr(unsafe.Pointer(&f)), uintptr(unsafe.Pointer(&t)))
	return int64(f), int64(t), err
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
	return r.call(memcpyHtoDAsync, uintptr(dst), address(src), uintptr(len(src)), uintptr(s))
}

func (r *raw) ReadAsync(s driver.Stream, dst driver.Pinned, src driver.Pointer) error {
	return r.call(memcpyDtoHAsync, address(dst), uintptr(src), uintptr(len(dst)), uintptr(s))
}

func (r *raw) CopyAsync(s driver.Stream, dst, src driver.Pointer, bytes int) error {
	return r.call(memcpyDtoDAsync, uintptr(dst), uintptr(src), uintptr(bytes), uintptr(s))
}

func (r *raw) FillAsync(s driver.Stream, dst driver.Pointer, value byte, bytes int) error {
	return r.call(memsetD8Async, uintptr(dst), uintptr(value), uintptr(bytes), uintptr(s))
}
