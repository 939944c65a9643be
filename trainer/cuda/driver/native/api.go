//go:build linux && (amd64 || arm64)

package native

import (
	"unsafe"

	"github.com/scalelaw/scalelaw/trainer/cuda/driver"
	"github.com/scalelaw/scalelaw/trainer/cuda/library"
)

// api is the opened library.
type api struct {
	*library.Library
	at        [functions]uintptr
	paramInfo uintptr // 0: the driver is older than it
}

func openAPI(s library.Search) (*api, error) {
	lib, err := s.Open(library.Want{
		What: "NVIDIA's driver", Files: []library.File{{Name: "libcuda.so.1"}},
	}, 0)
	if driver.Is(err, driver.LibraryMissing) {
		return nil, driver.Errorf(driver.NoDriver, "this host has no libcuda.so.1, which comes with NVIDIA's driver (a container needs the NVIDIA container toolkit and --gpus all)")
	}
	if err != nil {
		return nil, err
	}
	a := &api{Library: lib}
	if err := lib.Functions(names[:], a.at[:]); err != nil {
		return nil, a.explain(err)
	}
	a.paramInfo, _ = lib.Function(paramInfo)
	return a, nil
}

// explain says when functions are missing because the driver is old.
func (a *api) explain(lacks error) error {
	if a.at[driverGetVersion] == 0 {
		return lacks
	}
	if v, err := a.version(); err == nil && v < driver.Oldest {
		return tooOld(a, v)
	}
	return lacks
}

// call calls a function and makes an error of its result.
//
//go:uintptrescapes
func (a *api) call(f function, args ...uintptr) error {
	return a.check(names[f], library.Call(a.at[f], args...))
}

// invoke calls a function and gives its result.
//
//go:uintptrescapes
func (a *api) invoke(f function, args ...uintptr) uintptr { return library.Call(a.at[f], args...) }

func (a *api) check(call string, result uintptr) error {
	if code := int(int32(result)); code != 0 {
		return driver.Failed(call, code, a.words(getErrorName, code), a.words(getErrorString, code))
	}
	return nil
}

// words are CUDA's own about a result.
func (a *api) words(f function, code int) string {
	var text uintptr
	if library.Call(a.at[f], uintptr(code), uintptr(unsafe.Pointer(&text))) != 0 {
		return "no name"
	}
	return library.Text(text)
}
