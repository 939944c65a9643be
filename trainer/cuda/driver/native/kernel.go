//go:build linux && (amd64 || arm64)

package native

import (
	"fmt"
	"runtime"
	"unsafe"

	"github.com/scalelaw/scalelaw/trainer/cuda/driver"
	"github.com/scalelaw/scalelaw/trainer/cuda/library"
)

// maxArgs is how many arguments a kernel may take here.
const maxArgs = 64

// arguments are the values, and the addresses of them that cuLaunchKernel takes. It is on Go's
// heap, where nothing moves, as long as the device; the driver copies from it during the call.
type arguments struct {
	values    [maxArgs]uint64
	addresses [maxArgs]uintptr
}

// set fills in the arguments and gives the address of their addresses.
func (a *arguments) set(args []driver.Arg) {
	for i, arg := range args {
		a.values[i] = arg.Bits
		a.addresses[i] = uintptr(unsafe.Pointer(&a.values[i]))
	}
}

func (r *raw) LoadModule(image []byte) (driver.Module, error) {
	var pin runtime.Pinner
	pin.Pin(unsafe.SliceData(image))
	defer pin.Unpin()
	var m driver.Module
	err := r.call(moduleLoadData, uintptr(unsafe.Pointer(&m)), address(image))
	return m, err
}

func (r *raw) UnloadModule(m driver.Module) error { return r.call(moduleUnload, uintptr(m)) }

func (r *raw) Function(m driver.Module, name string) (driver.Function, error) {
	c := append([]byte(name), 0)
	var f driver.Function
	if err := r.call(moduleGetFunction, uintptr(unsafe.Pointer(&f)), uintptr(m), uintptr(unsafe.Pointer(unsafe.SliceData(c)))); err != nil {
		return 0, fmt.Errorf("kernel %s: %w", name, err)
	}
	_, err := r.attribute(f, functionMaxThreads) // modules load lazily, which a capture forbids: this loads it now
	r.sizes[f] = r.parameters(f)
	return f, err
}

// parameters are the sizes of a kernel's parameters; nil where the driver is too old to tell.
func (r *raw) parameters(f driver.Function) []int {
	if r.paramInfo == 0 {
		return nil
	}
	sizes := []int{}
	for {
		var offset, bytes uint64
		if library.Call(r.paramInfo, uintptr(f), uintptr(len(sizes)), uintptr(unsafe.Pointer(&offset)), uintptr(unsafe.Pointer(&bytes))) != 0 {
			return sizes // there are no more
		}
		sizes = append(sizes, int(bytes))
	}
}

// fit checks arguments against the parameters: the driver itself reads whatever is there.
func (r *raw) fit(l driver.Launch) error {
	if len(l.Args) > maxArgs {
		return driver.Errorf(driver.Bug, "a kernel with %d arguments: at most %d", len(l.Args), maxArgs)
	}
	sizes := r.sizes[l.Function]
	if sizes == nil {
		return nil
	}
	if len(sizes) != len(l.Args) {
		return driver.Errorf(driver.Bug, "a launch with %d arguments of a kernel that takes %d", len(l.Args), len(sizes))
	}
	for i, arg := range l.Args {
		if arg.Size != sizes[i] {
			return driver.Errorf(driver.Bug, "argument %d of a launch has %d bytes, the kernel takes %d", i, arg.Size, sizes[i])
		}
	}
	return nil
}

func (r *raw) attribute(f driver.Function, which uintptr) (int, error) {
	var v int32
	err := r.call(funcGetAttribute, uintptr(unsafe.Pointer(&v)), which, uintptr(f))
	return int(v), err
}

func (r *raw) FunctionInfo(f driver.Function) (driver.FunctionInfo, error) {
	var info driver.FunctionInfo
	for _, a := range []struct {
		attribute uintptr // CUfunction_attribute
		to        *int
	}{
		{functionRegisters, &info.Registers}, {functionStaticShared, &info.StaticShared}, {functionLocal, &info.Local},
		{functionMaxThreads, &info.MaxThreads}, {functionBinary, &info.Binary},
	} {
		v, err := r.attribute(f, a.attribute)
		if err != nil {
			return info, err
		}
		*a.to = v
	}
	return info, nil
}

func (r *raw) SetDynamicShared(f driver.Function, bytes int) error {
	return r.call(funcSetAttribute, uintptr(f), functionMaxDynamicShared, uintptr(bytes))
}

func (r *raw) Launch(l driver.Launch) error {
	if err := r.fit(l); err != nil {
		return err
	}
	r.args.set(l.Args)
	g, b := l.Grid, l.Block
	return r.call(launchKernel, uintptr(l.Function),
		size(g.X), size(g.Y), size(g.Z), size(b.X), size(b.Y), size(b.Z),
		uintptr(l.Shared), uintptr(l.Stream), uintptr(unsafe.Pointer(&r.args.addresses)), 0)
}

func size(n int) uintptr { return uintptr(max(n, 1)) }
