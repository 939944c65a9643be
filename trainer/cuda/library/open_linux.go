//go:build linux && (amd64 || arm64)

package library

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"unsafe"

	"github.com/ebitengine/purego"
)

// Served says whether libraries can be opened on this system.
const Served = true

// open loads a file, or a name that the loader looks for by itself.
func open(path string) (uintptr, error) {
	return purego.Dlopen(path, purego.RTLD_NOW|purego.RTLD_LOCAL)
}

// located is the full path of an opened library, from the loader's own record of it (dlinfo).
func located(handle uintptr, path string) string {
	dlinfo, err := purego.Dlsym(purego.RTLD_DEFAULT, "dlinfo")
	if err != nil {
		return path
	}
	const linkMap = 2
	var record *struct{ at, name uintptr }
	if Call(dlinfo, handle, linkMap, uintptr(unsafe.Pointer(&record))) != 0 {
		return path
	}
	return Text(record.name)
}

func lookUp(handle uintptr, name string) uintptr {
	a, err := purego.Dlsym(handle, name)
	if err != nil {
		return 0
	}
	return a
}

// missing says that the file itself is not there; one that it needs may be missing, too.
func missing(err error, path string) bool {
	if filepath.IsAbs(path) {
		_, statErr := os.Stat(path)
		return errors.Is(statErr, fs.ErrNotExist)
	}
	return strings.HasPrefix(err.Error(), path+": cannot open shared object file: No such file")
}

// Call calls a C function of integers and pointers and gives its result. What pointers point at
// is kept alive, and in its place, during the call.
//
//go:uintptrescapes
func Call(function uintptr, args ...uintptr) uintptr {
	r, _, _ := purego.SyscallN(function, args...)
	return r
}

// Text reads a C string that a library owns; none is empty.
func Text(address uintptr) string {
	if address == 0 {
		return ""
	}
	start := *(*unsafe.Pointer)(unsafe.Pointer(&address)) // C's memory, which Go does not move
	n := 0
	for *(*byte)(unsafe.Add(start, n)) != 0 {
		n++
	}
	return string(unsafe.Slice((*byte)(start), n))
}
