package library

import (
	"runtime"
	"unsafe"
)

// String is the address of a C string, which is in its place until pin lets go.
func String(pin *runtime.Pinner, s string) uintptr {
	c := append([]byte(s), 0)
	start := unsafe.SliceData(c)
	pin.Pin(start)
	return uintptr(unsafe.Pointer(start))
}

// Strings is the address of an array of C strings; none of none.
func Strings(pin *runtime.Pinner, all []string) uintptr {
	if len(all) == 0 {
		return 0
	}
	addresses := make([]uintptr, len(all))
	for i, s := range all {
		addresses[i] = String(pin, s)
	}
	start := unsafe.SliceData(addresses)
	pin.Pin(start)
	return uintptr(unsafe.Pointer(start))
}
