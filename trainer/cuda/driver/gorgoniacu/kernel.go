//go:build gorgonia_cu && linux && cgo

package gorgoniacu

// #include <cuda.h>
import "C"

import (
	"fmt"
	"unsafe"

	"gorgonia.org/cu"

	"github.com/scalelaw/scalelaw/trainer/cuda/driver"
)

// maxArgs is how many arguments a kernel may take, as in driver/native.
const maxArgs = 64

func (r *raw) LoadModule(image []byte) (driver.Module, error) {
	m, err := cu.LoadData(string(image))
	return handle[driver.Module](m), failed("cuModuleLoadData", err)
}

func (r *raw) UnloadModule(m driver.Module) error {
	return failed("cuModuleUnload", handle[cu.Module](m).Unload())
}

func (r *raw) Function(m driver.Module, name string) (driver.Function, error) {
	found, err := handle[cu.Module](m).Function(name)
	if err != nil {
		return 0, fmt.Errorf("kernel %s: %w", name, failed("cuModuleGetFunction", err))
	}
	f := handle[driver.Function](found)
	_, err = r.attribute(f, 0) // modules load lazily, which a capture forbids: this loads it now
	return f, err
}

func (r *raw) attribute(f driver.Function, which cu.FunctionAttribute) (int, error) {
	v, err := handle[cu.Function](f).Attribute(which)
	return v, failed("cuFuncGetAttribute", err)
}

func (r *raw) FunctionInfo(f driver.Function) (driver.FunctionInfo, error) {
	var info driver.FunctionInfo
	for _, a := range []struct {
		attribute cu.FunctionAttribute
		to        *int
	}{
		{cu.NumRegs, &info.Registers}, {cu.SharedSizeBytes, &info.StaticShared}, {cu.LocalSizeBytes, &info.Local},
		{cu.FnMaxThreadsPerBlock, &info.MaxThreads}, {cu.BinaryVersion, &info.Binary},
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
	return check("cuFuncSetAttribute", C.cuFuncSetAttribute(handle[C.CUfunction](f), C.CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES, C.int(bytes)))
}

func (r *raw) Launch(l driver.Launch) error {
	if len(l.Args) > maxArgs {
		return driver.Errorf(driver.Bug, "a kernel with %d arguments: at most %d", len(l.Args), maxArgs)
	}
	args := make([]unsafe.Pointer, len(l.Args))
	for i := range l.Args {
		args[i] = unsafe.Pointer(&l.Args[i].Bits)
	}
	g, b := l.Grid, l.Block
	return failed("cuLaunchKernel", handle[cu.Function](l.Function).Launch(
		size(g.X), size(g.Y), size(g.Z), size(b.X), size(b.Y), size(b.Z), l.Shared, stream(l.Stream), args))
}

func size(n int) int { return max(n, 1) }
